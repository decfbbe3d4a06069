import type { Local } from "../../core/local";
import { ExecutionLog } from "./execution-log";
import { errorPayload, timeoutError } from "./function-error";
import type { FunctionVersion } from "./store";
import type { Outcome } from "./worker";

/** A call of a function for which the fault `function-silent` is set: none of its code runs, and it times out. */
export async function silence(local: Local, version: FunctionVersion, requestId: string): Promise<Outcome> {
  const { timeoutSeconds } = version.settings;
  const log = new ExecutionLog(local.logs, version);
  log.start(requestId);
  await local.clock.sleepReal(timeoutSeconds * 1000);
  log.timedOut(requestId, timeoutSeconds);
  const durationMs = timeoutSeconds * 1000;
  const logTail = log.end({ requestId, durationMs, initMs: undefined, maxMemoryInMB: 0, status: "timeout" });
  return { ...errorPayload(timeoutError(requestId, timeoutSeconds)), durationMs, logTail };
}
