import type * as pulumi from "@pulumi/pulumi";
import type * as s3 from "@pulumi/aws/s3";
import type { JobArgs } from "../jobs/arguments";
import type { ServiceRole } from "../service-role";

/** A set of training data, as SageMaker calls it. */
export interface Channel {
  /** Name the algorithm knows it by, such as `train`. */
  readonly name: string;
  /**
   * S3 URI of a folder, or of one object. SageMaker reads every key that begins so, and the role may not read the others: write a folder
   * with its slash where another name beside it begins alike (`data/train/` beside `data/train-old/`).
   */
  readonly s3Uri: pulumi.Input<string>;
  /** @default "text/csv" */
  readonly contentType?: string;
}

/** Limits on one of the final metrics that SageMaker reports of a training job; at least one of them must be given. */
export interface QualityGate {
  /** Metric by its name, such as `validation:rmse`; never by its place in the list, which SageMaker does not promise. */
  readonly metricName: string;
  /** Most that it may be. @default - no upper limit */
  readonly maximum?: number;
  /** Least that it may be. @default - no lower limit */
  readonly minimum?: number;
}

/** A metric that the container prints. */
export interface MetricDefinition {
  /** Such as `validation:auc`. */
  readonly name: string;
  /** Regular expression whose first group is the value, such as `auc=([0-9.]+)`. */
  readonly regex: string;
}

/** Arguments of {@link TrainingJob}. */
export interface TrainingJobArgs extends JobArgs {
  /** URI of the training image. */
  readonly trainingImage: pulumi.Input<string>;
  /** The data, at least one channel, unless there is a `sourceDirectory`. */
  readonly channels: readonly Channel[];
  /** Passed to the algorithm as text, at most 100. Not for secrets: whoever may describe the job reads them. @default - none */
  readonly hyperparameters?: Readonly<Record<string, pulumi.Input<string>>>;
  /** S3 prefix; the archive is written below `<outputUri>/<jobName>/`, by the first attempt to `output/model.tar.gz` there. */
  readonly outputUri: pulumi.Input<string>;
  /** Metrics to read from the container's log. SageMaker refuses them for its own algorithms, whose metrics it knows. @default - none */
  readonly metricDefinitions?: readonly MetricDefinition[];
  /**
   * Folder of a Python program for an image with SageMaker's training toolkit (scikit-learn, PyTorch, XGBoost in script mode): it gets the
   * hyperparameters as arguments and its folders as `SM_…` variables. Its files, at most 200 and none of them hidden, are uploaded below
   * `<outputUri>/code/` and reach the container as channel `code`, also where it is isolated. Other files are another job.
   * https://docs.aws.amazon.com/sagemaker/latest/dg/sklearn.html
   * @default - the image's own program
   */
  readonly sourceDirectory?: string;
  /** File of `sourceDirectory` to run, such as `train.py`. @default - none, where there is no `sourceDirectory` */
  readonly entryPoint?: string;
  /**
   * Trains on spot capacity, which costs less and can be taken away: the container is then started again, from its checkpoints if there are
   * any. https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html
   * @default - on demand
   */
  readonly spot?: SpotTraining;
  /**
   * S3 prefix that SageMaker keeps `/opt/ml/checkpoints` in, and restores it from when the job is started again. It must be the job's own.
   * @default - nothing is kept
   */
  readonly checkpointUri?: pulumi.Input<string>;
  /** What the trained model must reach for the update to go on. A change is judged by the same job's metrics. @default - none */
  readonly qualityGate?: QualityGate;
}

/** How a job uses spot capacity. */
export interface SpotTraining {
  /**
   * Seconds that the job may take with all waiting for capacity; at least `maxRuntimeSeconds`, at most 28 days. Algorithms of SageMaker's
   * that keep no checkpoints may have 3600.
   */
  readonly maxWaitSeconds: number;
}

/** The children of a {@link TrainingJob}; role and policy are absent where `executionRoleArn` is given. */
export interface TrainingJobNodes extends Partial<Omit<ServiceRole, "arn">> {
  /** The job, which the update waits for. */
  readonly job: pulumi.CustomResource;
  /** The files of `sourceDirectory`. */
  readonly source: readonly s3.BucketObjectv2[];
}
