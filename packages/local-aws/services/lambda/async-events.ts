import { randomUUID } from "node:crypto";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { FunctionCalls } from "./calls";
import type { FunctionReference } from "./names";

/** Waits before the second and the third attempt. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const RETRIES_AFTER_MS = [60_000, 120_000];
/** How long an event is kept that cannot even be tried; AWS gives up after six hours. */
const KEPT_MS = 6 * 3600_000;
const THROTTLED_RETRY_MS = 1_000;
const LONGEST_THROTTLED_RETRY_MS = 300_000;

/** Events that nobody waits for: tried up to three times when the function fails, and later when it may not run yet. */
export class AsyncEvents {
  private closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly calls: FunctionCalls,
  ) {}

  send(reference: FunctionReference, payload: Uint8Array, clientContext?: string): void {
    const requestId = randomUUID();
    void this.deliver(() => this.attempt(reference, payload, clientContext, requestId));
  }

  /** Gives up what is still to be tried again. */
  close(): void {
    this.closed = true;
  }

  private async attempt(
    reference: FunctionReference,
    payload: Uint8Array,
    clientContext: string | undefined,
    requestId: string,
  ): Promise<"done" | "failed" | "not now"> {
    try {
      const call = await this.calls.call(this.calls.choose(reference), payload, clientContext, requestId);
      return call.errorType === undefined ? "done" : "failed";
    } catch (error) {
      if (error instanceof AwsError && error.code !== "ResourceNotFoundException") {
        return "not now";
      }
      // The function was deleted meanwhile: AWS drops its events too. Anything else is a defect and must show.
      if (error instanceof AwsError) {
        return "done";
      }
      throw error;
    }
  }

  private async deliver(attempt: () => Promise<"done" | "failed" | "not now">): Promise<void> {
    let failures = 0;
    let waitedMs = 0;
    let pauseMs = THROTTLED_RETRY_MS;
    while (!this.closed) {
      const result = await attempt();
      if (result === "done") {
        return;
      }
      const waitMs = result === "failed" ? RETRIES_AFTER_MS[failures++] : pauseMs;
      if (waitMs === undefined || waitedMs > KEPT_MS) {
        return;
      }
      if (result === "not now") {
        waitedMs += pauseMs;
        pauseMs = Math.min(pauseMs * 2, LONGEST_THROTTLED_RETRY_MS);
      }
      await this.clock.sleep(waitMs);
    }
  }
}
