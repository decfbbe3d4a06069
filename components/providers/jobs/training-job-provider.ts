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
import { s3Uri, text } from "../support/inputs";
import { experimentConfig } from "./experiment";
import { JOB_DEFAULTS, jobInputs, type JobInputs, type JobKind } from "./job-kind";
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

/** How to read a metric out of what the container prints. */
interface MetricDefinition {
  name: string;
  /** Regular expression whose first group is the value. */
  regex: string;
}

/** What a metric of the finished job must be; at least one of the limits. */
interface QualityGate {
  /** Name of a final metric, such as `validation:rmse`. */
  metricName: string;
  /** The metric may be this at most. */
  maximum?: number;
  /** The metric must be this at least. */
  minimum?: number;
}

/** What a training job is to do, and how to wait for it. */
export interface TrainingJobInputs extends JobInputs {
  /** ECR image of the algorithm. */
  trainingImage: string;
  /** As SageMaker takes them: text, whatever they mean. */
  hyperparameters?: Record<string, string>;
  channels: TrainingChannel[];
  /** The model archive goes to `<s3OutputPath>/<jobName>/output/model.tar.gz`. */
  s3OutputPath: string;
  /** Metrics to read from the log. @default those that SageMaker knows for its own images */
  metricDefinitions?: MetricDefinition[];
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

const METRIC_NAME = z.string().min(1);

const schema = z.strictObject({
  ...jobInputs,
  trainingImage: z.string().min(1),
  hyperparameters: z.record(z.string(), z.string()).optional(),
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
  gate: z
    .strictObject({ metricName: METRIC_NAME, maximum: z.number().optional(), minimum: z.number().optional() })
    .refine(({ maximum, minimum }) => maximum !== undefined || minimum !== undefined, {
      error: "must have a maximum or a minimum",
    })
    .optional(),
});

/** The SDK's list is always older than SageMaker's newest types, so the form decides; SageMaker refuses what it does not have. */
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
    StoppingCondition: { MaxRuntimeInSeconds: inputs.maxRuntimeSeconds },
    Environment: inputs.environment ?? {},
    EnableNetworkIsolation: inputs.enableNetworkIsolation,
    ExperimentConfig: experimentConfig(inputs.experiment),
  };
}

/** Metrics that are numbers: the engine's state has no place for NaN and infinities, as a job that diverged reports. */
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
      return `the quality gate asks for the metric ${metricName}, and no such number was reported (reported: ${reported})`;
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
