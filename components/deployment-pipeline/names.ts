import * as pulumi from "@pulumi/pulumi";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { callerPartition, callerRegion } from "../caller";
import { modelPrefix } from "../../lib/release";

/** The stacks that a pipeline deploys, in their order. */
export const DEPLOYED_STACKS = ["train", "dev", "prod"] as const;
/** One of them. */
export type DeployedStack = (typeof DEPLOYED_STACKS)[number];

/** What a pipeline passes from action to action. */
export const SOURCE_CODE = "SourceCode";
export const RELEASE_DATA = "ReleaseData";
export const RELEASE = "Release";
export type Artifact = typeof SOURCE_CODE | typeof RELEASE_DATA | typeof RELEASE;

/** CodePipeline cuts the names of pipeline and artifact to so many characters in an artifact's key. */
const PIPELINE_CHARACTERS = 20;
const ARTIFACT_CHARACTERS = 10;

/** Prefix of an artifact's keys in the artifact bucket: `mlops-nyctaxi-pipeli/SourceCode`. */
export function artifactPrefix(pipelineName: string, artifact: Artifact): string {
  return `${pipelineName.slice(0, PIPELINE_CHARACTERS)}/${artifact.slice(0, ARTIFACT_CHARACTERS)}`;
}

export function pipelineName(model: string): string {
  return `${modelPrefix(model)}-pipeline`;
}

/** The name begins differently from the other pipeline's, so that their artifacts lie in different folders. */
export function pullRequestPipelineName(model: string): string {
  return `pr-${pipelineName(model)}`;
}

/** Domains of the console in other partitions than `aws`. */
const CONSOLES: Readonly<Partial<Record<string, string>>> = {
  "aws-cn": "amazonaws.cn",
  "aws-us-gov": "amazonaws-us-gov.com",
};

/** ARNs, and addresses of the console, in the account and region of a pipeline. */
export class Arns {
  readonly accountId: pulumi.Output<string>;
  private readonly region: pulumi.Output<string>;
  private readonly partition: pulumi.Output<string>;

  constructor(of: pulumi.Resource) {
    this.partition = callerPartition(of);
    this.region = callerRegion(of);
    this.accountId = getCallerIdentityOutput({}, { parent: of }).accountId;
  }

  /** @param resource such as `function:name` */
  of(service: string, resource: string): pulumi.Output<string> {
    return pulumi.interpolate`arn:${this.partition}:${service}:${this.region}:${this.accountId}:${resource}`;
  }

  /** ARN of an IAM resource, which has no region: `role/name`, `root`. */
  iam(resource: string): pulumi.Output<string> {
    return pulumi.interpolate`arn:${this.partition}:iam::${this.accountId}:${resource}`;
  }

  /** ARN of a dashboard, which has no region either. */
  dashboard(name: string): pulumi.Output<string> {
    return pulumi.interpolate`arn:${this.partition}:cloudwatch::${this.accountId}:dashboard/${name}`;
  }

  /** ARN of a policy of AWS's own: `service-role/name`. */
  awsPolicy(path: string): pulumi.Output<string> {
    return pulumi.interpolate`arn:${this.partition}:iam::aws:policy/${path}`;
  }

  /** ARN of an API Gateway resource, which is a path and has no account: `/restapis/*`. */
  apiGateway(path: string): pulumi.Output<string> {
    return pulumi.interpolate`arn:${this.partition}:apigateway:${this.region}::${path}`;
  }

  /** Address of a page of the console: `codesuite/codepipeline/pipelines`. */
  consolePage(path: string): pulumi.Output<string> {
    const domain = this.partition.apply((partition) => CONSOLES[partition] ?? "aws.amazon.com");
    return pulumi.interpolate`https://${this.region}.console.${domain}/${path}?region=${this.region}`;
  }

  /** ARN of a bucket, or of objects: `bucket/key`. */
  s3(path: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi.interpolate`arn:${this.partition}:s3:::${path}`;
  }
}
