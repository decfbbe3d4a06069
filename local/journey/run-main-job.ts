import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { endpointName } from "../../lib/release";
import { model } from "../../model";
import type { LocalAws } from "../server";
import { mainJob, type MainJobResult } from "./main-job";
import { PulumiProject } from "./project";
import { outputDir, root, Run } from "./run";
import type { Steps } from "./steps";
import { brokenPromises, type Summary } from "./summary";

/** Options of `npm run local`. */
export interface MainJobOptions {
  readonly speed: number;
  readonly rows: number;
  readonly data?: readonly string[];
  readonly keep?: true;
  readonly json?: true;
}

export const DEFAULT_ROWS = 150_000;
/** The default canary sends every tenth request to the new release. */
const CANARY_SHARE = 0.1;
/** What the model reaches on the default trips; the original reports 2.74 on real ones. */
const EXPECTED_VALIDATION_RMSE = { minimum: 2.4, maximum: 3.0 };

/** Runs the main job and tells what came of it. The exit status. */
export async function runMainJob(options: MainJobOptions): Promise<number> {
  const run = await Run.begin("run.log", options);
  return run.finish(async () => {
    await rm(join(outputDir, "env"), { force: true });
    const tools = await run.tools();
    const { python } = tools.python;
    const aws = await run.localAws(python, options.speed);
    const project = await PulumiProject.create({
      root,
      dir: join(outputDir, "project"),
      pulumi: tools.pulumi,
      environment: aws.environment,
    });
    run.onClose(() => project.stop());
    const trips = { files: (options.data ?? []).map((file) => resolve(file)), rows: options.rows };
    const { speed } = options;
    const { steps } = run;
    const stage = { root, dataDir: join(outputDir, "data"), python, aws, speed, project, steps };
    const result = await mainJob(stage, trips);
    const broken = await conclude(options, steps, result);
    if (options.keep === true) {
      await writeEnvironment(aws, result);
      howToGoOn(aws, result).forEach((line) => steps.line(line));
      await run.interrupted;
    }
    return broken ? 1 : 0;
  });
}

/** Tells and writes the summary. Whether a promise was broken. */
async function conclude(options: MainJobOptions, steps: Steps, result: MainJobResult): Promise<boolean> {
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

/** How to set a fault by hand: the same switchboard that the rehearsals use. */
function faultByHand(endpoint: string, { summary }: MainJobResult): string {
  const fault = { kind: "model-errors", endpoint: endpointName(model.name, "prd", summary.live.release), everyNth: 10 };
  return `curl -X PUT ${endpoint}/_local/faults -d '${JSON.stringify(fault)}'`;
}

function howToGoOn(aws: LocalAws, result: MainJobResult): string[] {
  return [
    `Running until Ctrl-C. To reach it from another terminal: source ${join(".local", "env")}`,
    `To see a fault: ${faultByHand(aws.endpoint, result)}`,
    `To end it: curl -X DELETE ${aws.endpoint}/_local/faults`,
  ];
}

async function writeEnvironment(aws: LocalAws, result: MainJobResult): Promise<void> {
  const values = Object.entries({ ...aws.environment, API_URL: result.apiUrl });
  const lines = [
    ...values.map(([name, value]) => `export ${name}='${value}'`),
    "# Faults of the local AWS, by hand: GET lists them, PUT sets one, DELETE ends all.",
    `# ${faultByHand("$AWS_ENDPOINT_URL", result)}`,
    "# curl -X DELETE $AWS_ENDPOINT_URL/_local/faults",
  ];
  await writeFile(join(outputDir, "env"), `${lines.join("\n")}\n`, { mode: 0o600 });
}
