/** A region as AWS tells it. */
export interface Region {
  /** Such as `US East (N. Virginia)`. */
  readonly name: string;
  /**
   * Account of SageMaker's own XGBoost and scikit-learn images there. @default - AWS publishes none
   * https://docs.aws.amazon.com/sagemaker/latest/dg-ecr-paths/sagemaker-algo-docker-registry-paths.html
   */
  readonly imageAccountId?: string;
  /** Account of Model Monitor's analyzer there. @default - AWS publishes none */
  readonly analyzerAccountId?: string;
}

/** The regions of partition `aws`. */
export const REGIONS: Readonly<Record<string, Region>> = {
  "af-south-1": { name: "Africa (Cape Town)", imageAccountId: "510948584623", analyzerAccountId: "875698925577" },
  "ap-east-1": { name: "Asia Pacific (Hong Kong)", imageAccountId: "651117190479", analyzerAccountId: "001633400207" },
  "ap-east-2": { name: "Asia Pacific (Taipei)" },
  "ap-northeast-1": { name: "Asia Pacific (Tokyo)", imageAccountId: "354813040037", analyzerAccountId: "574779866223" },
  "ap-northeast-2": { name: "Asia Pacific (Seoul)", imageAccountId: "366743142698", analyzerAccountId: "709848358524" },
  "ap-northeast-3": { name: "Asia Pacific (Osaka)", imageAccountId: "867004704886", analyzerAccountId: "990339680094" },
  "ap-south-1": { name: "Asia Pacific (Mumbai)", imageAccountId: "720646828776", analyzerAccountId: "126357580389" },
  "ap-south-2": { name: "Asia Pacific (Hyderabad)", imageAccountId: "628508329040" },
  "ap-southeast-1": {
    name: "Asia Pacific (Singapore)",
    imageAccountId: "121021644041",
    analyzerAccountId: "245545462676",
  },
  "ap-southeast-2": {
    name: "Asia Pacific (Sydney)",
    imageAccountId: "783357654285",
    analyzerAccountId: "563025443158",
  },
  "ap-southeast-3": {
    name: "Asia Pacific (Jakarta)",
    imageAccountId: "951798379941",
    analyzerAccountId: "669540362728",
  },
  "ap-southeast-4": { name: "Asia Pacific (Melbourne)", imageAccountId: "106583098589" },
  "ap-southeast-5": { name: "Asia Pacific (Malaysia)" },
  "ap-southeast-6": { name: "Asia Pacific (New Zealand)" },
  "ap-southeast-7": { name: "Asia Pacific (Thailand)" },
  "ca-central-1": { name: "Canada (Central)", imageAccountId: "341280168497", analyzerAccountId: "536280801234" },
  "ca-west-1": { name: "Canada West (Calgary)", imageAccountId: "190319476487" },
  "eu-central-1": { name: "Europe (Frankfurt)", imageAccountId: "492215442770", analyzerAccountId: "048819808253" },
  "eu-central-2": { name: "Europe (Zurich)", imageAccountId: "680994064768", analyzerAccountId: "590183933784" },
  "eu-north-1": { name: "Europe (Stockholm)", imageAccountId: "662702820516", analyzerAccountId: "895015795356" },
  "eu-south-1": { name: "Europe (Milan)", imageAccountId: "978288397137", analyzerAccountId: "933208885752" },
  "eu-south-2": { name: "Europe (Spain)", imageAccountId: "104374241257", analyzerAccountId: "437450045455" },
  "eu-west-1": { name: "Europe (Ireland)", imageAccountId: "141502667606", analyzerAccountId: "468650794304" },
  "eu-west-2": { name: "Europe (London)", imageAccountId: "764974769150", analyzerAccountId: "749857270468" },
  "eu-west-3": { name: "Europe (Paris)", imageAccountId: "659782779980", analyzerAccountId: "680080141114" },
  "il-central-1": { name: "Israel (Tel Aviv)", imageAccountId: "898809789911", analyzerAccountId: "843974653677" },
  "me-central-1": { name: "Middle East (UAE)", imageAccountId: "272398656194", analyzerAccountId: "588750061953" },
  "me-south-1": { name: "Middle East (Bahrain)", imageAccountId: "801668240914", analyzerAccountId: "607024016150" },
  "me-west-1": { name: "Middle East (Saudi Arabia)" },
  "mx-central-1": { name: "Mexico (Central)" },
  "sa-east-1": { name: "South America (Sao Paulo)", imageAccountId: "737474898029", analyzerAccountId: "539772159869" },
  "sa-west-1": { name: "South America (Chile)" },
  "us-east-1": { name: "US East (N. Virginia)", imageAccountId: "683313688378", analyzerAccountId: "156813124566" },
  "us-east-2": { name: "US East (Ohio)", imageAccountId: "257758044811", analyzerAccountId: "777275614652" },
  "us-west-1": { name: "US West (N. California)", imageAccountId: "746614075791", analyzerAccountId: "890145073186" },
  "us-west-2": { name: "US West (Oregon)", imageAccountId: "246618743249", analyzerAccountId: "159807026194" },
};
