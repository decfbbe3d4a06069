import type { Aws } from "./aws";
import { boolean, text } from "./kinds";
import { type Properties, optional, required } from "./properties";
import { REGIONS } from "./regions";
import { type Value, type Values, isList, textOf } from "./values";

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
  "aws:synthetics/getRuntimeVersion:getRuntimeVersion": {
    inputs: { prefix: required(text), latest: optional(boolean), region: optional(text) },
    async run(aws, args) {
      const { restCall, blockOf } = await import("./rest.js");
      const prefix = textOf(args.prefix);
      if (args.latest !== true) {
        throw new Error("the local AWS provider finds a runtime version only with latest");
      }
      const answer = await restCall(aws, "synthetics", { method: "POST", path: "/runtime-versions", body: {} });
      const versions = (isList(answer.RuntimeVersions) ? answer.RuntimeVersions.map(blockOf) : [])
        .filter(({ VersionName }) => textOf(VersionName).startsWith(prefix))
        .sort((a, b) => Number(b.ReleaseDate) - Number(a.ReleaseDate));
      const [newest] = versions;
      if (newest === undefined) {
        throw new Error(`there is no runtime version of Synthetics that begins with ${prefix}`);
      }
      return {
        id: textOf(newest.VersionName),
        prefix,
        latest: true,
        versionName: textOf(newest.VersionName),
        description: textOf(newest.Description),
        releaseDate: dateOf(newest.ReleaseDate),
        deprecationDate: dateOf(newest.DeprecationDate),
        region: aws.region,
      };
    },
  },
};

/** Of seconds since 1970; empty where there are none. */
const dateOf = (seconds: Value | undefined) =>
  typeof seconds === "number" ? new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z") : "";

/** The account that AWS publishes an image from; `undefined` where it does not. */
function imageAccount(repositoryName: string, region: string): string | undefined {
  const { imageAccountId, analyzerAccountId } = REGIONS[region] ?? {};
  return repositoryName === ANALYZER
    ? analyzerAccountId
    : IMAGE_REPOSITORIES.includes(repositoryName)
      ? imageAccountId
      : undefined;
}
