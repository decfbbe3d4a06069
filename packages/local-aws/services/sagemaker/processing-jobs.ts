import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  ListProcessingJobsCommand,
  StopProcessingJobCommand,
  type DescribeProcessingJobCommandOutput,
} from "@aws-sdk/client-sagemaker";
import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { RunControl } from "../../core/run-control";
import { sageMakerArn, type Context } from "./context";
import { invalid } from "./errors";
import { addJobComponent, checkExperimentConfig } from "./job-components";
import { checkJobRole } from "./job-role";
import { checkProcessingRules } from "./job-rules";
import { listPage } from "./listing";
import { refuseVolumeKey } from "./local-storage";
import { s3Place } from "./object-store";
import { ProcessingJob, type ProcessingJobInput } from "./processing-job";
import { runProcessingJob } from "./processing-run";

const PROCESSING_DIR = "/opt/ml/processing";

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateProcessingJob.html and its siblings. */
export function processingJobOperations(context: Context): readonly Operation[] {
  const jobs = context.store.processingJobs;
  const find = (name: string) => {
    const job = jobs.get(name);
    if (job === undefined) {
      throw invalid(`Could not find requested job with name: ${name}`);
    }
    return job;
  };
  return [
    operation(CreateProcessingJobCommand, async (input) => ({ ProcessingJobArn: (await create(context, input)).arn })),
    operation(DescribeProcessingJobCommand, ({ ProcessingJobName }) => describe(find(ProcessingJobName))),
    operation(StopProcessingJobCommand, ({ ProcessingJobName }) => {
      stop(find(ProcessingJobName));
      return {};
    }),
    operation(ListProcessingJobsCommand, (request) => {
      const { items, NextToken } = listPage(jobs.values(), request, "Ascending");
      return { ProcessingJobSummaries: items.map(summary), NextToken };
    }),
  ];
}

async function create(context: Context, input: ProcessingJobInput): Promise<ProcessingJob> {
  const { ProcessingJobName: name } = input;
  const arn = sageMakerArn(context, "processing-job", name);
  refuseDuplicate(context, name, arn);
  if ((input.ProcessingResources.ClusterConfig.InstanceCount ?? 1) > 1) {
    throw notPartOfLocal("CreateProcessingJob on more than one instance");
  }
  checkExperimentConfig(context.store, input.ExperimentConfig);
  checkProcessingRules(input);
  checkPlaces(input);
  const { VolumeKmsKeyId: volumeKeyId, InstanceType: instanceType } = input.ProcessingResources.ClusterConfig;
  refuseVolumeKey("VolumeKmsKeyId", volumeKeyId, instanceType);
  const { Outputs: outputs = [], KmsKeyId: outputKeyId } = input.ProcessingOutputConfig ?? {};
  await checkJobRole(context, {
    ...{ roleArn: input.RoleArn, image: input.AppSpecification.ImageUri, outputKeyId, volumeKeyId },
    vpc: input.NetworkConfig?.VpcConfig,
    // What processing jobs read is looked for when they run.
    inputUris: [],
    outputUris: outputs.flatMap(({ S3Output: s3 }) => s3?.S3Uri ?? []),
  });
  // The look at S3 took a moment in which another call may have taken the name.
  refuseDuplicate(context, name, arn);
  const job = new ProcessingJob(name, arn, input, new RunControl(context.local.clock));
  context.store.tags.create(arn, input.Tags);
  context.store.processingJobs.set(name, job);
  addJobComponent(context, "processing", job, input.ExperimentConfig);
  context.background.begin(`processing job ${job.name}`, () => runProcessingJob(context, job));
  return job;
}

function refuseDuplicate(context: Context, name: string, arn: string): void {
  if (context.store.processingJobs.has(name)) {
    throw new AwsError(
      "ResourceInUse",
      `Processing job names must be unique within an AWS account and region, and a processing job with this name already exists (${arn})`,
    );
  }
}

function checkPlaces(input: ProcessingJobInput): void {
  for (const { InputName: name, S3Input: s3 } of input.ProcessingInputs ?? []) {
    if (
      s3?.S3DataType !== "S3Prefix" ||
      (s3.S3InputMode ?? "File") !== "File" ||
      (s3.S3CompressionType ?? "None") !== "None"
    ) {
      throw notPartOfLocal(`processing input ${name}: anything but uncompressed S3Prefix data in File mode`);
    }
    checkPlace(name, s3.S3Uri, s3.LocalPath);
  }
  for (const { OutputName: name, S3Output: s3 } of input.ProcessingOutputConfig?.Outputs ?? []) {
    if (s3?.S3UploadMode !== "EndOfJob") {
      throw notPartOfLocal(`processing output ${name}: anything but S3Output with S3UploadMode EndOfJob`);
    }
    checkPlace(name, s3.S3Uri, s3.LocalPath);
  }
}

function checkPlace(name: string, uri: string, localPath: string | undefined): void {
  s3Place(uri);
  if (localPath !== PROCESSING_DIR && localPath?.startsWith(`${PROCESSING_DIR}/`) !== true) {
    throw invalid(`LocalPath of ${name} must be below ${PROCESSING_DIR}, got "${localPath ?? ""}"`);
  }
  if (localPath.split("/").includes("..")) {
    throw invalid(`LocalPath of ${name} must not contain "..", got "${localPath}"`);
  }
}

function stop(job: ProcessingJob): void {
  if (job.status !== "InProgress") {
    throw invalid(`The request was rejected because the processing job is in status ${job.status}.`);
  }
  job.status = "Stopping";
  job.modifiedAt = new Date();
  job.control.stop("asked");
}

function describe(job: ProcessingJob): Omit<DescribeProcessingJobCommandOutput, "$metadata"> {
  return {
    ...job.input,
    StoppingCondition: job.input.StoppingCondition ?? { MaxRuntimeInSeconds: 86_400 },
    ...summary(job),
    ProcessingStartTime: job.startedAt,
    MonitoringScheduleArn: job.monitoringScheduleArn,
  };
}

function summary(job: ProcessingJob) {
  return {
    ProcessingJobName: job.name,
    ProcessingJobArn: job.arn,
    CreationTime: job.createdAt,
    ProcessingEndTime: job.endedAt,
    LastModifiedTime: job.modifiedAt,
    ProcessingJobStatus: job.status,
    FailureReason: job.failureReason,
    ExitMessage: job.exitMessage,
  };
}
