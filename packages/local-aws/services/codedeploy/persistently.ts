import type { Clock } from "../../core/clock";
import { messageOf, statusOf } from "../../core/failure";
import { pause } from "../../core/waiting";
import { DeploymentFailure } from "./failure";

/** How long an AWS service may go on failing before a deployment gives up, and how often it is asked again meanwhile. AWS's time. */
const GIVE_UP_SECONDS = 300;
const FIRST_DELAY_SECONDS = 1;
const MAX_DELAY_SECONDS = 30;

/**
 * Calls an AWS service until it answers. Throttling, 5xx and broken connections are tried again for five minutes of AWS's time.
 *
 * @param what for the message, such as `Lambda UpdateAlias`
 * @throws DeploymentFailure with the last error; the signal's reason where that is given while waiting
 */
export async function persistently<T>(
  clock: Clock,
  what: string,
  call: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  let waited = 0;
  for (let delay = FIRST_DELAY_SECONDS; ; delay = Math.min(delay * 2, MAX_DELAY_SECONDS)) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof DeploymentFailure) {
        throw error;
      }
      if (!isTransient(error) || waited >= GIVE_UP_SECONDS) {
        throw callFailure(what, error);
      }
    }
    waited += delay;
    await pause(clock, delay, signal);
  }
}

const THROTTLING = new Set(["ThrottlingException", "TooManyRequestsException", "Throttling", "LimitExceededException"]);

function callFailure(what: string, error: unknown): DeploymentFailure {
  const name = error instanceof Error ? error.name : "Error";
  const text = `${what} failed: ${name}: ${messageOf(error)}`;
  if (THROTTLING.has(name)) {
    return new DeploymentFailure("THROTTLED", text);
  }
  if (statusOf(error) === 403) {
    return new DeploymentFailure("IAM_ROLE_PERMISSIONS", text);
  }
  return new DeploymentFailure(
    isTransient(error) || !what.startsWith("Lambda") ? "INTERNAL_ERROR" : "INVALID_LAMBDA_FUNCTION",
    text,
  );
}

function isTransient(error: unknown): boolean {
  const status = statusOf(error);
  // Without a status there was no answer. 412 and 409: somebody else was faster; what there is now is read again.
  return status === undefined || status >= 500 || [409, 412, 429].includes(status) || isThrottling(error);
}

const isThrottling = (error: unknown) => error instanceof Error && THROTTLING.has(error.name);
