import type { ExperimentConfig, TrialComponentParameterValue } from "@aws-sdk/client-sagemaker";
import { randomUUID } from "node:crypto";
import { sageMakerArn, type Context } from "./context";
import { refuseMembers } from "./errors";
import { createTrial, found } from "./experiments";
import type { ProcessingJob } from "./processing-job";
import type { Store } from "./store";
import type { TrainingJob } from "./training-job";
import type { Details } from "./trial-component";

/** Refuses a job that names an experiment or a trial that does not exist. */
export function checkExperimentConfig(store: Store, config: ExperimentConfig | undefined): void {
  refuseMembers(config ?? {}, ["RunName"], "ExperimentConfig");
  if (config?.ExperimentName !== undefined) {
    found("Experiment", store.experiments, config.ExperimentName);
  }
  if (config?.TrialName !== undefined) {
    found("Trial", store.trials, config.TrialName);
  }
}

/**
 * Makes the trial component that SageMaker makes of every job, and puts it in the trial that the job names; of an
 * experiment without a trial, in a new one.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ExperimentConfig.html
 */
export function addJobComponent(
  context: Context,
  kind: "training",
  job: TrainingJob,
  config: ExperimentConfig | undefined,
): void;
export function addJobComponent(
  context: Context,
  kind: "processing",
  job: ProcessingJob,
  config: ExperimentConfig | undefined,
): void;
export function addJobComponent(
  context: Context,
  kind: "training" | "processing",
  job: TrainingJob | ProcessingJob,
  config: ExperimentConfig | undefined,
): void {
  const name = `${job.name}-aws-${kind}-job`.toLowerCase();
  const arn = sageMakerArn(context, "experiment-trial-component", name);
  context.store.tags.create(arn);
  context.store.trialComponents.set(name, {
    name,
    arn,
    createdAt: job.createdAt,
    get modifiedAt() {
      return job.modifiedAt;
    },
    details: () => ({
      DisplayName: config?.TrialComponentDisplayName ?? name,
      Source: {
        SourceArn: job.arn,
        SourceType: kind === "training" ? "SageMakerTrainingJob" : "SageMakerProcessingJob",
      },
      Status: { PrimaryStatus: job.status === "Deleting" ? "Stopping" : job.status, Message: statusMessage(job) },
      StartTime: job.startedAt,
      EndTime: job.endedAt,
      ...("metrics" in job ? trainingDetails(job) : processingDetails(job)),
    }),
  });
  trialOf(context, config)?.components.add(name);
}

function trialOf(context: Context, config: ExperimentConfig | undefined) {
  if (config?.TrialName !== undefined) {
    return found("Trial", context.store.trials, config.TrialName);
  }
  return config?.ExperimentName === undefined
    ? undefined
    : createTrial(
        context,
        { TrialName: `Default-Run-Group-${randomUUID().slice(0, 8)}`, ExperimentName: config.ExperimentName },
        true,
      );
}

function statusMessage(job: TrainingJob | ProcessingJob): string {
  return [`Status: ${job.status}`, job.failureReason ?? ""].filter((part) => part !== "").join(", ");
}

function trainingDetails(job: TrainingJob): Details {
  const { HyperParameters: given = {}, ResourceConfig: resources, InputDataConfig: channels = [] } = job.input;
  return {
    Parameters: {
      ...Object.fromEntries(Object.entries(given).map(([name, text]) => [name, parameter(text)])),
      ...resourceParameters(resources ?? {}),
    },
    InputArtifacts: {
      "SageMaker.ImageUri": { Value: job.image },
      ...Object.fromEntries(
        channels.map((channel) => [
          channel.ChannelName,
          { MediaType: channel.ContentType, Value: channel.DataSource.S3DataSource?.S3Uri ?? "" },
        ]),
      ),
    },
    OutputArtifacts:
      job.modelArchiveUri === undefined ? {} : { "SageMaker.ModelArtifact": { Value: job.modelArchiveUri } },
    Metrics: job.metrics.summaries().map((metric) => ({
      MetricName: metric.name,
      SourceArn: job.arn,
      TimeStamp: metric.at,
      Last: metric.last,
      Min: metric.min,
      Max: metric.max,
      Avg: metric.average,
      StdDev: metric.standardDeviation,
      Count: metric.count,
    })),
  };
}

function processingDetails(job: ProcessingJob): Details {
  const { AppSpecification: app, ProcessingInputs: inputs = [], ProcessingOutputConfig: outputs } = job.input;
  return {
    Parameters: resourceParameters(job.input.ProcessingResources.ClusterConfig),
    InputArtifacts: {
      "SageMaker.ImageUri": { Value: app.ImageUri },
      ...Object.fromEntries(inputs.map((input) => [input.InputName, { Value: input.S3Input?.S3Uri ?? "" }])),
    },
    OutputArtifacts: Object.fromEntries(
      (outputs?.Outputs ?? []).map((output) => [output.OutputName, { Value: output.S3Output?.S3Uri ?? "" }]),
    ),
  };
}

interface Resources {
  readonly InstanceType?: string;
  readonly InstanceCount?: number;
  readonly VolumeSizeInGB?: number;
}

function resourceParameters({ InstanceType: type, InstanceCount: count, VolumeSizeInGB: gigabytes }: Resources) {
  const given: readonly (readonly [string, TrialComponentParameterValue])[] = [
    ...(type === undefined ? [] : [["SageMaker.InstanceType", { StringValue: type }] as const]),
    ...(count === undefined ? [] : [["SageMaker.InstanceCount", { NumberValue: count }] as const]),
    ...(gigabytes === undefined ? [] : [["SageMaker.VolumeSizeInGB", { NumberValue: gigabytes }] as const]),
  ];
  return Object.fromEntries(given);
}

function parameter(text: string): TrialComponentParameterValue {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? { NumberValue: Number(text) } : { StringValue: text };
}
