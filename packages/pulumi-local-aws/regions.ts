/** A region as AWS tells it. */
export interface Region {
  /** Such as `US East (N. Virginia)`. */
  readonly name: string;
  /**
   * Account of SageMaker's own XGBoost and scikit-learn images there. @default - AWS publishes none
   * https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
   */
  readonly imageAccountId?: string;
}

/** The regions of partition `aws`. */
export const REGIONS: Readonly<Record<string, Region>> = {
  "af-south-1": { name: "Africa (Cape Town)", imageAccountId: "510948584623" },
  "ap-east-1": { name: "Asia Pacific (Hong Kong)", imageAccountId: "651117190479" },
  "ap-east-2": { name: "Asia Pacific (Taipei)" },
  "ap-northeast-1": { name: "Asia Pacific (Tokyo)", imageAccountId: "354813040037" },
  "ap-northeast-2": { name: "Asia Pacific (Seoul)", imageAccountId: "366743142698" },
  "ap-northeast-3": { name: "Asia Pacific (Osaka)", imageAccountId: "867004704886" },
  "ap-south-1": { name: "Asia Pacific (Mumbai)", imageAccountId: "720646828776" },
  "ap-south-2": { name: "Asia Pacific (Hyderabad)", imageAccountId: "628508329040" },
  "ap-southeast-1": { name: "Asia Pacific (Singapore)", imageAccountId: "121021644041" },
  "ap-southeast-2": { name: "Asia Pacific (Sydney)", imageAccountId: "783357654285" },
  "ap-southeast-3": { name: "Asia Pacific (Jakarta)", imageAccountId: "951798379941" },
  "ap-southeast-4": { name: "Asia Pacific (Melbourne)", imageAccountId: "106583098589" },
  "ap-southeast-5": { name: "Asia Pacific (Malaysia)" },
  "ap-southeast-6": { name: "Asia Pacific (New Zealand)" },
  "ap-southeast-7": { name: "Asia Pacific (Thailand)" },
  "ca-central-1": { name: "Canada (Central)", imageAccountId: "341280168497" },
  "ca-west-1": { name: "Canada West (Calgary)", imageAccountId: "190319476487" },
  "eu-central-1": { name: "Europe (Frankfurt)", imageAccountId: "492215442770" },
  "eu-central-2": { name: "Europe (Zurich)", imageAccountId: "680994064768" },
  "eu-north-1": { name: "Europe (Stockholm)", imageAccountId: "662702820516" },
  "eu-south-1": { name: "Europe (Milan)", imageAccountId: "978288397137" },
  "eu-south-2": { name: "Europe (Spain)", imageAccountId: "104374241257" },
  "eu-west-1": { name: "Europe (Ireland)", imageAccountId: "141502667606" },
  "eu-west-2": { name: "Europe (London)", imageAccountId: "764974769150" },
  "eu-west-3": { name: "Europe (Paris)", imageAccountId: "659782779980" },
  "il-central-1": { name: "Israel (Tel Aviv)", imageAccountId: "898809789911" },
  "me-central-1": { name: "Middle East (UAE)", imageAccountId: "272398656194" },
  "me-south-1": { name: "Middle East (Bahrain)", imageAccountId: "801668240914" },
  "me-west-1": { name: "Middle East (Saudi Arabia)" },
  "mx-central-1": { name: "Mexico (Central)" },
  "sa-east-1": { name: "South America (Sao Paulo)", imageAccountId: "737474898029" },
  "sa-west-1": { name: "South America (Chile)" },
  "us-east-1": { name: "US East (N. Virginia)", imageAccountId: "683313688378" },
  "us-east-2": { name: "US East (Ohio)", imageAccountId: "257758044811" },
  "us-west-1": { name: "US West (N. California)", imageAccountId: "746614075791" },
  "us-west-2": { name: "US West (Oregon)", imageAccountId: "246618743249" },
};
