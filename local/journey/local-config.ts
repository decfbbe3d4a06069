import type { LocalAws } from "local-aws";
import type { Hyperparameters } from "../../lib/hyperparameters";
import type { Model } from "../../lib/model";
import type { AccountSetup } from "./account";
import { folderOf } from "./models";
import type { PulumiState } from "./pipeline-stack";
import type { Stack } from "./project";

const BAKE_SECONDS = 300;
/** Least seconds between two looks at AWS here. Faster polling only costs time. */
const LEAST_POLL_SECONDS = 0.25;
/** Least seconds for writing captures here, whatever the speed. */
const LEAST_CAPTURE_WAIT_SECONDS = 5;
/** The local AWS takes grants back in two minutes. */
const GRANT_RETIREMENT_SECONDS = 180;
/** Most seconds of a hook here, apart from waiting for captures: its process must start. */
const HOOK_SECONDS = 10;
/** Seconds in which some requests are sure to be counted here, whatever the speed. */
const LEAST_UNDECIDED_SECONDS = 15;
/** A canary is short here, so there are more probes per second, and a verdict needs fewer requests. */
const PROBES_PER_SECOND = 10;
const MINIMUM_REQUESTS = 10;

/** Any ARN will do: for the local AWS every connection leads to its only repository. */
const REPOSITORY = "owner/name";
const CONNECTION = "connection/00000000-0000-0000-0000-000000000000";
/** The project's own checks take minutes, and contributors run them anyway. */
const CHECKS = "npm run --silent types";

/**
 * The rollout's own probes often expose a bad release before any caller meets it. This run shows what a bad release costs callers, so it
 * has no probes.
 */
export const WITHOUT_PROBES = { probesPerSecond: "0" };

const DAY_SECONDS = 86_400;
const SELDOM = "rate(30 days)";
/** Least seconds of a window here: its alarm looks back for a few windows of AWS's time, and a drift job takes some real seconds. */
const LEAST_WINDOW_SECONDS = 1200;

/**
 * Watches the traffic for drift, where the model's definition says how it shifts. A window takes as long as one of AWS's days here, and the
 * schedule looks at each.
 */
export function driftWatch({ local }: Pick<Model, "local">, speed: number): Readonly<Record<string, string>> {
  if (local.shifted === undefined) {
    return {};
  }
  return { driftMonitor: JSON.stringify({ windowSeconds: windowSeconds(speed), schedule: "rate(1 day)" }) };
}

/** Real seconds of a window: whole minutes, and a day at most. */
export function windowSeconds(speed: number): number {
  const asLongAsADay = 60 * Math.round(DAY_SECONDS / speed / 60);
  return Math.min(DAY_SECONDS, Math.max(LEAST_WINDOW_SECONDS, asLongAsADay));
}

/**
 * When there is a retraining. The governor counts real minutes. The data are those of before, and there are callers, so that a release
 * bakes no longer than it must. What has been decided is not looked at again, whenever that would be.
 */
export function retrainRules(speed: number) {
  return { requireNewData: false, lookSchedule: SELDOM, settleMinutes: BAKE_SECONDS / 60 / speed };
}

/** Values that the local run sets over the project's own config of stack `pipeline`; `prod` has those for stack `prod` only. */
export function pipelineConfig(
  aws: Pick<LocalAws, "account">,
  settings: {
    readonly model: Model;
    readonly account: AccountSetup;
    readonly state: PulumiState;
    readonly branch: string;
    readonly speed: number;
    readonly prod: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const { model, account, state, branch, speed, prod } = settings;
  const { region, accountId } = aws.account;
  const connectionArn = `arn:aws:codeconnections:${region}:${accountId}:${CONNECTION}`;
  const stacks = {
    train: waits("train", speed),
    dev: waits("dev", speed),
    prod: { ...waits("prod", speed), ...prod },
  };
  return {
    modelFolder: folderOf(model),
    repository: JSON.stringify({ type: "connection", connectionArn, repository: REPOSITORY, branch }),
    stateUrl: state.url,
    secretsProvider: state.secretsProvider,
    bucket: account.bucket,
    kmsKeyArn: account.kmsKeyArn,
    stackConfig: JSON.stringify(stacks),
    checks: CHECKS,
    retrain: JSON.stringify(retrainRules(speed)),
  };
}

/** Values that the local run sets over the project's own config of a stack: the release, the account and the waits. */
export function stackConfig(
  stack: Stack,
  release: { readonly model: Model; readonly id: string; readonly hyperparameters: Hyperparameters },
  account: AccountSetup,
  speed: number,
): Record<string, string> {
  const { bucket, kmsKeyArn } = account;
  const common = { modelFolder: folderOf(release.model), release: release.id, bucket, kmsKeyArn };
  const hyperparameters = JSON.stringify(release.hyperparameters);
  return { ...common, ...(stack === "train" ? { hyperparameters } : {}), ...waits(stack, speed) };
}

/** The waits of the providers. They do not use the local AWS's clock, so they are divided by its speed here. */
function waits(stack: Stack, speed: number): Record<string, string> {
  const poll = (seconds: number) => String(Math.max(LEAST_POLL_SECONDS, seconds / speed));
  switch (stack) {
    case "train":
      return { pollSeconds: poll(120) };
    case "dev":
      return { grantRetirementSeconds: String(GRANT_RETIREMENT_SECONDS / speed) };
    case "prod": {
      const captureWaitSeconds = Math.min(840, Math.max(LEAST_CAPTURE_WAIT_SECONDS, 300 / speed));
      return {
        grantRetirementSeconds: String(GRANT_RETIREMENT_SECONDS / speed),
        pollSeconds: poll(15),
        drainSeconds: String(30 / speed),
        captureWaitSeconds: String(captureWaitSeconds),
        bakeSeconds: String(BAKE_SECONDS / speed),
        undecidedSeconds: String(Math.max(LEAST_UNDECIDED_SECONDS, 1800 / speed)),
        hookTimeoutSeconds: String(Math.max(captureWaitSeconds + HOOK_SECONDS, 960 / speed)),
        probesPerSecond: String(PROBES_PER_SECOND),
        minimumRequests: String(MINIMUM_REQUESTS),
        driftMonitor: "false",
        canary: "false",
        qualityMonitor: "false",
        dashboard: "false",
      };
    }
  }
}
