import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  StopTrainingJobCommand,
  type CreateTrainingJobRequest,
  type DescribeTrainingJobResponse,
  type TrainingInstanceType,
} from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { explaining } from "../support/provider";
import { count, s3Uri, text } from "../support/inputs";
import { experimentConfig } from "./experiment";
import { JOB_DEFAULTS, jobInputs, passingFailure, vpcConfig, type JobInputs, type JobKind } from "./job-kind";
import { jobProvider } from "./job-provider";

/** Data that a training job reads. */
interface TrainingChannel {
  /** Name by which the container finds it, such as `train` or `validation`. */
  name: string;
  /** S3 prefix of the files. */
  s3Uri: string;
  /** Media type of the files, such as `csv`. @default none */
  contentType?: string;
}

/** How to read a metric from the container's log. */
interface MetricDefinition {
  name: string;
  /** Regular expression whose first group is the value. */
  regex: string;
}

/** Limits for a metric of the finished job. At least one of them must be given. */
interface QualityGate {
  /** Name of a final metric, such as `validation:rmse`. */
  metricName: string;
  /** Greatest allowed value. */
  maximum?: number;
  /** Least allowed value. */
  minimum?: number;
}

/** What a training job is to do, and how to wait for it. */
export interface TrainingJobInputs extends JobInputs {
  /** ECR image of the algorithm. */
  trainingImage: string;
  /** Hyperparameters in SageMaker's form: every value is text. */
  hyperparameters?: Record<string, string>;
  channels: TrainingChannel[];
  /**
   * The model archive goes to `<s3OutputPath>/<jobName>/output/model.tar.gz`; that of a later attempt to
   * `<s3OutputPath>/<jobName>/<attempt's name>/output/model.tar.gz`.
   */
  s3OutputPath: string;
  /** Metrics to read from the log. SageMaker refuses them for its own images, whose metrics it knows. @default none of its own */
  metricDefinitions?: MetricDefinition[];
  /** Trains on spot capacity, for which it may wait so long, the run included. @default on demand */
  maxWaitSeconds?: number;
  /** S3 prefix that SageMaker keeps `/opt/ml/checkpoints` in, and restores it from. @default nothing is kept */
  checkpointUri?: string;
  /** @default every completed job is good enough */
  gate?: QualityGate;
}

/** What came of a training job. */
export interface TrainingResults {
  /** S3 URI of the model archive. */
  modelDataUrl: string;
  /** Last value of each metric, by name. */
  metrics: Record<string, number>;
  /** Seconds that are paid for. */
  billableSeconds: number;
  /** Seconds that the job trained. */
  trainingSeconds: number;
}

const MOST_HYPERPARAMETERS = 100;
/** 28 days. */
const MOST_SECONDS = 2_419_200;

const METRIC_NAME = z.string().min(1);

const schema = z.strictObject({
  ...jobInputs,
  maxRuntimeSeconds: count().max(MOST_SECONDS),
  trainingImage: z.string().min(1),
  hyperparameters: z
    .record(z.string().max(256), z.string().max(2500))
    .refine((given) => Object.keys(given).length <= MOST_HYPERPARAMETERS, {
      error: ({ input }) => `must be at most ${MOST_HYPERPARAMETERS}, got ${Object.keys(input ?? {}).length}`,
    })
    .optional(),
  channels: z
    .array(
      z.strictObject({
        name: text(/^[A-Za-z0-9.\-_]{1,64}$/, "1 to 64 letters, digits, dots, hyphens and underscores"),
        s3Uri: s3Uri(),
        contentType: z.string().optional(),
      }),
    )
    .min(1)
    .refine((channels) => new Set(channels.map(({ name }) => name)).size === channels.length, {
      error: "must have different names",
    }),
  s3OutputPath: s3Uri(),
  metricDefinitions: z.array(z.strictObject({ name: METRIC_NAME, regex: z.string().min(1) })).optional(),
  maxWaitSeconds: count().max(MOST_SECONDS).optional(),
  checkpointUri: s3Uri().optional(),
  gate: z
    .strictObject({ metricName: METRIC_NAME, maximum: z.number().optional(), minimum: z.number().optional() })
    .refine(({ maximum, minimum }) => maximum !== undefined || minimum !== undefined, {
      error: "must have a maximum or a minimum",
    })
    .optional(),
});

/** The SDK's list is always older than SageMaker's newest types. So only the form is checked here; SageMaker refuses unknown types. */
function isInstanceType(type: string): type is TrainingInstanceType {
  return type.startsWith("ml.");
}

function definition(inputs: TrainingJobInputs): Omit<CreateTrainingJobRequest, "TrainingJobName"> {
  return {
    AlgorithmSpecification: {
      TrainingImage: inputs.trainingImage,
      TrainingInputMode: "File",
      MetricDefinitions: inputs.metricDefinitions?.map(({ name, regex }) => ({ Name: name, Regex: regex })),
    },
    RoleArn: inputs.roleArn,
    HyperParameters: inputs.hyperparameters ?? {},
    InputDataConfig: inputs.channels.map(({ name, s3Uri: uri, contentType }) => ({
      ChannelName: name,
      ContentType: contentType,
      DataSource: {
        S3DataSource: { S3DataType: "S3Prefix", S3Uri: uri, S3DataDistributionType: "FullyReplicated" },
      },
    })),
    OutputDataConfig: { S3OutputPath: inputs.s3OutputPath, KmsKeyId: inputs.outputKmsKeyId },
    ResourceConfig: {
      InstanceType: isInstanceType(inputs.instanceType) ? inputs.instanceType : undefined,
      InstanceCount: inputs.instanceCount,
      VolumeSizeInGB: inputs.volumeSizeInGB,
      VolumeKmsKeyId: inputs.volumeKmsKeyId,
    },
    StoppingCondition: {
      MaxRuntimeInSeconds: inputs.maxRuntimeSeconds,
      MaxWaitTimeInSeconds: inputs.maxWaitSeconds,
    },
    EnableManagedSpotTraining: inputs.maxWaitSeconds === undefined ? undefined : true,
    CheckpointConfig: inputs.checkpointUri === undefined ? undefined : { S3Uri: inputs.checkpointUri },
    VpcConfig: vpcConfig(inputs),
    Environment: inputs.environment ?? {},
    EnableNetworkIsolation: inputs.enableNetworkIsolation,
    ExperimentConfig: experimentConfig(inputs.experiment),
  };
}

/** Metrics that are finite numbers. A job that diverged reports NaN or infinities, which the engine's state cannot store. */
function finiteMetrics({ FinalMetricDataList = [] }: DescribeTrainingJobResponse): Record<string, number> {
  return Object.fromEntries(
    FinalMetricDataList.flatMap(({ MetricName, Value }) =>
      MetricName !== undefined && Value !== undefined && Number.isFinite(Value) ? [[MetricName, Value]] : [],
    ),
  );
}

const trainingJob: JobKind<TrainingJobInputs, DescribeTrainingJobResponse, TrainingResults> = {
  noun: "training job",
  logGroup: "/aws/sagemaker/TrainingJobs",
  schema,
  defaults: JOB_DEFAULTS,
  besidesDefinition: ["pollSeconds", "timeoutSeconds", "tags", "gate"],
  definition,
  again: (inputs, jobName) => ({
    ...inputs,
    jobName,
    s3OutputPath: `${inputs.s3OutputPath.replace(/\/+$/, "")}/${inputs.jobName}`,
  }),
  longestSeconds: ({ maxWaitSeconds }) => maxWaitSeconds,
  create: (client, inputs, Tags) => {
    const request: CreateTrainingJobRequest = { TrainingJobName: inputs.jobName, ...definition(inputs), Tags };
    return client.send(new CreateTrainingJobCommand(request));
  },
  describe: (client, jobName) => client.send(new DescribeTrainingJobCommand({ TrainingJobName: jobName })),
  stop: (client, jobName) => client.send(new StopTrainingJobCommand({ TrainingJobName: jobName })),
  view: (described) => ({
    arn: described.TrainingJobArn ?? "",
    status: described.TrainingJobStatus ?? "",
    phase: described.SecondaryStatus,
    failure: described.FailureReason,
    canHeal: passingFailure(described.FailureReason),
    ranTooLong: described.SecondaryStatus === "MaxRuntimeExceeded",
    waitedTooLong: described.SecondaryStatus === "MaxWaitTimeExceeded",
  }),
  results: (described) => ({
    modelDataUrl: described.ModelArtifacts?.S3ModelArtifacts,
    metrics: finiteMetrics(described),
    billableSeconds: described.BillableTimeInSeconds,
    trainingSeconds: described.TrainingTimeInSeconds,
  }),
  objection: ({ metrics = {} }, { gate }) => {
    if (gate === undefined) {
      return undefined;
    }
    const { metricName, maximum = Infinity, minimum = -Infinity } = gate;
    const value = metrics[metricName];
    if (value === undefined) {
      const reported = Object.keys(metrics).join(", ") || "none";
      return `the quality gate needs the metric ${metricName}, and no such number was reported (reported: ${reported})`;
    }
    if (value > maximum) {
      return `the quality gate wants ${metricName} to be at most ${maximum}, and it is ${value}`;
    }
    return value < minimum
      ? `the quality gate wants ${metricName} to be at least ${minimum}, and it is ${value}`
      : undefined;
  },
};

/** Behaviour of `TrainingJobRun`. */
export const trainingJobRun = explaining(jobProvider(trainingJob));
