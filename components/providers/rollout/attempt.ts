import { withoutUndefined } from "../support/provider";
import { Waiter } from "../support/waiter";
import { timestamp } from "../support/words";
import { Alias, type AliasState, type FunctionVersion } from "./alias";
import { Deployments, type Deployment } from "./deployments";
import type { LambdaRolloutInputs, LambdaRolloutOutputs, LambdaRolloutResults } from "./inputs";
import { ignoredAlarms, Judges } from "./judges";

/** What the state says of the time before; empty for a resource that is not in the state. */
export type Before = Partial<LambdaRolloutResults>;

/** What an attempt to make a release live has found in the end. */
export interface Found {
  readonly alias: AliasState;
  readonly live: FunctionVersion;
  readonly outcome: LambdaRolloutResults["outcome"];
  /** Since when the release serves; unknown where it is left out. */
  readonly since: Date | undefined;
}

const MAX_HISTORY = 10;

/**
 * One attempt to make a release live: whom it deals with, what it has come to so far, and what the state is to say of it. Whoever takes
 * part notes here what state and message need, also when it fails.
 */
export class Attempt {
  readonly waiter: Waiter;
  readonly alias: Alias;
  readonly deployments: Deployments;
  readonly judges: Judges;
  /** Deployment that it is about; "" while there is none. */
  deploymentId = "";
  /** That deployment as it was last seen. */
  deployment: Deployment | undefined;
  /** Whether the new release was seen to have all traffic. */
  hadAllTraffic = false;
  /** When the traffic was back on the old release, where the deployment was undone. */
  wentBack: Date | undefined;

  constructor(
    readonly inputs: LambdaRolloutInputs,
    readonly before: Before,
  ) {
    this.waiter = new Waiter(`${inputs.functionName}:${inputs.aliasName}`, inputs);
    this.alias = new Alias(inputs, this.waiter);
    this.deployments = new Deployments(inputs, this.waiter);
    this.judges = new Judges(inputs, this.waiter);
  }

  readonly tell = (line: string) => this.waiter.tell(line);

  /** What is true after a rollout that has come to its end. */
  outputs({ alias, live, outcome, since }: Found): LambdaRolloutOutputs {
    const { inputs, before, deploymentId, deployment } = this;
    const known = before.liveRelease === live.release ? before.liveSince : undefined;
    return withoutUndefined({
      ...inputs,
      aliasArn: alias.arn,
      liveRelease: live.release,
      liveVersion: live.version,
      deploymentId,
      outcome,
      liveSince: since === undefined ? (known ?? "") : timestamp(since),
      history: [live.release, ...historyOf(before).filter((release) => release !== live.release)].slice(0, MAX_HISTORY),
      ignoredAlarms: ignoredAlarms(inputs, deployment),
    });
  }

  /** What is true after one that has failed, as far as the alias is not asked. */
  failedOutputs(): object {
    const { inputs, before, deploymentId, deployment } = this;
    // A release that CodeDeploy began to roll out and that is not settled now has not been live to the end.
    const isUnsettled = (release: string) => deploymentId !== "" && release === inputs.release;
    return withoutUndefined({
      ...inputs,
      ...resultsOf(before),
      deploymentId,
      outcome: "failed",
      history: historyOf(before).filter((release) => !isUnsettled(release)),
      ignoredAlarms: ignoredAlarms(inputs, deployment),
    });
  }

  /** Since when the live release serves after a failure; "" where that is not known. */
  liveSince(live: FunctionVersion): string {
    const { before, hadAllTraffic, wentBack } = this;
    if (hadAllTraffic && wentBack !== undefined) {
      return timestamp(wentBack);
    }
    if (live.release === before.liveRelease) {
      return before.liveSince ?? "";
    }
    const { targetVersion, completedAt } = this.deployment ?? {};
    return targetVersion === live.version && completedAt !== undefined ? timestamp(completedAt) : "";
  }
}

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

function historyOf({ history, liveRelease }: Before): string[] {
  // A version that somebody else has made carries no release.
  return (history ?? [liveRelease ?? ""]).filter((release) => release !== "");
}
