import * as pulumi from "@pulumi/pulumi";
import { TrainingJobRun } from "./resources/training-job-run";
import { hasLocalStorage } from "../lib/local-storage";
import { callerAccount, callerPartition, callerRegion } from "./caller";
import { findBucket, readFolders, runContainer, useKey, writeFolder } from "./container-permissions";
import { serviceRole } from "./service-role";

/** A set of training data, as SageMaker calls it. */
export interface Channel {
  /** Name the algorithm knows it by, such as `train`. */
  readonly name: string;
  /**
   * S3 URI of a folder, or of one object. SageMaker reads every key that begins so, and the role may not read the others: write a folder
   * with its slash where another name beside it begins alike (`data/train/` beside `data/train-old/`).
   */
  readonly s3Uri: string;
  /** @default "text/csv" */
  readonly contentType?: string;
}

/** A limit on one of the final metrics that SageMaker reports of a training job. */
export interface QualityGate {
  /** Metric by its name, such as `validation:rmse`; never by its place in the list, which SageMaker does not promise. */
  readonly metricName: string;
  /** Most that it may be. @default - no upper limit */
  readonly maximum?: number;
  /** Least that it may be. @default - no lower limit */
  readonly minimum?: number;
}

/** Where a job is filed in SageMaker Experiments. */
export interface ExperimentPlace {
  readonly experimentName: string;
  readonly trialName: string;
}

/** What training and baseline jobs have in common. */
export interface JobArgs {
  /** Name of the job, unique in account and region for ever: SageMaker keeps finished jobs. At most 63 characters. */
  readonly jobName: string;
  /** Instance type, such as `ml.m5.xlarge`. Another program is another job. */
  readonly instanceType: string;
  /** Size of the instance's volume in GB. @default 30 */
  readonly volumeSizeInGB?: number;
  /** Seconds after which SageMaker stops the job. The update waits an hour longer, for instances and data. @default 3600 */
  readonly maxRuntimeSeconds?: number;
  /**
   * Whether the container is cut off from the network and has no credentials; SageMaker itself still reads the data and writes the output.
   * Not every image can do without. Another value is another job.
   * @default false
   */
  readonly networkIsolation?: boolean;
  /**
   * Key that encrypts volume and output. The volume of an instance type with storage of its own, such as `ml.g5.xlarge`, is encrypted by
   * the instance instead, since SageMaker takes no key for it.
   * @default - keys that AWS manages
   */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** A job runs without being filed where the experiment is full; SageMaker keeps 300 trials of each. @default - not filed */
  readonly experiment?: ExperimentPlace;
  /** Such as git branch, commit and data version. @default - none */
  readonly tags?: Readonly<Record<string, string>>;
  /** Seconds between two looks at the job. @default 120 */
  readonly pollSeconds?: number;
}

/** Arguments of {@link TrainingJob}. */
export interface TrainingJobArgs extends JobArgs {
  /** URI of the training image. */
  readonly trainingImage: pulumi.Input<string>;
  readonly channels: readonly Channel[];
  /** Passed to the algorithm as text. */
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** S3 prefix; the archive is written below `<outputUri>/<jobName>/`, by the first attempt to `output/model.tar.gz` there. */
  readonly outputUri: string;
  /** What the trained model must reach for the update to go on. @default - none */
  readonly qualityGate?: QualityGate;
}

/**
 * A SageMaker training job, waited for, with a role of its own that reads its channels and writes its output and nothing else.
 *
 * A job cannot be changed: another definition needs another `jobName`. Interrupted, the next update finds the job by its name and goes
 * on watching it. A job that failed because SageMaker had no capacity or an internal error is tried again by the next update, under a name of
 * its own: `<jobName>-attempt-2`. Deleting stops the job if it still runs; its archive stays.
 */
export class TrainingJob extends pulumi.ComponentResource {
  readonly jobArn: pulumi.Output<string>;
  /** S3 URI of the model archive. */
  readonly modelDataUrl: pulumi.Output<string>;
  /** Final metrics by name, such as `validation:rmse`. */
  readonly metrics: pulumi.Output<Record<string, number>>;
  /** Seconds that AWS charges for. */
  readonly billableSeconds: pulumi.Output<number>;

  constructor(name: string, args: TrainingJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:TrainingJob", name, {}, opts);
    const partition = callerPartition(this);
    const volumeKmsKeyId = volumeKey(args);
    const { arn: roleArn } = serviceRole(
      `${name}-role`,
      {
        description: `Training job ${args.jobName}: reads its channels, writes its archive`,
        service: "sagemaker.amazonaws.com",
        statements: [
          ...readFolders(
            partition,
            args.channels.map((channel) => channel.s3Uri),
          ),
          writeFolder(partition, args.outputUri, args.jobName),
          findBucket(partition, args.outputUri),
          ...runContainer(partition, args.trainingImage, "/aws/sagemaker/TrainingJobs"),
          ...useKey(args.kmsKeyArn, { writes: true, volumes: volumeKmsKeyId !== undefined }),
        ],
        tags: args.tags,
      },
      this,
    );
    const job = new TrainingJobRun(
      name,
      {
        region: callerRegion(this),
        account: callerAccount(this),
        jobName: args.jobName,
        roleArn,
        trainingImage: args.trainingImage,
        hyperparameters: args.hyperparameters,
        channels: args.channels.map((channel) => ({ contentType: "text/csv", ...channel })),
        s3OutputPath: args.outputUri,
        outputKmsKeyId: args.kmsKeyArn,
        volumeKmsKeyId,
        instanceType: args.instanceType,
        volumeSizeInGB: args.volumeSizeInGB,
        maxRuntimeSeconds: args.maxRuntimeSeconds,
        enableNetworkIsolation: args.networkIsolation,
        experiment: args.experiment && { ...args.experiment, displayName: "Training" },
        gate: args.qualityGate,
        tags: args.tags,
        pollSeconds: args.pollSeconds,
      },
      { parent: this },
    );
    this.jobArn = job.jobArn;
    this.modelDataUrl = job.modelDataUrl;
    this.metrics = job.metrics;
    this.billableSeconds = job.billableSeconds;
    this.registerOutputs({ jobArn: this.jobArn, modelDataUrl: this.modelDataUrl, metrics: this.metrics });
  }
}

/** The key of a job's volume; none where the instance encrypts it. */
export function volumeKey({ kmsKeyArn, instanceType }: Pick<JobArgs, "kmsKeyArn" | "instanceType">) {
  return hasLocalStorage(instanceType) ? undefined : kmsKeyArn;
}
