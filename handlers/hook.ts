import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from "@aws-sdk/client-codedeploy";
import type { Context } from "aws-lambda";
import { verdictLine, type Verdict } from "../lib/contract";
import { explained } from "../lib/errors";
import { log, writeLine } from "./log";

/**
 * What CodeDeploy invokes a lifecycle hook with.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
export interface HookEvent {
  /** Missing where a rollout asks for the check by itself: a first release has no CodeDeploy deployment. */
  readonly DeploymentId?: string;
  /** Which hook of which deployment the verdict is for. */
  readonly LifecycleEventHookExecutionId?: string;
  /** Both in one, as CodeDeploy also sends it; not used. */
  readonly combined?: unknown;
}

/** Looks at one thing: resolves to what it saw where that is good, rejects with what is wrong. Ends when `signal` fires. */
export type Check = (signal: AbortSignal) => Promise<string>;

/** What is left of the function's time when a check is given up: enough to report that, retries included. */
const RESERVE_MS = 5000;

const codeDeploy = new CodeDeployClient({
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
});

/**
 * Makes a CodeDeploy hook of a check. It reports a verdict whatever happens, also where the check throws or takes longer than the
 * function has: CodeDeploy waits an hour for a hook that does not report. It logs the line `verdict: <status>: <reason>` and
 * returns the verdict. Throws only where CodeDeploy cannot be told.
 */
export function lifecycleHook(check: Check): (event: HookEvent, context: Context) => Promise<Verdict> {
  return async (event, context) => {
    const remainingMs = context.getRemainingTimeInMillis();
    const verdict = await judge(check, Math.max(remainingMs - RESERVE_MS, remainingMs / 2));
    writeLine(verdictLine(verdict));
    await report(event, verdict);
    return verdict;
  };
}

async function judge(check: Check, timeoutMs: number): Promise<Verdict> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`the check did not end within ${Number((timeoutMs / 1000).toPrecision(2))} s`));
      abort.abort();
    }, timeoutMs);
  });
  try {
    return { status: "Succeeded", reason: oneLine(await Promise.race([check(abort.signal), late])) };
  } catch (error) {
    return { status: "Failed", reason: oneLine(explained(error).message) };
  } finally {
    clearTimeout(timer);
  }
}

async function report(event: HookEvent, { status }: Verdict): Promise<void> {
  const { DeploymentId: deploymentId, LifecycleEventHookExecutionId: lifecycleEventHookExecutionId } = event;
  if (deploymentId === undefined && lifecycleEventHookExecutionId === undefined) {
    return;
  }
  try {
    await codeDeploy.send(
      new PutLifecycleEventHookExecutionStatusCommand({ deploymentId, lifecycleEventHookExecutionId, status }),
    );
  } catch (error) {
    log("ERROR", "the verdict could not be reported to CodeDeploy", { deploymentId, error: explained(error).message });
    throw error;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, " ");
}
