import type { Clock } from "../../core/clock";
import { DeploymentFailure, ShutDown } from "./failure";

/**
 * Waits as long as AWS would take `milliseconds`. Rejects with the signal's reason when that is given before, and with
 * {@link ShutDown} when the local AWS ends: a deployment must not go on because its waiting was cut short.
 */
export function pause(clock: Clock, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const stopped = () => {
      cancel();
      reject(failureOf(signal));
    };
    const cancel = clock.after(
      milliseconds,
      () => {
        signal?.removeEventListener("abort", stopped);
        resolve();
      },
      () => {
        signal?.removeEventListener("abort", stopped);
        reject(new ShutDown());
      },
    );
    signal?.addEventListener("abort", stopped, { once: true });
  });
}

function failureOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new ShutDown();
}

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
    await pause(clock, delay * 1000, signal);
  }
}

const THROTTLING = new Set(["ThrottlingException", "TooManyRequestsException", "Throttling", "LimitExceededException"]);

function callFailure(what: string, error: unknown): DeploymentFailure {
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const text = `${what} failed: ${name}: ${message}`;
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

function statusOf(error: unknown): number | undefined {
  if (typeof error !== "object" || error === null || !("$metadata" in error)) {
    return undefined;
  }
  const metadata = error.$metadata;
  const status: unknown =
    typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
      ? metadata.httpStatusCode
      : undefined;
  return typeof status === "number" ? status : undefined;
}
