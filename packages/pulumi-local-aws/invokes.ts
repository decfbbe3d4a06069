import type { Aws } from "./aws";
import { text } from "./kinds";
import { type Properties, optional, required } from "./properties";
import { REGIONS } from "./regions";
import { type Values, textOf } from "./values";

/** A function that a program can call, such as `aws.getRegion`. */
export interface Invoke {
  readonly inputs: Properties;
  run(aws: Aws, args: Values): Promise<Values>;
}

const IMAGE_REPOSITORIES = ["sagemaker-xgboost", "sagemaker-scikit-learn"];
const ANALYZER = "sagemaker-model-monitor-analyzer";

/** Every function, by token. Results are named as the AWS provider names them. */
export const invokes: Readonly<Record<string, Invoke>> = {
  "aws:index/getCallerIdentity:getCallerIdentity": {
    inputs: {},
    async run(aws) {
      const { Account = "", Arn = "", UserId = "" } = await aws.callerIdentity();
      return { id: Account, accountId: Account, arn: Arn, userId: UserId };
    },
  },
  "aws:index/getRegion:getRegion": {
    inputs: {},
    async run({ region }) {
      const description = REGIONS[region]?.name ?? region;
      return { id: region, name: region, region, description, endpoint: `ec2.${region}.amazonaws.com` };
    },
  },
  "aws:index/getPartition:getPartition": {
    inputs: {},
    run: async () => ({ id: "aws", partition: "aws", dnsSuffix: "amazonaws.com", reverseDnsPrefix: "com.amazonaws" }),
  },
  "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": {
    inputs: {
      repositoryName: required(text),
      imageTag: optional(text),
      region: optional(text),
      dnsSuffix: optional(text),
    },
    async run(aws, args) {
      const repositoryName = textOf(args.repositoryName);
      const region = textOf(args.region ?? aws.region);
      const imageTag = textOf(args.imageTag ?? "1");
      const dnsSuffix = textOf(args.dnsSuffix ?? "amazonaws.com");
      const registryId = imageAccount(repositoryName, region);
      if (registryId === undefined) {
        throw new Error(
          `the local AWS provider knows only the images ${IMAGE_REPOSITORIES.join(", ")} and ${ANALYZER}, in the regions ` +
            `where AWS has them, not ${repositoryName} in ${region}`,
        );
      }
      const registryPath = `${registryId}.dkr.ecr.${region}.${dnsSuffix}/${repositoryName}:${imageTag}`;
      return { id: registryId, registryId, registryPath, repositoryName, imageTag, region, dnsSuffix };
    },
  },
};

/** The account that AWS publishes an image from; `undefined` where it does not. */
function imageAccount(repositoryName: string, region: string): string | undefined {
  const { imageAccountId, analyzerAccountId } = REGIONS[region] ?? {};
  return repositoryName === ANALYZER
    ? analyzerAccountId
    : IMAGE_REPOSITORIES.includes(repositoryName)
      ? imageAccountId
      : undefined;
}
