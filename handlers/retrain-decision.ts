import type { RetrainRules } from "../lib/contract";

/** An execution of the pipeline. */
export interface Execution {
  readonly id: string;
  /** CodePipeline's word. */
  readonly status: string;
  /** Version of `data-source.zip`. It is not known before the source stage is done. */
  readonly dataVersion?: string;
}

/** A deployment of CodeDeploy, which is a rollout. */
export interface Rollout {
  readonly id: string;
  /** `undefined` as long as it is under way. */
  readonly endedAt?: Date;
}

/** What a decision is made from. */
export interface Facts {
  readonly now: Date;
  /** Newest first. */
  readonly executions: readonly Execution[];
  /** When the governor has started executions. */
  readonly retrainings: readonly Date[];
  /** Newest version of `data-source.zip`; `undefined` if there is none. */
  readonly dataVersion: string | undefined;
  /** Rollouts that are under way or have ended lately. */
  readonly rollouts: readonly Rollout[];
}

/** Whether to train, and why, or why not. */
export interface Decision {
  readonly retrain: boolean;
  readonly why: string;
}

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;
const MINUTE_MS = 60_000;
const UNDER_WAY = ["InProgress", "Stopping"];

/** Decides about a retraining. It names the first thing that speaks against it. */
export function decide(facts: Facts, rules: RetrainRules): Decision {
  const against =
    execution(facts) ?? rollout(facts, rules) ?? cooldown(facts, rules) ?? perDay(facts, rules) ?? data(facts, rules);
  return { retrain: against === undefined, why: against ?? inFavour(facts) };
}

function execution({ executions }: Facts): string | undefined {
  const one = executions.find(({ status }) => UNDER_WAY.includes(status));
  return one && `execution ${one.id} is under way`;
}

function rollout({ rollouts, now }: Facts, { settleMinutes }: RetrainRules): string | undefined {
  const current = rollouts.find(({ endedAt }) => endedAt === undefined);
  if (current !== undefined) {
    return `deployment ${current.id} is under way`;
  }
  const settling = rollouts.find(
    ({ endedAt }) => endedAt !== undefined && elapsed(endedAt, now) < settleMinutes * MINUTE_MS,
  );
  return (
    settling &&
    `deployment ${settling.id} has ended less than ${settleMinutes} minutes ago, so its release may still bake`
  );
}

function cooldown({ retrainings, now }: Facts, { cooldownHours }: RetrainRules): string | undefined {
  const last = retrainings.find((at) => elapsed(at, now) < cooldownHours * HOUR_MS);
  return last && `a retraining was started at ${last.toISOString()}, less than ${cooldownHours} hours ago`;
}

function perDay({ retrainings, now }: Facts, { maximumPerDay }: RetrainRules): string | undefined {
  const { length } = retrainings.filter((at) => elapsed(at, now) < DAY_HOURS * HOUR_MS);
  return length < maximumPerDay
    ? undefined
    : `${length} of at most ${maximumPerDay} retrainings were started in the last ${DAY_HOURS} hours`;
}

function data({ dataVersion, executions }: Facts, { requireNewData }: RetrainRules): string | undefined {
  if (dataVersion === undefined) {
    return "there is no data-source.zip";
  }
  const last = lastTrained(executions);
  return requireNewData && last?.dataVersion === dataVersion
    ? `there are no new data: execution ${last.id} has trained on version ${dataVersion} of data-source.zip, which is the newest`
    : undefined;
}

function inFavour({ dataVersion = "", executions }: Facts): string {
  const last = lastTrained(executions);
  switch (last?.dataVersion) {
    case undefined:
      return `version ${dataVersion} of data-source.zip would be the first one that is trained on`;
    case dataVersion:
      return `nothing speaks against it, and the rules ask for no new data`;
    default:
      return `version ${dataVersion} of data-source.zip is new since execution ${last?.id ?? ""}`;
  }
}

const lastTrained = (executions: readonly Execution[]) =>
  executions.find(({ status, dataVersion }) => status === "Succeeded" && dataVersion !== undefined);

const elapsed = (since: Date, now: Date) => now.getTime() - since.getTime();
