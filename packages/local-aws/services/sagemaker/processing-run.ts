import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { containerEnd, mapOptMl, startContainer } from "./container";
import type { Context } from "./context";
import { failAsOrdered, failureReason, RunFailure } from "./errors";
import { imageProgram } from "./images";
import { RunStopped } from "../../core/run-control";
import { noObjects } from "./object-store";
import type { ProcessingJob } from "./processing-job";

/** AWS seconds of a job's phases besides the real work: about 180 in all, as a small job on AWS takes. */
const LAUNCHING_SECONDS = 140;
const DOWNLOADING_SECONDS = 20;
const UPLOADING_SECONDS = 20;

const EXIT_MESSAGE_CHARACTERS = 1024;
const LOG_GROUP = "/aws/sagemaker/ProcessingJobs";

/** Takes a processing job through its life. Never rejects: how it ended is in the job. */
export async function runProcessingJob(context: Context, job: ProcessingJob): Promise<void> {
  const baseDir = join(context.local.scratchDir, "processing-jobs", job.name);
  try {
    await process(context, job, baseDir);
    job.end("Completed");
  } catch (error) {
    if (error instanceof RunStopped) {
      job.end("Stopped");
    } else {
      job.failureReason = failureReason(error);
      job.end("Failed");
    }
  } finally {
    await rm(baseDir, { recursive: true, force: true });
  }
}

async function process(context: Context, job: ProcessingJob, baseDir: string): Promise<void> {
  await job.control.pause(LAUNCHING_SECONDS);
  failAsOrdered(context.local, job.name);
  const image = job.input.AppSpecification.ImageUri;
  imageProgram(image, "process");
  await writeConfiguration(job, baseDir);
  await job.control.pauseWith(DOWNLOADING_SECONDS, downloadInputs(context, job, baseDir));
  job.start();
  await runContainer(context, job, image, baseDir);
  await job.control.pauseWith(UPLOADING_SECONDS, uploadOutputs(context, job, baseDir));
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

async function downloadInputs(context: Context, job: ProcessingJob, baseDir: string): Promise<void> {
  for (const { S3Input: s3 } of job.input.ProcessingInputs ?? []) {
    if (s3?.LocalPath !== undefined) {
      const count = await context.objects.downloadPrefix(s3.S3Uri, mapOptMl(s3.LocalPath, baseDir));
      if (count === 0) {
        const { region } = context.local.account;
        throw new RunFailure(`ClientError: Failed to download data. ${noObjects(s3.S3Uri, region, job.input.RoleArn)}`);
      }
    }
  }
}

async function runContainer(context: Context, job: ProcessingJob, image: string, baseDir: string): Promise<void> {
  const stream = `${job.name}/algo-1-${Math.floor(Date.now() / 1000)}`;
  const { ContainerEntrypoint: entrypoint = [], ContainerArguments: given = [] } = job.input.AppSpecification;
  const child = startContainer(context.local, {
    image,
    program: "process",
    baseDir,
    environment: { ...job.input.Environment, PROCESSING_JOB_NAME: job.name, PROCESSING_JOB_ARN: job.arn },
    args: [...entrypoint, ...given],
    onLine: (line) => context.local.logs.write(LOG_GROUP, stream, [line]),
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

async function uploadOutputs(context: Context, job: ProcessingJob, baseDir: string): Promise<void> {
  const { Outputs: outputs = [], KmsKeyId: key } = job.input.ProcessingOutputConfig ?? {};
  for (const { S3Output: s3 } of outputs) {
    if (s3?.LocalPath !== undefined) {
      await context.objects.uploadFolder(mapOptMl(s3.LocalPath, baseDir), s3.S3Uri, key);
    }
  }
}
