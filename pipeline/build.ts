import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Stack } from "@pulumi/pulumi/automation";
import { check, runChecks } from "./checks";
import { endIfDuplicate } from "./duplicates";
import { preview } from "./previews";
import { previewSummaryText, summaryText, type PreviewSummary } from "./preview-summary";
import { runProgram, tell } from "./program";
import { readReleaseInput } from "./release-input";
import { outFiles, readSettings, STACKS, type Settings, type StackName } from "./settings";
import { liveRelease } from "./state";
import { executionsAhead, type Succession } from "./succession";
import { findStack, openStack, openWorkspace } from "./workspace";

const HELP = `Usage: node dist/pipeline/build.js [--pull-request]

Stage Build of the pipeline: ends its own execution where another one is for the same code and data, runs the project's checks once per
commit, and previews train, dev and prod for this release. Changes nothing. Leaves out/previews/, out/plans/ and out/release-input.json
for the deployments, and out/exported/PREVIEW_SUMMARY for the approval. Fails where something live would be deleted or replaced, or where
a job or the rollout may take longer than the build that waits for it.

Reads the environment that the pipeline sets: MODEL_NAME, MODEL_BUCKET, PIPELINE_NAME, ARTIFACT_BUCKET, STATE_URL, SECRETS_PROVIDER,
RELEASE, GIT_COMMIT; if set KMS_KEY_ARN, NOTIFICATION_TOPIC_ARN, STACK_CONFIG, CHECKS, TRAIN_BUILD_MINUTES, GIT_BRANCH, DATA_VERSION. data-source.zip lies
unpacked in CODEBUILD_SRC_DIR_ReleaseData.

Options:
  --pull-request  only the checks and the previews, of code that has no data of its own
  --help          print this`;

/** The build of stage Build. */
async function build(settings: Settings): Promise<void> {
  const files = outFiles(settings.root);
  const duplicate = await endIfDuplicate(settings);
  if (duplicate !== undefined) {
    tell(duplicate);
    await write(files.exported("PREVIEW_SUMMARY"), duplicate);
    return;
  }
  const { dataDir } = settings;
  if (dataDir === undefined) {
    throw new Error("CODEBUILD_SRC_DIR_ReleaseData is not set: the build has no data-source.zip");
  }
  const input = await readReleaseInput(dataDir);
  await check(settings, tell);
  await write(files.releaseInput, JSON.stringify(input));
  await noteSuccession(settings, await findStack(await openWorkspace(settings), "prod", settings));
  const summaries = await previewAll(settings);
  await write(files.exported("PREVIEW_SUMMARY"), previewSummaryText(summaries));
}

/** The build of a pull request, which does nothing that needs rights. */
async function pullRequest(settings: Settings): Promise<void> {
  await runChecks(settings, tell);
  await previewAll(settings);
}

/** @throws Error if a release must not be deployed, with all reasons */
async function previewAll(settings: Settings): Promise<PreviewSummary[]> {
  tell(`previews: ${STACKS.join(", ")} with release ${settings.release}`);
  const scratch = await mkdtemp(join(tmpdir(), "previews-"));
  try {
    const stacks = await openStacks(settings, scratch);
    const summaries: PreviewSummary[] = [];
    // One after the other: three engines with the AWS provider want more memory than the build has.
    for (const name of STACKS) {
      summaries.push(await preview(name, stacks[name], settings, filesOf(name, settings)));
    }
    await conclude(settings, summaries);
    return summaries;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** A stack that does not exist yet is previewed against an empty state of the build's own, since the build may not write to the stacks' state. */
async function openStacks(settings: Settings, scratch: string): Promise<Record<StackName, Stack>> {
  const workspace = await openWorkspace(settings);
  const emptyState = { ...settings, stateUrl: pathToFileURL(scratch).href };
  const open = async (name: StackName) =>
    (await findStack(workspace, name, settings)) ?? openStack(await openWorkspace(emptyState), name, emptyState);
  return { train: await open("train"), dev: await open("dev"), prod: await open("prod") };
}

function filesOf(stack: StackName, { root }: Settings) {
  const files = outFiles(root);
  return { text: files.preview(stack, "txt"), json: files.preview(stack, "json"), plan: files.plan(stack) };
}

/** Notes which releases may be live when this release is deployed. */
async function noteSuccession(settings: Settings, prod: Stack | undefined): Promise<void> {
  const live = prod === undefined ? undefined : await liveRelease(prod);
  const succession: Succession = { live, ahead: await executionsAhead(settings) };
  await write(outFiles(settings.root).succession, JSON.stringify(succession));
}

async function conclude({ root }: Settings, summaries: readonly PreviewSummary[]): Promise<void> {
  const text = summaries.map(summaryText).join("\n");
  await write(outFiles(root).summary, `${text}\n`);
  text.split("\n").forEach(tell);
  const refusals = summaries.flatMap(({ stack, refusals: lines }) => lines.map((line) => `  ${stack}: ${line}`));
  if (refusals.length > 0) {
    throw new Error(`this release must not be deployed:\n${refusals.join("\n")}`);
  }
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

void runProgram({
  help: HELP,
  flags: ["pull-request"],
  run(flags) {
    const settings = readSettings(process.env, resolve(__dirname, "../.."));
    return flags.has("pull-request") ? pullRequest(settings) : build(settings);
  },
});
