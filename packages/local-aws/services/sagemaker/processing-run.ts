import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { containerEnd, mapOptMl, startContainer } from "./container";
import type { Context } from "./context";
import { failAsOrdered, RunFailure } from "./errors";
import type { ExecutionRole } from "./execution-role";
import { imageProgram } from "./images";
import { actingAs } from "./job-role";
import { monitoringMetrics } from "./monitoring-metrics";
import { noObjects, unlessDenied } from "./object-store";
import { tellState } from "./processing-event";
import type { ProcessingJob } from "./processing-job";

/** AWS seconds of a job's phases besides the real work: about 180 in all, as a small job on AWS takes. */
const LAUNCHING_SECONDS = 140;
const DOWNLOADING_SECONDS = 20;
const UPLOADING_SECONDS = 20;

const EXIT_MESSAGE_CHARACTERS = 1024;
const MONITORING_NAMESPACE = "aws/sagemaker/Endpoints/data-metrics";
const LOG_GROUP = "/aws/sagemaker/ProcessingJobs";

/** Takes a processing job through its life, and tells EventBridge of its begin and its end. Never rejects: how it ended is in the job. */
export async function runProcessingJob(context: Context, job: ProcessingJob): Promise<void> {
  const baseDir = join(context.local.scratchDir, "processing-jobs", job.name);
  tellState(context, job);
  await job.live(baseDir, () =>
    actingAs(context.local, job.input.RoleArn, (role) => process({ context, role, job, baseDir })),
  );
  tellState(context, job);
}

/** A processing job that runs. */
interface Processing {
  readonly context: Context;
  readonly role: ExecutionRole;
  readonly job: ProcessingJob;
  /** The folder that stands for `/opt/ml`. */
  readonly baseDir: string;
}

async function process(processing: Processing): Promise<void> {
  const { job, baseDir } = processing;
  await job.control.pause(LAUNCHING_SECONDS);
  failAsOrdered(processing.context.local, job.name);
  const image = job.input.AppSpecification.ImageUri;
  imageProgram(image, "process", processing.context.local.images);
  await writeConfiguration(job, baseDir);
  await job.control.pauseWith(DOWNLOADING_SECONDS, downloadInputs(processing));
  job.start();
  await runContainer(processing, image);
  if (job.monitoringScheduleArn !== undefined) {
    await processing.role.putMetrics(MONITORING_NAMESPACE, monitoringMetrics(baseDir));
  }
  await job.control.pauseWith(UPLOADING_SECONDS, uploadOutputs(processing));
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html */
async function writeConfiguration(job: ProcessingJob, baseDir: string): Promise<void> {
  const folder = join(baseDir, "config");
  const outputs = (job.input.ProcessingOutputConfig?.Outputs ?? []).map((output) => output.S3Output?.LocalPath ?? "");
  await Promise.all(
    [folder, join(baseDir, "output"), ...outputs.map((path) => mapOptMl(path, baseDir))].map((path) =>
      mkdir(path, { recursive: true }),
    ),
  );
  const { ProcessingJobName, ProcessingInputs, ProcessingOutputConfig, AppSpecification, Environment } = job.input;
  const described = {
    ProcessingJobArn: job.arn,
    ProcessingJobName,
    AppSpecification,
    Environment,
    ProcessingInputs,
    ProcessingOutputConfig,
    ProcessingResources: job.input.ProcessingResources,
    StoppingCondition: job.input.StoppingCondition,
    RoleArn: job.input.RoleArn,
  };
  await writeFile(join(folder, "processingjobconfig.json"), JSON.stringify(described));
  await writeFile(join(folder, "resourceconfig.json"), JSON.stringify({ current_host: "algo-1", hosts: ["algo-1"] }));
}

async function downloadInputs({ context, role, job, baseDir }: Processing): Promise<void> {
  for (const { S3Input: s3 } of job.input.ProcessingInputs ?? []) {
    if (s3?.LocalPath !== undefined) {
      const [uri, folder] = [s3.S3Uri, mapOptMl(s3.LocalPath, baseDir)];
      const count = await unlessDenied("Failed to download data", () => role.objects.downloadPrefix(uri, folder));
      if (count === 0) {
        const { region } = context.local.account;
        throw new RunFailure(`ClientError: Failed to download data. ${noObjects(s3.S3Uri, region, job.input.RoleArn)}`);
      }
    }
  }
}

async function runContainer({ context, role, job, baseDir }: Processing, image: string): Promise<void> {
  const { ContainerEntrypoint: entrypoint = [], ContainerArguments: given = [] } = job.input.AppSpecification;
  const child = startContainer(context.local, {
    of: `processing job ${job.name}`,
    image,
    program: "process",
    baseDir,
    session: role.containerKeys(job.input.NetworkConfig?.EnableNetworkIsolation),
    environment: { ...job.input.Environment, PROCESSING_JOB_NAME: job.name, PROCESSING_JOB_ARN: job.arn },
    args: [...entrypoint, ...given],
    onLine: await role.log(LOG_GROUP, `${job.name}/algo-1-${Math.floor(Date.now() / 1000)}`),
  });
  const code = await containerEnd(
    child,
    context.local,
    job.control,
    job.input.StoppingCondition?.MaxRuntimeInSeconds ?? 86_400,
  );
  const message = join(baseDir, "output", "message");
  if (existsSync(message)) {
    job.exitMessage = (await readFile(message, "utf8")).slice(0, EXIT_MESSAGE_CHARACTERS);
  }
  if (code !== 0) {
    throw new RunFailure("AlgorithmError: See job logs for more information");
  }
}

async function uploadOutputs({ role, job, baseDir }: Processing): Promise<void> {
  const { Outputs: outputs = [], KmsKeyId: key } = job.input.ProcessingOutputConfig ?? {};
  for (const { S3Output: s3 } of outputs) {
    if (s3?.LocalPath !== undefined) {
      const [uri, folder] = [s3.S3Uri, mapOptMl(s3.LocalPath, baseDir)];
      await unlessDenied("Failed to upload output", () => role.objects.uploadFolder(folder, uri, key));
    }
  }
}
