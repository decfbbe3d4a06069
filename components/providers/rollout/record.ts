import { withoutUndefined } from "../run/implementation";
import type { AliasState, FunctionVersion } from "./alias";
import { ignoredAlarms, type Attempt } from "./attempt";
import type { LambdaRolloutInputs, LambdaRolloutOutputs, LambdaRolloutResults } from "./rollout-inputs";
import { timestamp } from "./words";

/** What the state says of the time before; empty for a resource that is not in the state. */
export type Before = Partial<LambdaRolloutResults>;

const MAX_HISTORY = 10;

/** Of a state what is no input. One that an earlier version has written lacks some of it. */
export function resultsOf<T extends Before>(state: T): Pick<T, keyof LambdaRolloutResults> {
  const { liveRelease, liveVersion, aliasArn, deploymentId, outcome, liveSince, history, ignoredAlarms } = state;
  return withoutUndefined({
    liveRelease,
    liveVersion,
    aliasArn,
    deploymentId,
    outcome,
    liveSince,
    history,
    ignoredAlarms,
  });
}

/**
 * The release whose rollout was the last to come to its end. Another may be live: one that an interrupted rollout has brought,
 * or somebody else.
 */
export function settledRelease({ history, liveRelease }: Before): string | undefined {
  return history?.[0] ?? liveRelease;
}

/** What is true after a rollout that has come to its end. @param since Since when the release serves; unknown where it is left out. */
export function outputs(
  inputs: LambdaRolloutInputs,
  before: Before,
  attempt: Attempt,
  now: {
    readonly alias: AliasState;
    readonly live: FunctionVersion;
    readonly outcome: LambdaRolloutResults["outcome"];
    readonly since: Date | undefined;
  },
): LambdaRolloutOutputs {
  const { alias, live, outcome, since } = now;
  const known = before.liveRelease === live.release ? before.liveSince : undefined;
  return withoutUndefined({
    ...inputs,
    aliasArn: alias.arn,
    liveRelease: live.release,
    liveVersion: live.version,
    deploymentId: attempt.deploymentId,
    outcome,
    liveSince: since === undefined ? (known ?? "") : timestamp(since),
    history: [live.release, ...historyOf(before).filter((release) => release !== live.release)].slice(0, MAX_HISTORY),
    ignoredAlarms: ignoredAlarms(inputs, attempt.deployment),
  });
}

/** What is true after one that has failed, as far as the alias is not asked. */
export function failedOutputs(inputs: LambdaRolloutInputs, before: Before, attempt: Attempt): object {
  // A release that CodeDeploy began to roll out and that is not settled now has not been live to the end.
  const isUnsettled = (release: string) => attempt.deploymentId !== "" && release === inputs.release;
  return withoutUndefined({
    ...inputs,
    ...resultsOf(before),
    deploymentId: attempt.deploymentId,
    outcome: "failed",
    history: historyOf(before).filter((release) => !isUnsettled(release)),
    ignoredAlarms: ignoredAlarms(inputs, attempt.deployment),
  });
}

/** Since when the live release serves after a failure; "" where that is not known. */
export function liveSince(
  before: Before,
  { deployment, hadAllTraffic, wentBack }: Attempt,
  live: Pick<LambdaRolloutResults, "liveRelease" | "liveVersion">,
): string {
  if (hadAllTraffic && wentBack !== undefined) {
    return timestamp(wentBack);
  }
  if (live.liveRelease === before.liveRelease) {
    return before.liveSince ?? "";
  }
  const { targetVersion, completedAt } = deployment ?? {};
  return targetVersion === live.liveVersion && completedAt !== undefined ? timestamp(completedAt) : "";
}

function historyOf({ history, liveRelease }: Before): string[] {
  // A version that somebody else has made carries no release.
  return (history ?? [liveRelease ?? ""]).filter((release) => release !== "");
}
