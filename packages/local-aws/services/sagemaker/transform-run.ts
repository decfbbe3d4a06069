import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "./context";
import { failAsOrdered, RunFailure } from "./errors";
import type { ExecutionRole } from "./execution-role";
import { actingAs } from "./job-role";
import { noAccess } from "./models";
import { below, isDenied, noObjects, pathBelow, s3Place, unlessDenied } from "./object-store";
import { ServingContainer } from "./serving-container";
import type { TransformJob } from "./transform-job";
import { ObjectFailure, transformed, transformSettings } from "./transform-object";

/** AWS seconds until the container of a small job is started. */
const LAUNCHING_SECONDS = 180;
/** Real seconds that a container has for a request, where the job says nothing else. */
const ANSWER_SECONDS = 600;
const LOG_GROUP = "/aws/sagemaker/TransformJobs";
const SEE_LOGS = "See job logs for more information";

/** Takes a transform job through its life. Never rejects: how it ended is in the job. */
export async function runTransformJob(context: Context, job: TransformJob): Promise<void> {
  const baseDir = join(context.local.scratchDir, "transform-jobs", job.name);
  await job.live(baseDir, () =>
    actingAs(context.local, job.model.roleArn, (role) => run({ context, role, job, baseDir })),
  );
}

/** A transform job that runs. */
interface Running {
  readonly context: Context;
  readonly role: ExecutionRole;
  readonly job: TransformJob;
  readonly baseDir: string;
}

async function run(running: Running): Promise<void> {
  const { context, role, job } = running;
  await job.control.pause(LAUNCHING_SECONDS);
  failAsOrdered(context.local, job.name);
  const stream = `${job.name}/i-${randomUUID().replaceAll("-", "").slice(0, 17)}`;
  const container = await startModel(running, await role.log(LOG_GROUP, stream));
  try {
    job.start();
    await transformAll(running, container, await role.log(LOG_GROUP, `${stream}/data-log`));
  } finally {
    await container.stop();
  }
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-batch-code.html */
async function startModel(
  { context, role, job, baseDir }: Running,
  onLine: (line: string) => void,
): Promise<ServingContainer> {
  const { model, input, control } = job;
  const { concurrent, megabytes, strategy } = transformSettings(input);
  const options = {
    of: `transform job ${job.name}`,
    ...{ model, role, onLine, baseDir: join(baseDir, "ml") },
    environment: {
      ...input.Environment,
      SAGEMAKER_BATCH: "true",
      SAGEMAKER_BATCH_STRATEGY: strategy,
      SAGEMAKER_MAX_PAYLOAD_IN_MB: String(megabytes),
      SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: String(concurrent),
    },
    neverHealthy: `AlgorithmError: ${SEE_LOGS}`,
    answerSeconds: input.ModelClientConfig?.InvocationsTimeoutInSeconds ?? ANSWER_SECONDS,
  };
  try {
    return await ServingContainer.start(context.local, options, control);
  } catch (error) {
    control.check();
    throw isDenied(error) ? noAccess(context, role, model.container.ModelDataUrl ?? "", error) : error;
  }
}

/** Transforms all objects below the prefix. One that fails leaves no output, and the others go on; but the job fails in the end. */
async function transformAll(
  running: Running,
  container: ServingContainer,
  tell: (line: string) => void,
): Promise<void> {
  const { context, role, job } = running;
  const { concurrent, megabytes, strategy } = transformSettings(job.input);
  tell(
    `[sagemaker logs]: MaxConcurrentTransforms=${concurrent}, MaxPayloadInMB=${megabytes}, BatchStrategy=${strategy}`,
  );
  const { S3Uri: uri } = job.input.TransformInput.DataSource.S3DataSource;
  const { bucket } = s3Place(uri);
  const keys = await unlessDenied("Failed to download data", () => role.objects.keys(uri));
  if (keys.length === 0) {
    throw new RunFailure(`ClientError: ${noObjects(uri, context.local.account.region, role.arn)}`);
  }
  const blamed: ObjectFailure["blames"][] = [];
  for (const key of keys) {
    try {
      await transformObject(running, container, { bucket, key });
    } catch (error) {
      if (!(error instanceof ObjectFailure)) {
        throw error;
      }
      blamed.push(error.blames);
      error.message.split("\n").forEach((line) => tell(`[sagemaker logs]: ${bucket}/${key}: ${line}`));
    }
  }
  const [first] = blamed;
  if (first !== undefined) {
    throw new RunFailure(`${first}: ${SEE_LOGS}`);
  }
}

async function transformObject(
  { role, job, baseDir }: Running,
  container: ServingContainer,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Promise<void> {
  const { TransformInput: from, TransformOutput: to } = job.input;
  const file = join(baseDir, "object");
  await unlessDenied("Failed to download data", () => role.objects.download(`s3://${bucket}/${key}`, file));
  const output = await transformed(await readFile(file), job, container);
  const path = pathBelow(s3Place(from.DataSource.S3DataSource.S3Uri).key, key);
  await unlessDenied("Failed to upload output", () =>
    role.objects.uploadBytes(output, below(to.S3OutputPath, `${path}.out`), to.KmsKeyId),
  );
}
