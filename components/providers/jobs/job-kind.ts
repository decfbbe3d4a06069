import type { SageMakerClient, Tag, VpcConfig } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { JOB_SECONDS_BESIDES_RUNNING } from "../../../lib/build-times";
import { count, positive, region, roleArn, text } from "../support/inputs";
import type { Timing } from "../support/waiter";
import type { Definition } from "./definition";
import type { JobView } from "./job-view";

/** Where a job shows up in SageMaker Experiments. Missing experiments and trials are created. */
export interface TrialAssociation {
  /** Groups all releases of a model. */
  experimentName: string;
  /** Groups the jobs of one release. */
  trialName: string;
  /** What the job is called within its trial, such as `Training`. @default its name */
  displayName?: string;
}

/** Inputs of every job. */
export interface JobInputs extends Timing {
  region: string;
  /** 1 to 63 letters, digits and hyphens. SageMaker never runs a name twice, so later attempts have names made from this one. */
  jobName: string;
  /** Role that the job's containers act as. */
  roleArn: string;
  instanceType: string;
  /** @default 1 */
  instanceCount?: number;
  /** Size of each instance's volume. @default 30 */
  volumeSizeInGB?: number;
  /** KMS key of the volumes. @default SageMaker's own key */
  volumeKmsKeyId?: string;
  /** KMS key of what the job writes to S3. @default the bucket's default encryption */
  outputKmsKeyId?: string;
  /** Seconds after which SageMaker stops the job, at most 2419200 for training and 777600 for processing. @default 3600 */
  maxRuntimeSeconds?: number;
  /** Environment variables of the containers. */
  environment?: Record<string, string>;
  /** Whether the containers are cut off from the network; S3 channels still work. @default false */
  enableNetworkIsolation?: boolean;
  /** Where the containers get their network interfaces. @default - SageMaker's own network */
  vpc?: { subnetIds: string[]; securityGroupIds: string[] };
  experiment?: TrialAssociation;
  /** Where the job comes from: git branch, commit, data version. A change alters the tags of the same job. */
  tags?: Record<string, string>;
}

/** Outputs of every job. */
export interface JobOutputs {
  jobArn: string;
  /** AWS's status of the job when it was last looked at. */
  status: string;
}

/** One kind of SageMaker job; `Described` is the answer of its describe operation. */
export interface JobKind<Inputs extends JobInputs, Described extends object, Results extends object> {
  /** The kind in words, such as `training job`. */
  readonly noun: string;
  /** CloudWatch log group of all jobs of this kind; a job's streams begin with its name and a slash. */
  readonly logGroup: string;
  readonly schema: z.ZodObject;
  /** Defaults of inputs that the program does not give. */
  readonly defaults: Partial<Inputs>;
  /** Inputs that do not say what the job does. A job that exists already may have other values. */
  readonly besidesDefinition: readonly (keyof Inputs & string)[];
  /** The members of the create request that say what the job does: all but its name and tags. */
  definition(inputs: Inputs): Definition;
  /** Inputs of a later attempt, which has a name of its own. It must write where the role of the first may write. */
  again(inputs: Inputs, jobName: string): Inputs;
  /** Most seconds between the job's start and its end. What is not known yet stays so. @default - `maxRuntimeSeconds` */
  longestSeconds?(inputs: Inputs): number | undefined;
  create(client: SageMakerClient, inputs: Inputs, tags: Tag[]): Promise<unknown>;
  describe(client: SageMakerClient, jobName: string): Promise<Described>;
  stop(client: SageMakerClient, jobName: string): Promise<unknown>;
  view(described: Described): JobView;
  /** Outputs other than ARN and status, as far as they exist. */
  results(described: Described, inputs: Inputs): Partial<Results>;
  /** Why a completed job is not good enough; `undefined` if it is. Results that the state has kept are checked too. */
  objection?(results: Partial<Results>, inputs: Inputs): string | undefined;
}

const JOB_NAME = text(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/, "1 to 63 letters, digits and single hyphens");
const EXPERIMENT_NAME = text(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,119}$/, "1 to 120 letters, digits and hyphens");

/**
 * What SageMaker says first where it had no instances, or where something of its own broke. SageMaker Pipelines tries again after the same
 * two. https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-retry-policy.html
 */
const PASSING_FAILURE = /^(CapacityError|InternalServerError)\b/;

/** Whether a job with this `FailureReason` may succeed when it is tried again as it is. */
export function passingFailure(failureReason: string | undefined): boolean {
  return failureReason !== undefined && PASSING_FAILURE.test(failureReason);
}

/** SageMaker takes 50 tags, and one of them is ours. */
const MOST_TAGS = 49;

/** Rules for {@link JobInputs}; SageMaker checks what only it can know. */
export const jobInputs = {
  region: region(),
  jobName: JOB_NAME,
  roleArn: roleArn(),
  instanceType: text(/^ml\./, "a SageMaker instance type (ml.*)"),
  instanceCount: count(),
  volumeSizeInGB: count(),
  volumeKmsKeyId: z.string().optional(),
  outputKmsKeyId: z.string().optional(),
  environment: z.record(z.string(), z.string()).optional(),
  enableNetworkIsolation: z.boolean(),
  vpc: z
    .strictObject({
      subnetIds: z.array(z.string()).min(1).max(16),
      securityGroupIds: z.array(z.string()).min(1).max(5),
    })
    .optional(),
  experiment: z
    .strictObject({
      experimentName: EXPERIMENT_NAME,
      trialName: EXPERIMENT_NAME,
      displayName: EXPERIMENT_NAME.optional(),
    })
    .optional(),
  tags: z
    .record(z.string(), z.string())
    .refine((tags) => Object.keys(tags).length <= MOST_TAGS, {
      error: ({ input }) => `must be at most ${MOST_TAGS} tags, got ${Object.keys(input ?? {}).length}`,
    })
    .optional(),
  pollSeconds: positive(),
  timeoutSeconds: positive(),
};

/** Defaults for {@link JobInputs}. */
export const JOB_DEFAULTS = {
  instanceCount: 1,
  volumeSizeInGB: 30,
  maxRuntimeSeconds: 3600,
  enableNetworkIsolation: false,
  pollSeconds: 120,
};

/** A VPC in the form that a create request takes. */
export function vpcConfig({ vpc }: Pick<JobInputs, "vpc">): VpcConfig | undefined {
  return vpc && { Subnets: vpc.subnetIds, SecurityGroupIds: vpc.securityGroupIds };
}

/** How long to wait for a job that may take so long. What is not known yet stays so. */
export function timeoutSeconds(longestSeconds: number | undefined): number | undefined {
  return typeof longestSeconds === "number" ? longestSeconds + JOB_SECONDS_BESIDES_RUNNING : longestSeconds;
}
