import type { AccountSetup } from "./data";
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

/**
 * What the local run sets over the project's own config of a stack: the release, the account, and the waits of Pulumi's providers, which
 * do not run on the local AWS's clock and so are divided by its speed here.
 */
export function stackConfig(
  stack: Stack,
  release: { readonly id: string; readonly hyperparameters: Readonly<Record<string, string>> },
  account: AccountSetup,
  speed: number,
): Record<string, string> {
  const poll = (seconds: number) => String(Math.max(LEAST_POLL_SECONDS, seconds / speed));
  const common = { release: release.id, bucket: account.bucket, kmsKeyArn: account.kmsKeyArn };
  switch (stack) {
    case "train":
      return { ...common, hyperparameters: JSON.stringify(release.hyperparameters), pollSeconds: poll(120) };
    case "dev":
      return common;
    case "prod": {
      const captureWaitSeconds = Math.min(840, Math.max(LEAST_CAPTURE_WAIT_SECONDS, 300 / speed));
      return {
        ...common,
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
