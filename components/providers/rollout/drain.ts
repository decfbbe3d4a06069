import type { Patience } from "../run/patience";
import type { FunctionVersion } from "./alias";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** Seconds beyond the function's timeout for which the old release is kept. */
const DRAIN_MARGIN_SECONDS = 5;

/** Waits until the old version has answered what it was answering when the traffic left it. */
export async function drain(
  { drainSeconds }: LambdaRolloutInputs,
  patience: Patience,
  old: FunctionVersion,
  since: Date,
): Promise<void> {
  const seconds = drainSeconds ?? old.timeoutSeconds + DRAIN_MARGIN_SECONDS;
  const left = seconds - (Date.now() - since.getTime()) / 1000;
  if (left > 0) {
    patience.tell(`waiting ${Math.ceil(left)} s for the requests that the old release is answering`);
    await patience.wait(left);
  }
}
