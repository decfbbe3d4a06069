import type { LocalAws } from "local-aws";
import type { AccountSetup } from "./data";
import type { PulumiState } from "./pipeline-stack";
import type { Stack } from "./project";

/** Seconds that a look at AWS takes here at least; polling faster than that only costs. */
const LEAST_POLL_SECONDS = 0.25;
/** Seconds that writing captures takes here at least, whatever the speed. */
const LEAST_CAPTURE_WAIT_SECONDS = 5;
/** Seconds that a hook takes here at most, beside its waiting for captures: its process has to start. */
const HOOK_SECONDS = 10;
/** Seconds within which some requests are counted here, whatever the speed. */
const LEAST_UNDECIDED_SECONDS = 15;
/** A canary is short here: more probes in a second, and fewer requests to be decided. */
const PROBES_PER_SECOND = 10;
const MINIMUM_REQUESTS = 10;

/** Any will do: the local AWS takes its one repository for whichever a connection leads to. */
const REPOSITORY = "owner/name";
const CONNECTION = "connection/00000000-0000-0000-0000-000000000000";
/** The project's own checks take minutes, and whoever runs this has just had them or is about to. */
const CHECKS = "npm run --silent types";

/**
 * The rollout's own probes often find a bad release out before any caller meets it. Here it is to be seen what it costs callers, so it
 * comes without them.
 */
export const WITHOUT_PROBES = { probesPerSecond: "0" };

/** What the local run sets over the project's own config of stack `pipeline`; `prod` over that of stack `prod` alone. */
export function pipelineConfig(
  aws: Pick<LocalAws, "account">,
  settings: {
    readonly account: AccountSetup;
    readonly state: PulumiState;
    readonly branch: string;
    readonly speed: number;
    readonly prod: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const { account, state, branch, speed, prod } = settings;
  const { region, accountId } = aws.account;
  const connectionArn = `arn:aws:codeconnections:${region}:${accountId}:${CONNECTION}`;
  const stacks = {
    train: waits("train", speed),
    dev: waits("dev", speed),
    prod: { ...waits("prod", speed), ...prod },
  };
  return {
    repository: JSON.stringify({ type: "connection", connectionArn, repository: REPOSITORY, branch }),
    stateUrl: state.url,
    secretsProvider: state.secretsProvider,
    bucket: account.bucket,
    kmsKeyArn: account.kmsKeyArn,
    stackConfig: JSON.stringify(stacks),
    checks: CHECKS,
  };
}

/** What the local run sets over the project's own config of a stack: the release, the account, and the waits. */
export function stackConfig(
  stack: Stack,
  release: { readonly id: string; readonly hyperparameters: Readonly<Record<string, string>> },
  account: AccountSetup,
  speed: number,
): Record<string, string> {
  const common = { release: release.id, bucket: account.bucket, kmsKeyArn: account.kmsKeyArn };
  const hyperparameters = JSON.stringify(release.hyperparameters);
  return { ...common, ...(stack === "train" ? { hyperparameters } : {}), ...waits(stack, speed) };
}

/** The waits of Pulumi's providers, which do not run on the local AWS's clock and so are divided by its speed here. */
export function waits(stack: Stack, speed: number): Record<string, string> {
  const poll = (seconds: number) => String(Math.max(LEAST_POLL_SECONDS, seconds / speed));
  switch (stack) {
    case "train":
      return { pollSeconds: poll(120) };
    case "dev":
      return {};
    case "prod": {
      const captureWaitSeconds = Math.min(840, Math.max(LEAST_CAPTURE_WAIT_SECONDS, 300 / speed));
      return {
        pollSeconds: poll(15),
        drainSeconds: String(30 / speed),
        captureWaitSeconds: String(captureWaitSeconds),
        bakeSeconds: String(300 / speed),
        undecidedSeconds: String(Math.max(LEAST_UNDECIDED_SECONDS, 1800 / speed)),
        hookTimeoutSeconds: String(Math.max(captureWaitSeconds + HOOK_SECONDS, 960 / speed)),
        probesPerSecond: String(PROBES_PER_SECOND),
        minimumRequests: String(MINIMUM_REQUESTS),
      };
    }
  }
}
