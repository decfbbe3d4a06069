import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { Stack } from "@pulumi/pulumi/automation";
import { reported } from "../lib/errors";
import { releaseNames } from "../lib/release";
import { archiveText, baselineText } from "./archive";
import { Deployments } from "./deployments";
import { goBack } from "./going-back";
import { deleteLeftovers } from "./leftovers";
import { gateIn, metricsText, trainingMetrics } from "./metrics";
import { exceeds, parsePlan } from "./plan";
import { planNow } from "./previews";
import { runProgram, tell } from "./program";
import { outFiles, readSettings, readStack, type Settings, type StackName } from "./settings";
import { liveRelease, trainedArchiveUri, trainedBaselineUris } from "./state";
import { checkSuccession } from "./succession";
import { LockedError, update } from "./update";
import { findStack, openStack, openWorkspace } from "./workspace";

const HELP = `Usage: STACK=train|dev|prod node dist/pipeline/deploy.js

Stages Train, DeployDev and DeployProd of the pipeline: deploys a stack as it was previewed by stage Build, and stops before anything is
touched where that does not hold any more. Where a build that is dead has left the state locked, it takes the lock over and goes on with
what that one had begun. An update of prod that fails goes back by itself to the release that serves; the exit code is 1 all the same.

Reads the environment that the pipeline sets, see build.js --help, and CODEBUILD_BUILD_ID. Leaves MODEL_METRICS, MODEL_ARCHIVE and
MODEL_BASELINE in out/exported where STACK is train. Where it is prod, MODEL_ARCHIVE and MODEL_BASELINE say what was approved.

Options:
  --help  print this`;

async function deploy(settings: Settings, name: StackName): Promise<Stack> {
  tell(`${name}: release ${settings.release}`);
  const { modelArchiveSha256: MODEL_ARCHIVE, baselineSha256: MODEL_BASELINE } = settings;
  for (const [variable, digest] of Object.entries(name === "prod" ? { MODEL_ARCHIVE, MODEL_BASELINE } : {})) {
    if (digest === undefined) {
      throw new Error(`${variable} is not set, so it is not known what was approved: start the pipeline anew`);
    }
  }
  const stack = await openStack(await openWorkspace(settings), name, settings);
  const scratch = await mkdtemp(join(tmpdir(), "plan-"));
  try {
    const plan = join(scratch, "plan.json");
    if (name === "prod") {
      const { succession } = outFiles(settings.root);
      await checkSuccession(succession, settings.release, await liveRelease(stack));
    }
    await checkPlan(stack, outFiles(settings.root).plan(name), settings.release, plan);
    await underPlan(stack, settings, plan);
    await deleteLeftovers(stack, tell);
    return stack;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Writes the plan of what would be done now to a file. The engine cannot use the plan of the preview: that has random names, which an
 * earlier attempt may have used, and the release before, which may be another one by now.
 *
 * @param previewed file with the plan of the preview
 * @param plan file to write
 * @throws Error if something would be done that was not previewed
 */
async function checkPlan(stack: Stack, previewed: string, release: string, plan: string): Promise<void> {
  await planNow(stack, plan);
  const [before, now] = [await readFile(previewed, "utf8"), await readFile(plan, "utf8")];
  const beyond = exceeds(parsePlan(before), parsePlan(now), release);
  if (beyond.length > 0) {
    throw new Error(
      `stack ${stack.name} has changed since its preview, which does not hold any more; nothing was touched. What would be done now:\n` +
        `${beyond.map((line) => `  ${line}`).join("\n")}\nStart the pipeline anew, for a new preview.`,
    );
  }
  tell("the plan of the preview holds");
}

async function underPlan(stack: Stack, settings: Settings, plan: string): Promise<void> {
  const { buildId } = settings;
  const deployments = buildId === undefined ? undefined : new Deployments(settings, stack.name, buildId);
  await deployments?.begin();
  let heldLock = true;
  try {
    await update(stack, { plan, deployments, tell });
  } catch (error) {
    heldLock = !(error instanceof LockedError);
    throw stack.name === "prod" && heldLock ? await afterFailure(error, stack, settings) : error;
  } finally {
    await deployments?.end(heldLock).catch((error: unknown) => {
      // Without the note the next build leaves a lock alone that it could have taken over. The outcome of this one matters more.
      tell(`the note of this deployment could not be updated: ${reasonOf(error)}`);
    });
  }
}

/** The error for a failed update of prod, after going back. */
async function afterFailure(error: unknown, stack: Stack, settings: Settings): Promise<Error> {
  const reason = reasonOf(error);
  try {
    return new Error(`${reason}\n${await goBack(stack, settings, tell)}`, { cause: error });
  } catch (second) {
    return new Error(`${reason}\nGoing back has failed too: ${reasonOf(second)}`, { cause: error });
  }
}

const reasonOf = (error: unknown) => reported(error).message;

/** Writes the release's metrics, next to those of the live one, for the approval. */
async function tellMetrics(settings: Settings): Promise<void> {
  const workspace = await openWorkspace(settings);
  const prod = await findStack(workspace, "prod", settings);
  const live = prod === undefined ? undefined : await liveRelease(prod);
  const gate = gateIn(await (await openStack(workspace, "train", settings)).outputs());
  const client = new SageMakerClient();
  const metricsOf = (release: string) =>
    trainingMetrics(client, releaseNames({ model: settings.model, release, bucket: settings.bucket }).trainingJob);
  const text = metricsText(
    await metricsOf(settings.release),
    live === undefined ? undefined : { release: live, metrics: await metricsOf(live) },
    gate,
  );
  tell(text);
  await write(outFiles(settings.root).exported("MODEL_METRICS"), text);
}

/** Writes the digest of the archive, for the approval and for the deployment to production. */
async function tellArchive(settings: Settings, train: Stack): Promise<void> {
  const text = await archiveText(new S3Client(), await trainedArchiveUri(train));
  tell(`model archive: SHA-256 ${text}`);
  await write(outFiles(settings.root).exported("MODEL_ARCHIVE"), text);
}

/** Writes the digests of the baseline, for the deployment to production. */
async function tellBaseline(settings: Settings, train: Stack): Promise<void> {
  const text = await baselineText(new S3Client(), await trainedBaselineUris(train));
  await write(outFiles(settings.root).exported("MODEL_BASELINE"), text);
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

void runProgram({
  help: HELP,
  async run() {
    const name = readStack(process.env);
    const settings = readSettings(process.env, resolve(__dirname, "../.."));
    const stack = await deploy(settings, name);
    if (name === "train") {
      await tellArchive(settings, stack);
      await tellBaseline(settings, stack);
      await tellMetrics(settings);
    }
  },
});
