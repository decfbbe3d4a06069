import type * as pulumi from "@pulumi/pulumi";
import type { RoleTransforms } from "../service-role";
import type { VpcPlacement } from "../support/vpc";

/** Where a job is filed in SageMaker Experiments. */
export interface ExperimentPlace {
  /** Name of the experiment, which is made where it is missing. */
  readonly experimentName: string;
  /** Name of the trial in it, which is made where it is missing. */
  readonly trialName: string;
}

/**
 * What training and baseline jobs have in common. A job cannot be changed: with another value of anything but `tags` and `pollSeconds`, the
 * preview asks for another `jobName`, which is another job.
 */
export interface JobArgs {
  /** Name of the job, unique in account and region for ever: SageMaker keeps finished jobs. At most 63 characters. */
  readonly jobName: string;
  /** Instance type, such as `ml.m5.xlarge`. */
  readonly instanceType: string;
  /** Number of instances. Their containers must know how to share the work. @default 1 */
  readonly instanceCount?: number;
  /** Size of each instance's volume in GB. @default 30 */
  readonly volumeSizeInGB?: number;
  /** Seconds after which SageMaker stops the job. The update waits an hour longer, for instances and data. @default 3600 */
  readonly maxRuntimeSeconds?: number;
  /** Environment variables of the containers. Not for secrets: whoever may describe the job reads them. @default - none */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Network of the containers. @default - SageMaker's own */
  readonly vpc?: VpcPlacement;
  /**
   * Whether the container is cut off from the network and has no credentials; SageMaker itself still reads the data and writes the output.
   * Not every image can do without.
   * @default false
   */
  readonly enableNetworkIsolation?: boolean;
  /**
   * Role that the containers act as. It must trust `sagemaker.amazonaws.com`, and may do what it needs by the time it is used.
   * @default - a role is made that may read the inputs, pull the image, and write output and logs
   */
  readonly executionRoleArn?: pulumi.Input<string>;
  /**
   * Key that encrypts volume and output. The volume of an instance type with storage of its own, such as `ml.g5.xlarge`, is encrypted by
   * the instance instead, since SageMaker takes no key for it.
   * @default - keys that AWS manages
   */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** A job runs without being filed where the experiment is full; SageMaker keeps 300 trials of each. @default - not filed */
  readonly experiment?: ExperimentPlace;
  /** Such as git branch, commit and data version. A change alters the tags of the same job. @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Seconds between two looks at the job. @default 120 */
  readonly pollSeconds?: number;
  /** What a program changes of the role and its policy, where they are made. @default - they are as the component makes them */
  readonly transform?: RoleTransforms;
}

/** Every argument that jobs have in common; the compiler sees that none is missing. */
export const JOB_ARGUMENTS: Readonly<Record<keyof Required<JobArgs>, true>> = {
  jobName: true,
  instanceType: true,
  instanceCount: true,
  volumeSizeInGB: true,
  maxRuntimeSeconds: true,
  environment: true,
  vpc: true,
  enableNetworkIsolation: true,
  executionRoleArn: true,
  kmsKeyArn: true,
  experiment: true,
  tags: true,
  pollSeconds: true,
  transform: true,
};
