import { executionsOf } from "../pipeline/executions";
import type { StageTime } from "../pipeline/stages";
import type { Trip } from "../pipeline/trip";
import { percent } from "../serving/traffic";
import { durationOf, facts, table, timeOf, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { lineageOf, type Lineage, type ServedBy } from "./lineage";
import { releaseIdOf } from "./release-id";
import type { Training } from "./training";

export interface ShowOptions {
  readonly stack: readonly string[];
}

/** `safe-deploy release show` */
export async function show(context: Context, id: string, { stack: stacks }: ShowOptions): Promise<Answer> {
  const { aws, model, pipelineName, terminal } = context;
  const release = releaseIdOf(id);
  terminal.progress(`asking what AWS knows of release ${release}`);
  const lineage = await lineageOf(aws, { model, pipelineName, release, stacks });
  if (lineage === undefined) {
    throw new Error(await unknown(context, release));
  }
  return { json: lineage, lines: inWords(lineage) };
}

/** What there is in place of a release that nobody knows. */
async function unknown({ aws, model, pipelineName }: Context, release: string): Promise<string> {
  const newest = await executionsOf(aws, pipelineName, 5).catch((error: unknown) => {
    if (error instanceof Error && error.name === "PipelineNotFoundException") {
      return [];
    }
    throw error;
  });
  const known =
    newest.length === 0
      ? `and pipeline ${pipelineName} has none: look at --model, --stack and --region`
      : `the newest are ${newest.map(({ id }) => id).join(", ")}: safe-deploy release list`;
  return `AWS knows no release "${release}" of model ${model}; ${known}`;
}

function inWords(lineage: Lineage): string[] {
  const { release, pipeline, why, code, dataVersion, training, gate, archiveSha256, endpoints } = lineage;
  const parts = [
    facts({
      release,
      outcome: outcomeOf(lineage),
      why,
      "started by": startedBy(pipeline),
      commit: [code.commit, code.branch && `on ${code.branch}`].filter((part) => part !== undefined).join(" "),
      message: code.message?.split("\n")[0],
      "data version": dataVersion,
      gate: gate && `${gate.metric} ${gate.value}, ${gate.limits}`,
      approval: approvalOf(pipeline),
      "archive SHA-256": archiveSha256,
    }),
    training === undefined ? [] : facts(trainingFacts(training)),
    pipeline === undefined ? [] : table([["stage", "status", "began", "took"], ...pipeline.stages.map(stageRow)]),
    endpoints.length === 0 ? ["no endpoint of it is there"] : endpoints.flatMap(endpointLines),
  ];
  return parts.filter((part) => part.length > 0).flatMap((part, i) => (i === 0 ? part : ["", ...part]));
}

function outcomeOf({ pipeline, endpoints }: Lineage): string {
  const live = endpoints.filter(({ share = 0 }) => share > 0);
  const serving = live.map(({ stack, share = 0 }) => `${percent(share)} of the traffic of ${stack}`);
  return [pipeline?.status ?? "deployed by hand", ...serving].join(", ");
}

function startedBy(trip: Trip | undefined): string | undefined {
  return trip && [trip.trigger, trip.reason].filter((part) => part !== undefined).join(": ");
}

function approvalOf(trip: Trip | undefined): string | undefined {
  const { status, by = "somebody", comment, at } = trip?.approval ?? {};
  return status && `${status} by ${by}${at === undefined ? "" : ` at ${timeOf(new Date(at))}`}: ${comment ?? ""}`;
}

function trainingFacts({ jobName, status, why, seconds, metrics, hyperparameters, data }: Training) {
  const list = (values: Readonly<Record<string, string | number>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ");
  return {
    "training job": jobName,
    status: [status, seconds === undefined ? undefined : durationOf(seconds), why]
      .filter((part) => part !== undefined)
      .join(", "),
    metrics: list(metrics),
    hyperparameters: list(hyperparameters),
    data: list(data),
  };
}

function stageRow({ name, status, startedAt, seconds }: StageTime): string[] {
  return [name, status, startedAt === undefined ? "" : timeOf(new Date(startedAt)), durationOf(seconds)];
}

function endpointLines({ stack, name, status, share, instances, resolvedImage }: ServedBy): string[] {
  const traffic = share === undefined ? undefined : share > 0 ? `live, ${percent(share)} of the traffic` : "no traffic";
  return facts({
    [`endpoint in ${stack}`]: name,
    status: [status, instances && `${instances} instance${instances === 1 ? "" : "s"}`, traffic]
      .filter((part) => part !== undefined)
      .join(", "),
    image: resolvedImage,
  });
}
