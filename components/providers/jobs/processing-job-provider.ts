import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  StopProcessingJobCommand,
  type CreateProcessingJobRequest,
  type DescribeProcessingJobResponse,
  type ProcessingInstanceType,
} from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { explaining } from "../support/provider";
import { count, s3Uri, text } from "../support/inputs";
import { experimentConfig } from "./experiment";
import { JOB_DEFAULTS, jobInputs, passingFailure, vpcConfig, type JobInputs, type JobKind } from "./job-kind";
import { jobProvider } from "./job-provider";

/** Files that are copied between S3 and a processing job's containers. */
interface ProcessingFiles {
  /** Names the copy, once among the job's inputs and once among its outputs. */
  name: string;
  /** S3 prefix. */
  s3Uri: string;
  /** Folder in the container, below `/opt/ml/processing`. */
  localPath: string;
}

/** What a processing job is to do, and how to wait for it. */
export interface ProcessingJobInputs extends JobInputs {
  /** ECR image of the containers. */
  image: string;
  /** Program to run and its first arguments. @default the image's own */
  entrypoint?: string[];
  /** Arguments of the program. */
  arguments?: string[];
  /** Copied into the containers before the program starts. */
  inputs?: ProcessingFiles[];
  /** Copied to S3 after the program has ended. */
  outputs: ProcessingFiles[];
}

/** What came of a processing job. */
export interface ProcessingResults {
  /** S3 URI of each output, by its name. */
  outputUris: Record<string, string>;
  /** What the program left in `/opt/ml/output/message`; absent if nothing. */
  exitMessage: string;
  /** Seconds that the job ran. */
  processingSeconds: number;
}

/** 9 days. */
const MOST_SECONDS = 777_600;

const files = () =>
  z
    .array(
      z.strictObject({
        name: z.string().min(1),
        s3Uri: s3Uri(),
        localPath: text(/^\/opt\/ml\/processing\/./, "a folder below /opt/ml/processing"),
      }),
    )
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, {
      error: "must have different names",
    });

const schema = z.strictObject({
  ...jobInputs,
  maxRuntimeSeconds: count().max(MOST_SECONDS),
  image: z.string().min(1),
  entrypoint: z.array(z.string()).min(1).optional(),
  arguments: z.array(z.string()).min(1).optional(),
  inputs: files().optional(),
  outputs: files().min(1),
});

/** The SDK's list is always older than SageMaker's newest types. So only the form is checked here; SageMaker refuses unknown types. */
function isInstanceType(type: string): type is ProcessingInstanceType {
  return type.startsWith("ml.");
}

function definition(inputs: ProcessingJobInputs): Omit<CreateProcessingJobRequest, "ProcessingJobName"> {
  return {
    AppSpecification: {
      ImageUri: inputs.image,
      ContainerEntrypoint: inputs.entrypoint,
      ContainerArguments: inputs.arguments,
    },
    RoleArn: inputs.roleArn,
    ProcessingInputs: (inputs.inputs ?? []).map(({ name, s3Uri: uri, localPath }) => ({
      InputName: name,
      S3Input: {
        S3Uri: uri,
        LocalPath: localPath,
        S3DataType: "S3Prefix",
        S3InputMode: "File",
        S3DataDistributionType: "FullyReplicated",
      },
    })),
    ProcessingOutputConfig: {
      Outputs: inputs.outputs.map(({ name, s3Uri: uri, localPath }) => ({
        OutputName: name,
        S3Output: { S3Uri: uri, LocalPath: localPath, S3UploadMode: "EndOfJob" },
      })),
      KmsKeyId: inputs.outputKmsKeyId,
    },
    ProcessingResources: {
      ClusterConfig: {
        InstanceType: isInstanceType(inputs.instanceType) ? inputs.instanceType : undefined,
        InstanceCount: inputs.instanceCount,
        VolumeSizeInGB: inputs.volumeSizeInGB,
        VolumeKmsKeyId: inputs.volumeKmsKeyId,
      },
    },
    StoppingCondition: { MaxRuntimeInSeconds: inputs.maxRuntimeSeconds },
    Environment: inputs.environment ?? {},
    NetworkConfig: { EnableNetworkIsolation: inputs.enableNetworkIsolation, VpcConfig: vpcConfig(inputs) },
    ExperimentConfig: experimentConfig(inputs.experiment),
  };
}

function secondsBetween(start: Date | undefined, end: Date | undefined): number | undefined {
  return start && end && Math.round((end.getTime() - start.getTime()) / 1000);
}

const processingJob: JobKind<ProcessingJobInputs, DescribeProcessingJobResponse, ProcessingResults> = {
  noun: "processing job",
  logGroup: "/aws/sagemaker/ProcessingJobs",
  schema,
  defaults: JOB_DEFAULTS,
  besidesDefinition: ["pollSeconds", "timeoutSeconds", "tags"],
  definition,
  again: (inputs, jobName) => ({ ...inputs, jobName }),
  create: (client, inputs, Tags) => {
    const request: CreateProcessingJobRequest = { ProcessingJobName: inputs.jobName, ...definition(inputs), Tags };
    return client.send(new CreateProcessingJobCommand(request));
  },
  describe: (client, jobName) => client.send(new DescribeProcessingJobCommand({ ProcessingJobName: jobName })),
  stop: (client, jobName) => client.send(new StopProcessingJobCommand({ ProcessingJobName: jobName })),
  view: (described) => ({
    arn: described.ProcessingJobArn ?? "",
    status: described.ProcessingJobStatus ?? "",
    // SageMaker's own reason is "AlgorithmError: See job logs". The program's last message says more.
    failure:
      [described.FailureReason, described.ExitMessage].filter((part) => part !== undefined).join(": ") || undefined,
    canHeal: passingFailure(described.FailureReason),
    // SageMaker does not say why it stopped a processing job.
    ranTooLong:
      described.ProcessingJobStatus === "Stopped" &&
      (secondsBetween(described.ProcessingStartTime, described.ProcessingEndTime) ?? 0) >=
        (described.StoppingCondition?.MaxRuntimeInSeconds ?? Infinity),
  }),
  results: (described, inputs) => ({
    outputUris: Object.fromEntries(inputs.outputs.map(({ name, s3Uri: uri }) => [name, uri])),
    exitMessage: described.ExitMessage,
    processingSeconds: secondsBetween(described.ProcessingStartTime, described.ProcessingEndTime),
  }),
};

/** Behaviour of `ProcessingJobRun`. */
export const processingJobRun = explaining(jobProvider(processingJob));
