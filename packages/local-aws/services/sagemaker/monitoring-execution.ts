import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { ProcessingInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import { RunControl, RunStopped } from "../../core/run-control";
import { sageMakerArn, type Context } from "./context";
import { failureReason, RunFailure } from "./errors";
import { addJobComponent } from "./job-components";
import { actingAs, checkJobRole } from "./job-role";
import type { MonitoringExecution } from "./monitoring-schedule";
import { below, s3Place, unlessDenied } from "./object-store";
import { ProcessingJob, type ProcessingJobInput } from "./processing-job";
import { runProcessingJob } from "./processing-run";

/** AWS seconds after its time at which an execution begins: SageMaker promises 0 to 20 minutes. */
const DELAY_SECONDS = 300;

const PROCESSING = "/opt/ml/processing";
const HOUR_MS = 3_600_000;

/** Takes an execution through its life. Never rejects: how it ended is in the execution. */
export async function runMonitoringExecution(context: Context, execution: MonitoringExecution): Promise<void> {
  try {
    await execution.control.pause(DELAY_SECONDS);
    const job = await startJob(context, execution);
    execution.job = job;
    await runProcessingJob(context, job);
  } catch (error) {
    execution.failureReason = error instanceof RunStopped ? "The local AWS has ended" : failureReason(error);
  }
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-contract-inputs.html */
async function startJob(context: Context, execution: MonitoringExecution): Promise<ProcessingJob> {
  const captures = await captured(context, execution);
  if (captures.length === 0) {
    throw new RunFailure("Job inputs had no data");
  }
  const name = jobName(execution);
  const input = jobInput(execution, name, captures);
  const { VolumeKmsKeyId: volumeKeyId } = input.ProcessingResources.ClusterConfig;
  const { Outputs: outputs = [], KmsKeyId: outputKeyId } = input.ProcessingOutputConfig ?? {};
  await checkJobRole(context, {
    ...{ roleArn: input.RoleArn, image: input.AppSpecification.ImageUri, outputKeyId, volumeKeyId },
    vpc: input.NetworkConfig?.VpcConfig,
    inputUris: [],
    outputUris: outputs.flatMap(({ S3Output: s3 }) => s3?.S3Uri ?? []),
  });
  const arn = sageMakerArn(context, "processing-job", name);
  const job = new ProcessingJob(name, arn, input, new RunControl(context.local.clock), execution.schedule.arn);
  context.store.tags.create(arn);
  context.store.processingJobs.set(name, job);
  addJobComponent(context, "processing", job, undefined);
  return job;
}

/** `model-monitoring-<time>-<digest>`, as SageMaker calls them. */
function jobName({ schedule, window }: MonitoringExecution): string {
  const time = window.end.toISOString();
  const digest = createHash("sha256").update(`${schedule.arn} ${time}`).digest("hex").slice(0, 24);
  return `model-monitoring-${time.slice(0, 16).replaceAll(/[-T:]/g, "")}-${digest}`;
}

/** Folders of the hours in which there was traffic, of all variants: only those in which something was written since the window began. */
async function captured(context: Context, { definition, window }: MonitoringExecution): Promise<readonly string[]> {
  const { input, endpointName } = definition;
  const capture = context.store.endpoints.get(endpointName)?.fleet?.config.input.DataCaptureConfig;
  if (capture === undefined) {
    throw new RunFailure(`Endpoint ${endpointName} captures no data`);
  }
  const folder = `${below(capture.DestinationS3Uri, endpointName)}/`;
  const { key: prefix } = s3Place(folder);
  const hours = new Set(hoursOf(window));
  const found = new Set<string>();
  await actingAs(context.local, input.RoleArn, async ({ objects }) => {
    const keys = await unlessDenied("Failed to list captured data", () => objects.keys(folder, window.start));
    for (const key of keys) {
      const [, variant, hour] = /^([^/]+)\/(\d{4}\/\d\d\/\d\d\/\d\d)\//.exec(key.slice(prefix.length)) ?? [];
      if (variant !== undefined && hour !== undefined && hours.has(hour)) {
        found.add(`${folder}${variant}/${hour}`);
      }
    }
  });
  return [...found];
}

/** `yyyy/mm/dd/hh` of each hour that the window touches. */
function hoursOf({ start, end }: MonitoringExecution["window"]): string[] {
  const first = Math.floor(start.getTime() / HOUR_MS);
  const last = Math.floor(end.getTime() / HOUR_MS);
  return Array.from({ length: last - first + 1 }, (_, n) =>
    new Date((first + n) * HOUR_MS).toISOString().slice(0, 13).replaceAll(/[-T]/g, "/"),
  );
}

function jobInput(execution: MonitoringExecution, name: string, captures: readonly string[]): ProcessingJobInput {
  const {
    definition: { input: definition, endpointName },
    schedule,
    window,
  } = execution;
  const { DataQualityAppSpecification: app, DataQualityBaselineConfig: baseline } = definition;
  const source = definition.DataQualityJobInput.EndpointInput?.LocalPath ?? `${PROCESSING}/input/endpoint`;
  const outputs = definition.DataQualityJobOutputConfig;
  const hour = window.start.toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");
  const folder = `${endpointName}/${schedule.name}/${hour}`;
  const files = {
    baseline_statistics: file("baseline", baseline?.StatisticsResource?.S3Uri, "baseline/stats"),
    baseline_constraints: file("constraints", baseline?.ConstraintsResource?.S3Uri, "baseline/constraints"),
    record_preprocessor_script: file("preprocessor", app.RecordPreprocessorSourceUri, "code/preprocessor"),
  };
  const given = Object.entries(files).flatMap(([variable, one]) => (one === undefined ? [] : [{ variable, ...one }]));
  return {
    ProcessingJobName: name,
    RoleArn: definition.RoleArn,
    AppSpecification: {
      ImageUri: app.ImageUri,
      ContainerEntrypoint: app.ContainerEntrypoint,
      ContainerArguments: app.ContainerArguments,
    },
    Environment: {
      ...Object.fromEntries(given.map(({ variable, path }) => [variable, path])),
      ...environmentOf(execution, source),
    },
    ProcessingInputs: [
      ...captures.map((uri, n) => s3Input(`endpoint_input_${n + 1}`, uri, `${source}/${placeOf(uri, endpointName)}`)),
      ...given.map(({ input }) => input),
    ],
    ProcessingOutputConfig: {
      KmsKeyId: outputs.KmsKeyId,
      Outputs: outputs.MonitoringOutputs.map(({ S3Output: to }) => ({
        OutputName: "result",
        S3Output: { S3Uri: below(to.S3Uri, folder), LocalPath: to.LocalPath, S3UploadMode: "EndOfJob" },
      })),
    },
    ProcessingResources: { ClusterConfig: definition.JobResources.ClusterConfig },
    StoppingCondition: definition.StoppingCondition,
    NetworkConfig: definition.NetworkConfig,
  };
}

/** What the analyzer is told, besides the paths of its files. */
function environmentOf({ definition: { input, endpointName }, schedule, window }: MonitoringExecution, source: string) {
  const { DataQualityAppSpecification: app, DataQualityJobOutputConfig: outputs } = input;
  const start = inSeconds(window.start);
  return {
    ...app.Environment,
    dataset_format: JSON.stringify({
      sagemakerCaptureJson: { captureIndexNames: ["endpointInput", "endpointOutput"] },
    }),
    dataset_source: source,
    ...{ start_time: start, end_time: inSeconds(window.end), metric_time: start },
    monitoring_input_type: "ENDPOINT_INPUT",
    output_path: outputs.MonitoringOutputs[0]?.S3Output.LocalPath ?? `${PROCESSING}/output`,
    publish_cloudwatch_metrics: app.Environment?.publish_cloudwatch_metrics ?? "Enabled",
    sagemaker_endpoint_name: endpointName,
    sagemaker_monitoring_schedule_name: schedule.name,
  };
}

/** One file that the container gets, and its path there. */
function file(name: string, uri: string | undefined, folder: string) {
  return uri === undefined
    ? undefined
    : {
        path: `${PROCESSING}/${folder}/${basename(uri)}`,
        input: s3Input(name, uri, `${PROCESSING}/${folder}`),
      };
}

function s3Input(InputName: string, S3Uri: string, LocalPath: string): Checked<ProcessingInput> {
  return {
    InputName,
    S3Input: {
      S3Uri,
      LocalPath,
      S3DataType: "S3Prefix",
      S3InputMode: "File",
      S3DataDistributionType: "FullyReplicated",
    },
  };
}

/** `<endpoint>/<variant>/yyyy/mm/dd/hh`. */
const placeOf = (uri: string, endpointName: string) => uri.slice(uri.lastIndexOf(`/${endpointName}/`) + 1);

const inSeconds = (time: Date) => time.toISOString().replace(/\.\d+Z$/, "Z");
