import type { ArtifactDetail, ArtifactStore } from "@aws-sdk/client-codepipeline";
import type { SessionKeys } from "../../../core/local";
import type { PipelineLocal } from "../context";
import type { ActionRun } from "../execution";

/** What an action's work is done with. */
export interface ActionWork {
  readonly local: PipelineLocal;
  /** Where the work notes what there is to see of it. */
  readonly run: ActionRun;
  /** Its variables resolved. */
  readonly configuration: Readonly<Record<string, string>>;
  readonly inputs: readonly ArtifactDetail[];
  /** Where the outputs are to be put. */
  readonly outputs: readonly ArtifactDetail[];
  readonly store: ArtifactStore;
  /** Of the action's role. */
  readonly session: SessionKeys;
  /** Given when the action is abandoned. */
  readonly signal: AbortSignal;
}

/**
 * Does an action's work. Returns its output variables.
 *
 * @throws ActionFailure, or what a call of AWS throws
 */
export type Provider = (work: ActionWork) => Promise<Readonly<Record<string, string>>>;

/** Notes something about an action, for `GetPipelineState` and `ListActionExecutions`. */
export function note(work: ActionWork, what: Partial<Pick<ActionRun, "summary" | "token">>): void {
  Object.assign(work.run, what);
  work.run.lastUpdateTime = work.local.clock.now();
}

/** Notes what an action runs elsewhere, such as a build. */
export function noteExternal(work: ActionWork, result: NonNullable<ActionRun["output"]["executionResult"]>): void {
  work.run.output = { ...work.run.output, executionResult: { ...work.run.output.executionResult, ...result } };
  work.run.lastUpdateTime = work.local.clock.now();
}
