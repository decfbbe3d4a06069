import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Child } from "../../core/child";
import { containerEnd, modelArchive, startContainer } from "./container";
import type { Context } from "./context";
import { failAsOrdered, failureReason, RunFailure } from "./errors";
import type { ExecutionRole } from "./execution-role";
import { imageProgram } from "./images";
import { actingAs } from "./job-role";
import { RunStopped } from "../../core/run-control";
import { below, noObjects, unlessDenied } from "./object-store";
import type { TrainingJob } from "./training-job";

/** AWS seconds of a job's phases besides the real work: about 150 in all, as a small job on AWS takes. */
const STARTING_SECONDS = 95;
const DOWNLOADING_SECONDS = 30;
const UPLOADING_SECONDS = 20;

/** How long before it takes capacity back AWS says so. */
const GRACE_SECONDS = 120;

/** A container that fails with this exit code blames its caller; any other one blames itself. */
const CLIENT_ERROR = 2;
const FAILURE_CHARACTERS = 1024;

const LOG_GROUP = "/aws/sagemaker/TrainingJobs";

/** Takes a training job through its life. Never rejects: how it ended is in the job. */
export async function runTrainingJob(context: Context, job: TrainingJob): Promise<void> {
  const baseDir = join(context.local.scratchDir, "training-jobs", job.name);
  try {
    await actingAs(context.local, job.input.RoleArn, (role) => trainUnlessStopped({ context, role, job, baseDir }));
  } catch (error) {
    job.failureReason = failureReason(error);
    job.end("Failed", "Failed", "Training job failed");
  } finally {
    if (job.startedAt !== undefined) {
      job.seconds = Math.round(context.local.clock.awsSecondsSince(job.startedAt));
    }
    await rm(baseDir, { recursive: true, force: true });
  }
}

/** A training job that runs. */
interface Training {
  readonly context: Context;
  readonly role: ExecutionRole;
  readonly job: TrainingJob;
  /** The folder that stands for `/opt/ml`. */
  readonly baseDir: string;
}

async function trainUnlessStopped(training: Training): Promise<void> {
  try {
    await train(training);
    training.job.end("Completed", "Completed", "Training job completed");
  } catch (error) {
    if (!(error instanceof RunStopped)) {
      throw error;
    }
    await stopped(training, error);
  }
}

async function train(training: Training): Promise<void> {
  const { job, baseDir } = training;
  for (let interruptions = 0; (await run(training, interruptions)) === "interrupted"; interruptions += 1) {
    job.enter("Interrupted", "Training job is interrupted because of insufficient spot capacity");
    // The next instances have volumes of their own.
    await rm(baseDir, { recursive: true, force: true });
  }
  job.enter("Uploading", "Uploading generated training model");
  await job.control.pauseWith(UPLOADING_SECONDS, uploadModel(training));
}

/** Starts instances, and trains there to the end or until they are taken back. */
async function run(training: Training, interruptions: number): Promise<Ended> {
  const { job, baseDir } = training;
  job.enter("Starting", "Preparing the instances for training");
  await job.control.pause(STARTING_SECONDS);
  failAsOrdered(training.context.local, job.name);
  imageProgram(job.image, "train", training.context.local.images);
  job.startedAt ??= new Date();
  job.enter("Downloading", "Downloading input data");
  await writeConfiguration(job, baseDir);
  await job.control.pauseWith(DOWNLOADING_SECONDS, downloadChannels(training));
  job.enter("Training", "Training image download completed. Training in progress.");
  return withCheckpoints(training, () => runContainer(training, interruptions));
}

/** How a container has ended, other than by a failure. */
type Ended = "completed" | "interrupted";

/** https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-training-algo-running-container.html */
async function writeConfiguration(job: TrainingJob, baseDir: string): Promise<void> {
  const channels = (job.input.InputDataConfig ?? []).map((channel) => [
    channel.ChannelName,
    {
      ContentType: channel.ContentType,
      TrainingInputMode: "File",
      S3DistributionType: channel.DataSource.S3DataSource?.S3DataDistributionType ?? "FullyReplicated",
      RecordWrapperType: channel.RecordWrapperType ?? "None",
    },
  ]);
  const files: Readonly<Record<string, unknown>> = {
    hyperparameters: job.input.HyperParameters ?? {},
    inputdataconfig: Object.fromEntries(channels),
    resourceconfig: { current_host: "algo-1", hosts: ["algo-1"], network_interface_name: "lo" },
  };
  const folder = join(baseDir, "input", "config");
  await Promise.all(
    [folder, join(baseDir, "model"), join(baseDir, "output")].map((path) => mkdir(path, { recursive: true })),
  );
  await Promise.all(
    Object.entries(files).map(([name, value]) => writeFile(join(folder, `${name}.json`), JSON.stringify(value))),
  );
}

async function downloadChannels({ context, role, job, baseDir }: Training): Promise<void> {
  for (const channel of job.input.InputDataConfig ?? []) {
    const uri = channel.DataSource.S3DataSource?.S3Uri ?? "";
    const folder = join(baseDir, "input", "data", channel.ChannelName);
    const count = await unlessDenied("Data download failed", () => role.objects.downloadPrefix(uri, folder));
    if (count === 0) {
      const { region } = context.local.account;
      throw new RunFailure(`ClientError: Data download failed:${noObjects(uri, region, job.input.RoleArn)}`);
    }
  }
}

/** Restores what an earlier run has kept, and keeps what this one has, however it ends. AWS does it all the time, from another process. */
async function withCheckpoints<T>({ role, job, baseDir }: Training, work: () => Promise<T>): Promise<T> {
  const { CheckpointConfig: checkpoints, OutputDataConfig: output } = job.input;
  if (checkpoints === undefined) {
    return work();
  }
  const folder = join(baseDir, "checkpoints");
  await mkdir(folder, { recursive: true });
  await unlessDenied("Checkpoint download failed", () => role.objects.downloadPrefix(checkpoints.S3Uri, folder));
  try {
    return await work();
  } finally {
    await unlessDenied("Checkpoint upload failed", () =>
      role.objects.uploadFolder(folder, checkpoints.S3Uri, output.KmsKeyId),
    );
  }
}

async function runContainer(training: Training, interruptions: number): Promise<Ended> {
  const { context, role, job, baseDir } = training;
  const { local } = context;
  const write = await role.log(LOG_GROUP, `${job.name}/algo-1-${Math.floor(Date.now() / 1000)}`);
  const putsMetrics = await role.mayPutMetrics(LOG_GROUP);
  const child = startContainer(local, {
    of: `training job ${job.name}`,
    image: job.image,
    program: "train",
    baseDir,
    session: role.containerKeys(job.input.EnableNetworkIsolation),
    environment: { ...job.input.Environment, TRAINING_JOB_NAME: job.name, TRAINING_JOB_ARN: job.arn },
    onLine(line) {
      write(line);
      const dimensions = { Host: `${job.name}/algo-1` };
      const read = job.metrics.read(line).map((value) => ({ ...value, namespace: LOG_GROUP, dimensions }));
      local.metrics.put(putsMetrics ? read : []);
    },
  });
  const interruption = interrupt(training, child, interruptions);
  const longest = job.input.StoppingCondition?.MaxRuntimeInSeconds ?? 86_400;
  const code = await containerEnd(child, local, job.control, longest).finally(interruption.callOff);
  if (interruption.happened()) {
    return "interrupted";
  }
  if (code !== 0) {
    const file = join(baseDir, "output", "failure");
    const told = existsSync(file) ? (await readFile(file, "utf8")).slice(0, FAILURE_CHARACTERS) : "";
    const kind = code === CLIENT_ERROR ? "ClientError" : "AlgorithmError";
    throw new RunFailure(`${kind}: ${told}, exit code: ${code ?? "none, a signal ended it"}`);
  }
  return "completed";
}

/** Takes the capacity back once, where that is ordered for a job on spot capacity. AWS tells the container two minutes before. */
function interrupt({ context: { local }, job }: Training, child: Child, interruptions: number) {
  const seconds = local.faults.spotInterruption(job.name);
  let happened = false;
  if (seconds === undefined || interruptions > 0 || job.input.EnableManagedSpotTraining !== true) {
    return { happened: () => happened, callOff: () => undefined };
  }
  const callOff = local.clock.after(seconds * 1000 * local.clock.speed, () => {
    happened = true;
    void child.stop(local.clock.real(GRACE_SECONDS * 1000));
  });
  return { happened: () => happened, callOff };
}

async function uploadModel({ context, role, job, baseDir }: Training): Promise<void> {
  const archive = join(baseDir, "model.tar.gz");
  const { S3OutputPath: output, KmsKeyId: key } = job.input.OutputDataConfig;
  const uri = below(output, `${job.name}/output/model.tar.gz`);
  await modelArchive(context.local, "pack", join(baseDir, "model"), archive);
  await unlessDenied("Artifact upload failed", () => role.objects.uploadFile(archive, uri, key));
  job.modelArchiveUri = uri;
}

/** A stopped job keeps what its container had already written as its model. */
async function stopped(training: Training, { why }: RunStopped): Promise<void> {
  const { job, baseDir } = training;
  const modelDir = join(baseDir, "model");
  if (why !== "closing" && existsSync(modelDir) && (await readdir(modelDir)).length > 0) {
    await uploadModel(training);
  }
  const [secondary, message] =
    why === "overtime"
      ? (["MaxRuntimeExceeded", "Training job runtime exceeded MaxRuntimeInSeconds provided"] as const)
      : (["Stopped", "Training job stopped"] as const);
  job.end("Stopped", secondary, message);
}
