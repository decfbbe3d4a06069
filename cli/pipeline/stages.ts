import type { ActionExecutionDetail } from "@aws-sdk/client-codepipeline";

/** What an execution has done in a stage. */
export interface StageSummary {
  readonly name: string;
  /** CodePipeline's word, such as `Succeeded`. */
  readonly status: string;
  /** Until its last change, if it has not ended; 0 if CodePipeline tells no times. */
  readonly seconds: number;
}

/** The same, and when it began. */
export interface StageTime extends StageSummary {
  readonly startedAt: string | undefined;
}

/**
 * The stages that an execution has reached, in their order. Of an action that was run again only the last run counts.
 *
 * @param actions newest first, as CodePipeline lists them
 */
export function stagesIn(actions: readonly ActionExecutionDetail[]): StageTime[] {
  const stages = new Map<string, ReadonlyMap<string, ActionExecutionDetail>>();
  for (const action of actions.toReversed()) {
    const { stageName = "", actionName = "" } = action;
    stages.set(stageName, new Map([...(stages.get(stageName) ?? []), [actionName, action]]));
  }
  return [...stages].map(([name, latest]) => {
    const all = [...latest.values()];
    const status = all.find((action) => action.status !== "Succeeded")?.status ?? "Succeeded";
    const starts = all.flatMap(({ startTime }) => startTime?.getTime() ?? []);
    const ends = all.flatMap(({ lastUpdateTime }) => lastUpdateTime?.getTime() ?? []);
    const [from, to] = [Math.min(...starts), Math.max(...ends)];
    return {
      name,
      status,
      startedAt: Number.isFinite(from) ? new Date(from).toISOString() : undefined,
      seconds: Number.isFinite(to - from) ? Math.round((to - from) / 100) / 10 : 0,
    };
  });
}
