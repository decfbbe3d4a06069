import {
  CreateTransformJobCommand,
  DescribeTransformJobCommand,
  ListTransformJobsCommand,
  StopTransformJobCommand,
} from "@aws-sdk/client-sagemaker";
import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { RunControl } from "../../core/run-control";
import { sageMakerArn, type Context } from "./context";
import { invalid, refuseMembers } from "./errors";
import { checkJobRole } from "./job-role";
import { listPage } from "./listing";
import { refuseVolumeKey } from "./local-storage";
import type { Model } from "./model";
import { modelNamed } from "./models";
import { s3Place } from "./object-store";
import { parseFilter, type Filter } from "./transform-filter";
import { TransformJob, type DataProcessing, type TransformJobInput } from "./transform-job";
import { kindOf } from "./transform-records";
import { runTransformJob } from "./transform-run";

const MOST_MEGABYTES = 100;
const EVERYTHING = "$";

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTransformJob.html and its siblings. */
export function transformJobOperations(context: Context): readonly Operation[] {
  const jobs = context.store.transformJobs;
  const find = (name: string) => {
    const job = jobs.get(name);
    if (job === undefined) {
      throw invalid(`Could not find requested job with name: ${name}`);
    }
    return job;
  };
  return [
    operation(CreateTransformJobCommand, async (input) => ({ TransformJobArn: (await create(context, input)).arn })),
    operation(DescribeTransformJobCommand, ({ TransformJobName }) => describe(find(TransformJobName))),
    operation(StopTransformJobCommand, ({ TransformJobName }) => {
      stop(find(TransformJobName));
      return {};
    }),
    operation(ListTransformJobsCommand, (request) => {
      const { items, NextToken } = listPage(jobs.values(), request, "Descending");
      return { TransformJobSummaries: items.map(summary), NextToken };
    }),
  ];
}

async function create(context: Context, input: TransformJobInput): Promise<TransformJob> {
  const { TransformJobName: name } = input;
  const arn = sageMakerArn(context, "transform-job", name);
  refuseDuplicate(context, name, arn);
  refuseWhatIsNotHere(input);
  const model = modelNamed(context, input.ModelName);
  checkPayloads(input);
  const processing = dataProcessing(input);
  await checkRole(context, model, input);
  // The look at S3 took a moment in which another call may have taken the name.
  refuseDuplicate(context, name, arn);
  const job = new TransformJob(name, arn, input, model, processing, new RunControl(context.local.clock));
  context.store.tags.create(arn, input.Tags);
  context.store.transformJobs.set(name, job);
  context.background.begin(`transform job ${name}`, () => runTransformJob(context, job));
  return job;
}

function refuseDuplicate(context: Context, name: string, arn: string): void {
  if (context.store.transformJobs.has(name)) {
    throw new AwsError(
      "ResourceInUse",
      `Job name must be unique within an AWS account and region, and a job with this name already exists (${arn})`,
    );
  }
}

function refuseWhatIsNotHere(input: TransformJobInput): void {
  const operationName = "CreateTransformJob";
  const { TransformInput: from, TransformResources: resources, ModelClientConfig: client = {} } = input;
  refuseMembers(input, ["DataCaptureConfig", "ExperimentConfig"], operationName);
  refuseMembers(client, ["InvocationsMaxRetries"], operationName);
  refuseMembers(resources, ["TransformAmiVersion"], operationName);
  const values: readonly (readonly [string, string | number | undefined, readonly (string | number)[]])[] = [
    ["S3DataType", from.DataSource.S3DataSource.S3DataType, ["S3Prefix"]],
    ["CompressionType", from.CompressionType, ["None"]],
    ["SplitType", from.SplitType, ["None", "Line"]],
    ["InstanceCount", resources.InstanceCount, [1]],
    // 0 is for containers that take chunks.
    ["MaxPayloadInMB", input.MaxPayloadInMB === 0 ? 0 : undefined, []],
  ];
  for (const [member, value, here] of values) {
    if (value !== undefined && !here.includes(value)) {
      throw notPartOfLocal(`${operationName} with ${member} ${value}`);
    }
  }
}

/** In words of our own: nobody has shown AWS's. */
function checkPayloads({ MaxConcurrentTransforms: concurrent = 1, MaxPayloadInMB: megabytes = 6 }: TransformJobInput) {
  if (megabytes > MOST_MEGABYTES || concurrent * megabytes > MOST_MEGABYTES) {
    throw invalid(
      `MaxConcurrentTransforms * MaxPayloadInMB must be at most ${MOST_MEGABYTES}, got ${concurrent} * ${megabytes}`,
    );
  }
}

/** The same. AWS says that filters and joins are for CSV and JSON alone. */
function dataProcessing({
  DataProcessing: given = {},
  TransformInput,
  TransformOutput,
}: TransformJobInput): DataProcessing {
  const inputFilter = filterOf("InputFilter", given.InputFilter);
  const outputFilter = filterOf("OutputFilter", given.OutputFilter);
  const joins = given.JoinSource === "Input";
  const { ContentType: contentType } = TransformInput;
  const accept = TransformOutput.Accept ?? contentType;
  const reads = inputFilter.length > 0 || joins ? [["ContentType", contentType] as const] : [];
  const writes = outputFilter.length > 0 || joins ? [["Accept", accept] as const] : [];
  for (const [member, type] of [...reads, ...writes]) {
    if (kindOf(type) === undefined) {
      throw invalid(`DataProcessing takes CSV and JSON: ${member} must say which, got ${type ?? "none"}`);
    }
  }
  if (joins && kindOf(contentType) !== kindOf(accept)) {
    throw invalid(
      `JoinSource Input joins CSV with CSV and JSON with JSON, got ContentType ${contentType} and Accept ${accept}`,
    );
  }
  return { inputFilter, outputFilter, joins };
}

function filterOf(member: string, text = EVERYTHING): Filter {
  const filter = parseFilter(text);
  if (filter === undefined) {
    throw invalid(`${member} must be a JSONPath expression of the operators that batch transform has, got "${text}"`);
  }
  return filter;
}

/** A job has no role of its own: all that it does is done as the model's. */
async function checkRole(context: Context, model: Model, input: TransformJobInput): Promise<void> {
  const { VolumeKmsKeyId: volumeKeyId, InstanceType: instanceType } = input.TransformResources;
  const { S3OutputPath: outputUri, KmsKeyId: outputKeyId } = input.TransformOutput;
  refuseVolumeKey("VolumeKmsKeyId", volumeKeyId, instanceType);
  s3Place(input.TransformInput.DataSource.S3DataSource.S3Uri);
  await checkJobRole(context, {
    ...{ roleArn: model.roleArn, image: model.container.Image, outputKeyId, volumeKeyId },
    vpc: model.input.VpcConfig,
    // What it reads is looked for when it runs.
    inputUris: [],
    outputUris: [outputUri],
  });
}

function stop(job: TransformJob): void {
  if (job.status !== "InProgress") {
    throw invalid(`The request was rejected because the transform job is in status ${job.status}.`);
  }
  job.status = "Stopping";
  job.modifiedAt = new Date();
  job.control.stop("asked");
}

function describe(job: TransformJob) {
  const { DataProcessing: processing = {}, ...input } = job.input;
  return {
    ...input,
    TransformJobArn: job.arn,
    TransformJobStatus: job.status,
    FailureReason: job.failureReason,
    CreationTime: job.createdAt,
    TransformStartTime: job.startedAt,
    TransformEndTime: job.endedAt,
    DataProcessing: {
      InputFilter: processing.InputFilter ?? EVERYTHING,
      OutputFilter: processing.OutputFilter ?? EVERYTHING,
      JoinSource: processing.JoinSource ?? "None",
    },
  };
}

function summary(job: TransformJob) {
  return {
    TransformJobName: job.name,
    TransformJobArn: job.arn,
    CreationTime: job.createdAt,
    TransformEndTime: job.endedAt,
    LastModifiedTime: job.modifiedAt,
    TransformJobStatus: job.status,
    FailureReason: job.failureReason,
  };
}
