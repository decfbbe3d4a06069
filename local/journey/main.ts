/**
 * `npm run local`: the whole project on this machine, without an AWS account. The main job starts the local AWS and drives the
 * project's own stacks on the real Pulumi engine: three releases, one of them bad, under live traffic. May import the rest of `local/`,
 * `lib/`, `model/` and `tools/`; of the stacks it knows no more than a person with the CLI.
 */
import { Command, InvalidArgumentError } from "commander";
import { stop as stopEsbuild } from "esbuild";
import { createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { buildProject } from "../../tools/build";
import { everyReport, plainReport, reportTo } from "../../tools/report";
import { ensureTools } from "../../tools/setup";
import { startLocalAws, type LocalAws } from "../server";
import { mainJob, type MainJobResult } from "./main-job";
import { PulumiProject } from "./project";
import { Steps } from "./steps";
import { brokenPromises, type Summary } from "./summary";

interface Options {
  readonly speed: number;
  readonly rows: number;
  readonly data?: readonly string[];
  readonly keep?: true;
  readonly json?: true;
}

const DEFAULT_ROWS = 150_000;
/** The default canary sends every tenth request to the new release. */
const CANARY_SHARE = 0.1;
/** What the model reaches on the default trips; the original reports 2.74 on real ones. */
const EXPECTED_VALIDATION_RMSE = { minimum: 2.4, maximum: 3.0 };

const root = resolve(__dirname, "../..");
const outputDir = join(root, ".local");

const program = new Command("npm run local --")
  .description(
    "Trains, deploys, replaces and rolls back a model on this machine: real Pulumi engine, real XGBoost, real HTTP traffic, no AWS account.\n" +
      "Gets the tools it needs on its first run. Writes .local/summary.json, and a log to .local/run.log.",
  )
  .option("--speed <n>", "how many times faster than on AWS durations pass", positive, 60)
  .option("--rows <n>", "how many trips to make up", positive, DEFAULT_ROWS)
  .option("--data <file...>", "TLC trip files (Parquet or CSV, green or yellow) in place of made-up trips")
  .option(
    "--keep",
    "leave the local AWS and the live release running at the end, until Ctrl-C; .local/env says how to reach them",
  )
  .option("--json", "print the summary as JSON on stdout, and progress on stderr")
  .addHelpText("after", "\nExit status: 0 if all came out as it should, 1 if not, 130 after Ctrl-C.");

async function main(options: Options): Promise<number> {
  await mkdir(outputDir, { recursive: true });
  await rm(join(outputDir, "env"), { force: true });
  const log = createWriteStream(join(outputDir, "run.log"));
  const terminal = options.json === true ? process.stderr : process.stdout;
  const steps = new Steps(
    everyReport(
      reportTo(terminal),
      plainReport((line) => log.write(`${line}\n`)),
    ),
    log,
  );
  // esbuild, which builds in a process of its own, is ended last.
  const opened: (() => Promise<void>)[] = [() => stopEsbuild()];
  const close = once(async () => {
    for (const closeOne of opened.reverse()) {
      await closeOne();
    }
  });
  const interrupted = onInterrupt(close);
  try {
    const { aws, project, python } = await open(options, steps, opened);
    const trips = { files: (options.data ?? []).map((file) => resolve(file)), rows: options.rows };
    const stage = { root, dataDir: join(outputDir, "data"), python, aws, speed: options.speed, project, steps };
    const result = await mainJob(stage, trips);
    const broken = await conclude(options, steps, result);
    if (options.keep === true) {
      await writeEnvironment(aws, result.apiUrl);
      steps.line(`Running until Ctrl-C. To reach it from another terminal: source ${join(".local", "env")}`);
      await interrupted;
    }
    return broken ? 1 : 0;
  } finally {
    await close();
    await new Promise<void>((resolve) => log.end(resolve));
  }
}

/** Tools, build, local AWS, project; what has to be closed again is added to `opened`. */
async function open(options: Options, steps: Steps, opened: (() => Promise<void>)[]) {
  const tools = await steps.run("tools", async () => {
    const found = await ensureTools(steps.report);
    await buildProject(root);
    await stopEsbuild(); // It would keep the memory that the build took.
    return [`pulumi ${found.pulumi.version}, Python with XGBoost`, found] as const;
  });
  const { python } = tools.python;
  const aws = await steps.run("local AWS", async () => {
    const started = await startLocalAws({ python, speed: options.speed });
    opened.push(() => started.close());
    return [`${started.endpoint}, durations ${options.speed} times faster`, started] as const;
  });
  const project = await PulumiProject.create({
    root,
    dir: join(outputDir, "project"),
    pulumi: tools.pulumi,
    environment: aws.environment,
  });
  opened.push(() => project.stop());
  return { aws, project, python };
}

/** Tells and writes the summary. Whether a promise was broken. */
async function conclude(options: Options, steps: Steps, result: MainJobResult): Promise<boolean> {
  const { summary, answers, bad } = result;
  const byDefault = options.data === undefined && options.rows === DEFAULT_ROWS;
  const promises = { canaryShare: CANARY_SHARE, ...(byDefault ? { validationRmse: EXPECTED_VALIDATION_RMSE } : {}) };
  const broken = brokenPromises(summary, answers, bad, promises);
  const json = `${JSON.stringify(summary, undefined, 2)}\n`;
  await writeFile(join(outputDir, "summary.json"), json);
  if (options.json === true) {
    process.stdout.write(json);
  }
  inWords(summary).forEach((line) => steps.line(line));
  broken.forEach((line) => steps.line(`NOT AS IT SHOULD BE: ${line}`));
  return broken.length > 0;
}

function inWords({ releases, live, traffic, seconds }: Summary): string[] {
  return [
    "",
    ...releases.map(
      ({ id, outcome, validationRmse, devTestRmse }) =>
        `${id}: ${outcome}, validation RMSE ${validationRmse.toFixed(2)}, dev test RMSE ${devTestRmse.toFixed(2)}`,
    ),
    `live: ${live.release} at ${live.endpoint}`,
    `requests: ${traffic.sent} sent, ${traffic.failed} failed, ${traffic.failedBeforeBadRelease} of them before the bad release and ` +
      `${traffic.failedAfterRollback} after the rollback`,
    `${seconds.total} s; summary in .local/summary.json, log in .local/run.log`,
  ];
}

async function writeEnvironment(aws: LocalAws, apiUrl: string): Promise<void> {
  const values = Object.entries({ ...aws.environment, API_URL: apiUrl });
  await writeFile(join(outputDir, "env"), values.map(([name, value]) => `export ${name}='${value}'\n`).join(""), {
    mode: 0o600,
  });
}

/** Resolves at the first Ctrl-C, and stops everything then; a second one ends the process at once. */
function onInterrupt(close: () => Promise<void>): Promise<void> {
  return new Promise((interrupted) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        interrupted();
        void close().finally(() => process.exit(130));
      });
    }
  });
}

function once(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | undefined;
  return () => (begun ??= work());
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new InvalidArgumentError(`must be a number above 0, got "${text}"`);
  }
  return value;
}

program.parse();
main(program.opts<Options>()).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(
      `\n${error instanceof Error ? error.message : String(error)}\nThe log is in .local/run.log and .local/project/pulumi.log`,
    );
    process.exit(1);
  },
);
