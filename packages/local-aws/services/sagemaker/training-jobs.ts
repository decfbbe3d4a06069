import {
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  ListTrainingJobsCommand,
  StopTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
} from "@aws-sdk/client-sagemaker";
import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { messageOf } from "../../core/failure";
import { operation, type Operation } from "../../core/operation";
import { RunControl } from "../../core/run-control";
import { sageMakerArn, type Context } from "./context";
import { invalid, refuseMembers } from "./errors";
import { builtInMetrics } from "./images";
import { addJobComponent, checkExperimentConfig } from "./job-components";
import { checkJobRole } from "./job-role";
import { checkTrainingRules } from "./job-rules";
import { listPage } from "./listing";
import { refuseVolumeKey } from "./local-storage";
import { s3Place } from "./object-store";
import { TrainingJob, type TrainingJobInput } from "./training-job";
import { MetricSeries } from "./training-metrics";
import { runTrainingJob } from "./training-run";

const NOT_HERE = ["ServerlessJobConfig", "MlflowConfig", "ModelPackageConfig", "DebugRuleConfigurations"];

const CHECKPOINTS = "/opt/ml/checkpoints";
/** Part of the time that spot capacity is paid for. AWS saves up to 90 per cent. */
const SPOT_PRICE = 0.3;

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html and its siblings. */
export function trainingJobOperations(context: Context): readonly Operation[] {
  const jobs = context.store.trainingJobs;
  const find = (name: string) => {
    const job = jobs.get(name);
    if (job === undefined) {
      throw invalid("Requested resource not found.");
    }
    return job;
  };
  return [
    operation(CreateTrainingJobCommand, async (input) => ({ TrainingJobArn: (await create(context, input)).arn })),
    operation(DescribeTrainingJobCommand, ({ TrainingJobName }) => describe(find(TrainingJobName))),
    operation(StopTrainingJobCommand, ({ TrainingJobName }) => {
      stop(find(TrainingJobName));
      return {};
    }),
    operation(ListTrainingJobsCommand, (request) => {
      refuseMembers(request, ["WarmPoolStatusEquals", "TrainingPlanArnEquals"], "ListTrainingJobs");
      const { items, NextToken } = listPage(jobs.values(), request, "Ascending");
      return { TrainingJobSummaries: items.map(summary), NextToken };
    }),
  ];
}

async function create(context: Context, input: TrainingJobInput): Promise<TrainingJob> {
  const { TrainingJobName: name } = input;
  const arn = sageMakerArn(context, "training-job", name);
  refuseDuplicate(context, name, arn);
  const image = supportedImage(input);
  checkTrainingRules(input, image);
  checkExperimentConfig(context.store, input.ExperimentConfig);
  const { S3OutputPath: outputUri, KmsKeyId: outputKeyId } = input.OutputDataConfig;
  const { VolumeKmsKeyId: volumeKeyId, InstanceType: instanceType } = input.ResourceConfig ?? {};
  s3Place(outputUri);
  s3Place(input.CheckpointConfig?.S3Uri ?? outputUri);
  refuseVolumeKey("VolumeKmsKeyId", volumeKeyId, instanceType);
  await checkJobRole(context, {
    ...{ roleArn: input.RoleArn, image, outputKeyId, volumeKeyId, vpc: input.VpcConfig },
    inputUris: channelUris(input),
    outputUris: [outputUri],
  });
  // The look at S3 took a moment in which another call may have taken the name.
  refuseDuplicate(context, name, arn);
  const definitions = [...builtInMetrics(image), ...(input.AlgorithmSpecification?.MetricDefinitions ?? [])];
  const control = new RunControl(context.local.clock);
  const job = new TrainingJob(name, arn, input, image, metricSeries(definitions), control);
  context.store.tags.create(arn, input.Tags);
  context.store.trainingJobs.set(name, job);
  addJobComponent(context, "training", job, input.ExperimentConfig);
  context.background.begin(`training job ${job.name}`, () => runTrainingJob(context, job));
  return job;
}

function refuseDuplicate(context: Context, name: string, arn: string): void {
  if (context.store.trainingJobs.has(name)) {
    throw new AwsError(
      "ResourceInUse",
      `Training job names must be unique within an AWS account and region, and a training job with this name already exists (${arn})`,
    );
  }
}

function supportedImage(input: TrainingJobInput): string {
  refuseMembers(input, NOT_HERE, "CreateTrainingJob");
  const image = input.AlgorithmSpecification?.TrainingImage;
  if (image === undefined) {
    throw notPartOfLocal("CreateTrainingJob without AlgorithmSpecification.TrainingImage");
  }
  if ((input.CheckpointConfig?.LocalPath ?? CHECKPOINTS) !== CHECKPOINTS) {
    throw notPartOfLocal(`CreateTrainingJob with CheckpointConfig.LocalPath other than ${CHECKPOINTS}`);
  }
  if ((input.ResourceConfig?.InstanceCount ?? 1) > 1) {
    throw notPartOfLocal("CreateTrainingJob on more than one instance");
  }
  return image;
}

function metricSeries(definitions: readonly { readonly Name: string; readonly Regex: string }[]): MetricSeries {
  try {
    return new MetricSeries(definitions);
  } catch (error) {
    throw invalid(`MetricDefinitions: ${messageOf(error)}`);
  }
}

/** Of each channel; AWS looks for the inputs before it accepts the job. */
function channelUris(input: TrainingJobInput): readonly string[] {
  return (input.InputDataConfig ?? []).map(({ ChannelName: name, DataSource: source, ...channel }) => {
    const s3 = source.S3DataSource;
    const mode = channel.InputMode ?? input.AlgorithmSpecification?.TrainingInputMode ?? "File";
    const compression = channel.CompressionType ?? "None";
    if (s3?.S3DataType !== "S3Prefix" || mode === "Pipe" || compression !== "None") {
      throw notPartOfLocal(`channel ${name}: anything but uncompressed S3Prefix data in File or FastFile mode`);
    }
    return s3.S3Uri;
  });
}

function stop(job: TrainingJob): void {
  if (job.status !== "InProgress") {
    throw invalid(`The request was rejected because the training job is in status ${job.status}.`);
  }
  job.status = "Stopping";
  job.enter("Stopping", "Stopping the training job");
  job.control.stop("asked");
}

function describe(job: TrainingJob): Omit<DescribeTrainingJobCommandOutput, "$metadata"> {
  const { input } = job;
  return {
    ...input,
    TrainingJobArn: job.arn,
    AlgorithmSpecification: {
      TrainingInputMode: "File",
      ...input.AlgorithmSpecification,
      MetricDefinitions: [...builtInMetrics(job.image), ...(input.AlgorithmSpecification?.MetricDefinitions ?? [])],
    },
    ModelArtifacts: { S3ModelArtifacts: job.modelArchiveUri },
    StoppingCondition: input.StoppingCondition ?? {},
    TrainingJobStatus: job.status,
    SecondaryStatus: job.secondaryStatus,
    SecondaryStatusTransitions: job.transitions,
    FailureReason: job.failureReason,
    CreationTime: job.createdAt,
    LastModifiedTime: job.modifiedAt,
    TrainingStartTime: job.startedAt,
    TrainingEndTime: job.endedAt,
    TrainingTimeInSeconds: job.seconds,
    BillableTimeInSeconds: billableSeconds(job),
    FinalMetricDataList: job.metrics
      .summaries()
      .map(({ name, last, at }) => ({ MetricName: name, Value: last, Timestamp: at })),
    EnableNetworkIsolation: input.EnableNetworkIsolation ?? false,
    EnableInterContainerTrafficEncryption: input.EnableInterContainerTrafficEncryption ?? false,
    EnableManagedSpotTraining: input.EnableManagedSpotTraining ?? false,
  };
}

function billableSeconds({ seconds, input }: TrainingJob): number | undefined {
  return seconds === undefined || input.EnableManagedSpotTraining !== true ? seconds : Math.ceil(seconds * SPOT_PRICE);
}

function summary(job: TrainingJob) {
  return {
    TrainingJobName: job.name,
    TrainingJobArn: job.arn,
    CreationTime: job.createdAt,
    TrainingEndTime: job.endedAt,
    LastModifiedTime: job.modifiedAt,
    TrainingJobStatus: job.status,
    SecondaryStatus: job.secondaryStatus,
  };
}
