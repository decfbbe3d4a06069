import { setTimeout as sleep } from "node:timers/promises";
import { isOver, newestExecution } from "../pipeline/executions";
import type { StageSummary } from "../pipeline/stages";
import { PipelineWatch } from "../pipeline/watch";
import { durationOf, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { progressOf } from "./progress";

export interface WatchOptions {
  readonly until?: string;
}

const LOOK_EVERY_MS = 2000;

/** What has become of an execution. */
interface Outcome {
  readonly execution: string;
  /** CodePipeline's word; `InProgress` if it was watched until a stage. */
  readonly status: string;
  /** Why it has failed; empty if it has not. */
  readonly why: string;
  readonly stages: readonly StageSummary[];
}

/** `safe-deploy release watch` */
export async function watch(context: Context, id: string | undefined, { until }: WatchOptions): Promise<Answer> {
  const { aws, pipelineName } = context;
  const pipeline = new PipelineWatch(aws, pipelineName);
  const names = await pipeline.stages();
  if (until !== undefined && !names.includes(until)) {
    throw new Error(`${pipelineName} has no stage "${until}"; there are ${names.join(", ")}`);
  }
  const execution = id ?? (await newestExecution(aws, pipelineName)).id;
  const outcome = await follow(context, pipeline, execution, until);
  const hasPassed = outcome.status === "Succeeded" || outcome.status === "InProgress";
  return { json: outcome, lines: inWords(outcome), exitStatus: hasPassed ? 0 : 1 };
}

/** Tells each stage once it has ended, and what goes on in the one that has not. */
async function follow(
  context: Context,
  pipeline: PipelineWatch,
  execution: string,
  until: string | undefined,
): Promise<Outcome> {
  const { terminal } = context;
  const told = new Map<string, string>();
  for (;;) {
    const status = await pipeline.status(execution);
    const times = await pipeline.times(execution);
    const stages = times.map(({ name, status: its, seconds }) => ({ name, status: its, seconds }));
    for (const stage of stages.filter(({ status: its }) => its !== "InProgress")) {
      if (!told.has(stage.name)) {
        told.set(stage.name, stage.status);
        terminal.tell(lineOf(stage));
      }
    }
    if (isOver(status)) {
      const why = status === "Succeeded" ? "" : await pipeline.whyEnded(execution);
      return { execution, status, why, stages };
    }
    const going = times.find(({ status: its }) => its === "InProgress");
    const isThere =
      until !== undefined &&
      (told.get(until) === "Succeeded" || (going?.name === until && (await pipeline.asks(execution, until))));
    if (isThere) {
      return { execution, status, why: "", stages };
    }
    if (going !== undefined) {
      const more = await progressOf(context, { release: execution, ...going });
      const text = `${going.name}: ${(await pipeline.goingOn(execution, going.name)) ?? "in progress"}`;
      terminal.show([{ text, detail: durationOf(secondsSince(going.startedAt)) }, ...more]);
    }
    await sleep(LOOK_EVERY_MS);
  }
}

const secondsSince = (time: string | undefined) => (time === undefined ? 0 : (Date.now() - Date.parse(time)) / 1000);

function inWords({ execution, status, why, stages }: Outcome): string[] {
  return [...stages.map(lineOf), "", `${execution}: ${status}${why === "" ? "" : `: ${why}`}`];
}

const lineOf = ({ name, status, seconds }: StageSummary) =>
  `${name.padEnd(12)}${status.padEnd(12)}${durationOf(seconds)}`;
