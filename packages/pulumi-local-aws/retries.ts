import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from "@smithy/types";

/** What the AWS provider allows by default. */
const MAX_ATTEMPTS = 25;
/** Nobody listens any more: the local AWS has ended, and will not be back. */
const MAX_ATTEMPTS_REFUSED = 4;
const FIRST_DELAY_MS = 50;
/** The AWS provider waits longer; here 25 attempts still outlast a quarter of a minute of trouble. */
const LONGEST_DELAY_MS = 1000;

/**
 * Tries again, as the AWS provider does, what was throttled, met an error of the service, or lost its connection. The SDK's own strategy
 * also gives up where a client has retried much lately; a deployment must outlast a bad time of AWS.
 */
export class PatientRetries implements RetryStrategyV2 {
  constructor(private readonly cancelled: AbortSignal) {}

  async acquireInitialRetryToken(): Promise<RetryToken> {
    return tokenFor(0);
  }

  async refreshRetryTokenForRetry(token: RetryToken, { errorType, error }: RetryErrorInfo): Promise<RetryToken> {
    const attempts = token.getRetryCount() + 1;
    const passes = errorType === "THROTTLING" || errorType === "TRANSIENT" || errorType === "SERVER_ERROR";
    const most = codeOf(error) === "ECONNREFUSED" ? MAX_ATTEMPTS_REFUSED : MAX_ATTEMPTS;
    if (!passes || attempts >= most || this.cancelled.aborted) {
      throw new Error("no further attempt");
    }
    return tokenFor(attempts);
  }

  recordSuccess(): void {
    // Nothing is counted over several requests.
  }
}

function tokenFor(retries: number): RetryToken {
  const longest = retries === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (retries - 1));
  const delay = longest * (0.5 + Math.random() / 2);
  return { getRetryCount: () => retries, getRetryDelay: () => delay };
}

/** Whether an earlier attempt of the request that failed so came to nothing: AWS may have done what it was asked for all the same. */
export function wasRepeated(error: unknown): boolean {
  const metadata = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  const attempts = typeof metadata === "object" && metadata !== null && "attempts" in metadata ? metadata.attempts : 1;
  return typeof attempts === "number" && attempts > 1;
}

/** The code of a broken connection, such as `ECONNREFUSED`. */
export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
