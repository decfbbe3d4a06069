import { withoutUndefined } from "../support/provider";
import { Waiter } from "../support/waiter";
import { timestamp } from "../support/words";
import { Alias, type AliasState, type FunctionVersion } from "./alias";
import { Deployments, type Deployment } from "./deployments";
import type { LambdaRolloutInputs, LambdaRolloutOutputs, LambdaRolloutResults } from "./inputs";
import { ignoredAlarms, Judges } from "./judges";

/** What the state says from the last update; empty for a resource that is not in the state. */
export type Before = Partial<LambdaRolloutResults>;

/** The result of an attempt to make a release live. */
export interface Found {
  readonly alias: AliasState;
  readonly live: FunctionVersion;
  readonly outcome: LambdaRolloutResults["outcome"];
  /** Since when the release serves. @default - unknown */
  readonly since: Date | undefined;
}

const MAX_HISTORY = 10;

/**
 * One attempt to make a release live. It holds the parts that a rollout works with, and how far it has come. Every part notes here what the
 * state and the messages need, also for the case of a failure.
 */
export class Attempt {
  readonly waiter: Waiter;
  readonly alias: Alias;
  readonly deployments: Deployments;
  readonly judges: Judges;
  /** CodeDeploy's id of the attempt's deployment; "" while there is none. */
  deploymentId = "";
  /** That deployment as it was last seen. */
  deployment: Deployment | undefined;
  /** Whether the new release was seen to have all traffic. */
  hadAllTraffic = false;
  /** When the traffic was back on the old release, if the deployment was undone. */
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

  /** The outputs after a rollout that has succeeded. */
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

  /** The outputs after a failed rollout, without those that need a look at the alias. */
  failedOutputs(): object {
    const { inputs, before, deploymentId, deployment } = this;
    // If CodeDeploy began to roll out a release and it is not settled now, it was never live to the end.
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

  /** Since when the live release serves after a failure; "" if that is not known. */
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

/** The members of a state that are not inputs. A state that an earlier version has written lacks some. */
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
 * The last release whose rollout came to its end. Another one may be live, brought by an interrupted rollout or by somebody else.
 */
export function settledRelease({ history, liveRelease }: Before): string | undefined {
  return history?.[0] ?? liveRelease;
}

function historyOf({ history, liveRelease }: Before): string[] {
  // A version that somebody else has published names no release.
  return (history ?? [liveRelease ?? ""]).filter((release) => release !== "");
}
