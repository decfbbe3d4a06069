import {
  CodePipelineClient,
  DuplicatedStopRequestException,
  ListPipelineExecutionsCommand,
  PipelineExecutionNotStoppableException,
  StopPipelineExecutionCommand,
  type ExecutionTrigger,
  type PipelineExecutionSummary,
} from "@aws-sdk/client-codepipeline";
import type { Settings } from "./settings";

/** Code and data arrive together if they arrive within so many seconds of each other. */
export const TOGETHER_SECONDS = 120;

/** Why an execution is ended. */
export interface Twin {
  /** Id of the execution that goes on in its place. */
  readonly execution: string;
  /** At most 200 characters, which is CodePipeline's limit. */
  readonly reason: string;
}

/**
 * Ends the build's own execution if another one is for the same code and data, or for newer ones that arrived together with them.
 *
 * @returns the reason; `undefined` if the execution goes on
 */
export async function endIfDuplicate({
  pipelineName,
  release,
}: Pick<Settings, "pipelineName" | "release">): Promise<string | undefined> {
  const client = new CodePipelineClient();
  // The latest hundred.
  const { pipelineExecutionSummaries = [] } = await client.send(new ListPipelineExecutionsCommand({ pipelineName }));
  const twin = standsBackFor(release, pipelineExecutionSummaries, startedByEvent(pipelineName));
  if (twin === undefined) {
    return undefined;
  }
  try {
    await client.send(
      new StopPipelineExecutionCommand({
        pipelineName,
        pipelineExecutionId: release,
        abandon: true,
        reason: twin.reason,
      }),
    );
  } catch (error) {
    const isEnding =
      error instanceof PipelineExecutionNotStoppableException || error instanceof DuplicatedStopRequestException;
    if (!isEnding) {
      throw error;
    }
  }
  return `this execution ends here: ${twin.reason}`;
}

/**
 * The execution for which this execution is ended, if any:
 *
 * - an earlier one with the same revisions that is under way or has succeeded, with nothing else in between;
 * - a later one with other revisions that is under way and was started within {@link TOGETHER_SECONDS}: that one has everything newer.
 *
 * Every execution decides for itself, at any time and whatever it sees of the others. Still exactly the first one with the newest revisions
 * goes on: no later one has other revisions, and no earlier one has the same.
 *
 * @param executions of which some may have unknown revisions because their source stage is not done; those end no other
 * @param startedByEvents whether a push or new data has started an execution; all others are left alone and end no other
 */
export function standsBackFor(
  own: string,
  executions: readonly PipelineExecutionSummary[],
  startedByEvents: (trigger: ExecutionTrigger | undefined) => boolean,
): Twin | undefined {
  const ordered = executions.toSorted(byStart);
  const index = ordered.findIndex(({ pipelineExecutionId }) => pipelineExecutionId === own);
  const self = ordered[index];
  if (self === undefined || !startedByEvents(self.trigger) || revisionsOf(self).size === 0) {
    return undefined;
  }
  const counts = ({ trigger }: PipelineExecutionSummary) => startedByEvents(trigger);
  const before = ordered.slice(0, index);
  const same = before
    .slice(before.findLastIndex((one) => !sameRevisions(one, self)) + 1)
    .findLast((one) => counts(one) && (one.status === "InProgress" || one.status === "Succeeded"));
  if (same !== undefined) {
    const execution = same.pipelineExecutionId ?? "";
    const how = same.status === "Succeeded" ? "has brought" : "brings";
    return { execution, reason: `execution ${execution} ${how} the same code and data` };
  }
  const newer = ordered
    .slice(index + 1)
    .findLast(
      (one) =>
        counts(one) &&
        one.status === "InProgress" &&
        knowsMore(one, self) &&
        secondsFrom(self, one) <= TOGETHER_SECONDS,
    );
  if (newer !== undefined) {
    const execution = newer.pipelineExecutionId ?? "";
    const seconds = Math.round(secondsFrom(self, newer));
    return { execution, reason: `execution ${execution}, started ${seconds} s later, brings newer code or data` };
  }
  return undefined;
}

/**
 * Whether a push or new data started an execution. An execution that EventBridge starts, schedules included, has the ARN of the rule. The
 * rule's name shows which one it is. https://docs.aws.amazon.com/codepipeline/latest/userguide/pipelines-about-starting.html
 */
export function startedByEvent(pipelineName: string): (trigger: ExecutionTrigger | undefined) => boolean {
  const rules = [`${pipelineName}-data`, `${pipelineName}-push`];
  return (trigger) => {
    const { triggerType, triggerDetail = "" } = trigger ?? {};
    const isPush = triggerType === "Webhook" || triggerType === "WebhookV2";
    return isPush || (triggerType === "CloudWatchEvent" && rules.includes(triggerDetail.split("/").at(-1) ?? ""));
  };
}

/** Executions that started at the same time are ordered by id, so that all builds see the same order. */
function byStart(one: PipelineExecutionSummary, other: PipelineExecutionSummary): number {
  const [id = "", otherId = ""] = [one.pipelineExecutionId, other.pipelineExecutionId];
  return startOf(one) - startOf(other) || (id < otherId ? -1 : 1);
}

const startOf = ({ startTime }: PipelineExecutionSummary) => startTime?.getTime() ?? 0;
const secondsFrom = (one: PipelineExecutionSummary, other: PipelineExecutionSummary) =>
  (startOf(other) - startOf(one)) / 1000;

/** Revisions by source action. */
function revisionsOf({ sourceRevisions = [] }: PipelineExecutionSummary): ReadonlyMap<string, string> {
  return new Map(
    sourceRevisions.flatMap(({ actionName, revisionId }) =>
      actionName === undefined || revisionId === undefined ? [] : [[actionName, revisionId] as const],
    ),
  );
}

function sameRevisions(one: PipelineExecutionSummary, other: PipelineExecutionSummary): boolean {
  const [revisions, others] = [revisionsOf(one), revisionsOf(other)];
  return revisions.size === others.size && [...revisions].every(([action, id]) => others.get(action) === id);
}

/** Whether all revisions of an execution are known and differ from the others. */
function knowsMore(one: PipelineExecutionSummary, than: PipelineExecutionSummary): boolean {
  const revisions = revisionsOf(one);
  return [...revisionsOf(than).keys()].every((action) => revisions.has(action)) && !sameRevisions(one, than);
}
