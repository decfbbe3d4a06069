import { rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Tools } from "pulumi-engine/setup";
import type { LocalAws } from "local-aws";
import { buildImage } from "./build-image";
import { MODEL_FOLDER, type Model } from "../../lib/model";
import { servePage } from "../../cli/ui/server";
import type { Rows } from "../../cli/data/program";
import { directJob } from "./direct-job";
import { howToGoOn, writeEnvironment, type Kept } from "./going-on";
import type { MainJobResult } from "./job";
import { folderOf, modelIn } from "./models";
import { pipelineJob, type PipelineStage } from "./pipeline-job";
import { stateOf } from "./pipeline-stack";
import { PulumiProject } from "./project";
import { pageOfRun, writeReport } from "./report";
import { brokenPromises } from "./promises";
import { sourceRepository } from "./repository";
import { outputDir, root, Run } from "./run";
import type { Steps } from "./steps";
import { driftInWords, measuresInWords, type Summary } from "./summary";

/** Options of `npm run local`. */
export interface MainJobOptions {
  readonly speed: number;
  /** Folder of the model, from the project's own. @default "model" */
  readonly model?: string;
  /** @default - as many as the model's definition says */
  readonly rows?: number;
  readonly data?: readonly string[];
  readonly direct?: true;
  readonly keep?: true;
  readonly json?: true;
}

export const DEFAULT_SPEED = 60;
/** The default canary sends every tenth request to the new release. */
const CANARY_SHARE = 0.1;

/** AWS seconds until services see a new role or policy, as on AWS. */
const PROPAGATION_SECONDS = 10;

/** Most seconds of the whole default run on an otherwise idle machine. */
const USUAL_SECONDS = 480;

/** How long the time is that the charts of the page show on which somebody goes on. */
const KEPT_WINDOW_SECONDS = 900;

/** Folders that a run writes below {@link outputDir}, and one that it reads. */
const folders = {
  data: join(outputDir, "data"),
  project: join(outputDir, "project"),
  pipeline: join(outputDir, "pipeline"),
  builds: join(outputDir, "pipeline", "builds"),
  /** The files of the operator's page, which the build has made. */
  page: join(root, "dist", "ui"),
};

/** Who wants to see what happens while it happens. */
export interface Onlooker {
  /** The local AWS has started, and nobody has called it yet. */
  readonly onAws?: (aws: LocalAws) => void;
  /** The pipeline is there, and no release has been sent through it yet. */
  readonly onPipeline?: PipelineStage["onPipeline"];
}

/** What exists after the main job, and what was not as it should be. */
export interface Played extends Kept {
  readonly broken: readonly string[];
}

/** Runs the main job and reports the result. Returns the exit status. */
export async function runMainJob(options: MainJobOptions): Promise<number> {
  const run = await Run.begin("run.log", options);
  return run.finish(async () => {
    const played = await playMainJob(run, options);
    if (options.json === true) {
      process.stdout.write(jsonOf(played.result.summary));
    }
    if (options.keep === true) {
      await writeEnvironment(played);
      const page = await servePage({
        ...(await pageOfRun(played.aws, played.model, KEPT_WINDOW_SECONDS)),
        folder: folders.page,
      });
      run.onClose(() => page.close());
      howToGoOn(played, page.url).forEach((line) => run.steps.line(line));
      await run.interrupted;
    }
    return played.broken.length > 0 ? 1 : 0;
  });
}

/** Plays the main job, tells and writes its summary, and leaves everything as it is then. */
export async function playMainJob(run: Run, options: MainJobOptions, onlooker: Onlooker = {}): Promise<Played> {
  await rm(join(outputDir, "env"), { force: true });
  await rm(folders.pipeline, { recursive: true, force: true });
  const model = modelOf(options);
  const tools = await run.tools();
  const files = (options.data ?? []).map((file) => resolve(file));
  const rows = { files, rows: options.rows ?? model.local.rows };
  const play = options.direct === true ? playDirectly : playThroughPipeline;
  const played = await play(run, tools, model, rows, options, onlooker);
  const broken = await conclude(options, model, run.steps, played.result);
  const { seconds } = played.result.summary;
  await writeReport(await pageOfRun(played.aws, model, seconds.total), folders.page, join(outputDir, "report.html"));
  return { ...played, broken, model, python: tools.python.python };
}

/** @throws if the pipeline could not take the model's folder from the project's code */
function modelOf({ model: folder = MODEL_FOLDER, direct }: MainJobOptions): Model {
  const model = modelIn(folder);
  if (direct !== true && folderOf(model).startsWith("..")) {
    throw new Error(
      `the pipeline takes the model from the project's code, and ${folder} is not in its folder: copy it there, or add --direct`,
    );
  }
  return model;
}

async function playDirectly(
  run: Run,
  tools: Tools,
  model: Model,
  rows: Rows,
  { speed }: MainJobOptions,
  { onAws = () => undefined }: Onlooker,
): Promise<Omit<Played, "broken" | "model" | "python">> {
  const { python } = tools.python;
  const aws = await run.localAws({ python, speed, functionsUseRoles: true, propagationSeconds: PROPAGATION_SECONDS });
  onAws(aws);
  const project = await openProject(run, tools, aws.environment);
  const { steps } = run;
  const result = await directJob({ model, dataDir: folders.data, python, aws, speed, project, steps }, rows);
  return { aws, result, project, pipeline: undefined };
}

async function playThroughPipeline(
  run: Run,
  tools: Tools,
  model: Model,
  rows: Rows,
  options: MainJobOptions,
  { onAws = () => undefined, onPipeline }: Onlooker,
): Promise<Omit<Played, "broken" | "model" | "python">> {
  const { speed, keep = false } = options;
  const { python } = tools.python;
  const repository = await sourceRepository(root, join(folders.pipeline, "source.git"));
  const environment = await buildImage(tools, folders.pipeline);
  // The builds' commands take real time.
  const aws = await run.localAws({
    python,
    speed,
    repository: repository.path,
    builds: { environment, timeoutSpeed: 1 },
    functionsUseRoles: true,
    propagationSeconds: PROPAGATION_SECONDS,
  });
  onAws(aws);
  const project = await openProject(run, tools, { ...aws.environment, PULUMI_BACKEND_URL: stateOf(aws).url });
  const { steps } = run;
  const common = { model, dataDir: folders.data, python, aws, speed, project, steps };
  const result = await pipelineJob({ ...common, repository, buildLogs: folders.builds, keeps: keep, onPipeline }, rows);
  return { aws, result, project, pipeline: result.outputs };
}

async function openProject(run: Run, { pulumi }: Tools, environment: LocalAws["environment"]): Promise<PulumiProject> {
  const project = await PulumiProject.create({ root, dir: folders.project, pulumi, environment });
  run.onClose(() => project.stop());
  return project;
}

/** Tells and writes the summary. Returns the promises that were broken. */
async function conclude(
  options: MainJobOptions,
  model: Model,
  steps: Steps,
  result: MainJobResult,
): Promise<readonly string[]> {
  const { summary, answers, bad } = result;
  const { qualityGate, local } = model;
  const byDefault = options.data === undefined && (options.rows === undefined || options.rows === local.rows);
  const expected = byDefault && local.expected ? { metric: qualityGate.metric, ...local.expected } : undefined;
  const shifts = byDefault || summary.drift !== undefined ? local.shifted : undefined;
  const shifted = shifts && { column: shifts.column, target: model.columns.target };
  const promises = { canaryShare: CANARY_SHARE, watched: options.direct !== true, expected, shifted };
  const broken = brokenPromises(summary, answers, bad, promises);
  await writeFile(join(outputDir, "summary.json"), jsonOf(summary));
  inWords(summary).forEach((line) => steps.line(line));
  if (byDefault && options.speed === DEFAULT_SPEED && summary.seconds.total > USUAL_SECONDS) {
    steps.line(`slower than usual, which is ${USUAL_SECONDS} s at most: is this machine at other work?`);
  }
  broken.forEach((line) => steps.line(`NOT AS EXPECTED: ${line}`));
  return broken;
}

const jsonOf = (summary: Summary) => `${JSON.stringify(summary, undefined, 2)}\n`;

function inWords({ releases, live, traffic, canary, drift, retrain, seconds }: Summary): string[] {
  const slowest = seconds.slowest.map((step) => `${step} ${seconds.byStep[step] ?? 0} s`);
  return [
    "",
    ...releases.map((release) => [`${release.id}: ${release.outcome}`, ...measuresInWords(release)].join(", ")),
    `live: ${live.release} at ${live.endpoint}`,
    ...(drift === undefined ? [] : [`shifted traffic: ${driftInWords(drift)}`]),
    ...(retrain === undefined ? [] : [`retrain governor: ${retrain.decision}, asked by ${retrain.reason}`]),
    `requests: ${traffic.sent} sent, ${traffic.failed} failed, ${traffic.failedBeforeBadRelease} of them before the bad release and ` +
      `${traffic.failedAfterRollback} after the rollback`,
    ...(canary === undefined ? [] : [`canary: found all well in ${canary.successPercent} % of ${canary.runs} runs`]),
    `slowest: ${slowest.join(", ")}`,
    `${seconds.total} s; summary in .local/summary.json, all of it to look at in .local/report.html, log in .local/run.log`,
  ];
}
