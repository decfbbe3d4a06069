import { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } from "@aws-sdk/client-codedeploy";
import type { Context } from "aws-lambda";
import { verdictLine, type Verdict } from "../lib/contract";
import { explained } from "../lib/errors";
import { log, writeLine } from "./log";

/**
 * The event with which CodeDeploy invokes a lifecycle hook.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
 */
export interface HookEvent {
  /** Missing if the rollout itself asks for the check, since a first release has no CodeDeploy deployment. */
  readonly DeploymentId?: string;
  /** Identifies the hook and the deployment of the verdict. */
  readonly LifecycleEventHookExecutionId?: string;
  /** Both ids in one, which CodeDeploy also sends. Not used. */
  readonly combined?: unknown;
}

/** Checks one thing. Resolves to what it found if that is good, and rejects with what is wrong. Ends when `signal` fires. */
export type Check = (signal: AbortSignal) => Promise<string>;

/** Time of the function that is kept back from a check, so that a timeout can be reported, retries included. */
const RESERVE_MS = 5000;

const codeDeploy = new CodeDeployClient({
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true },
});

/**
 * Makes a CodeDeploy hook from a check. The hook always reports a verdict, even if the check throws or takes too long: CodeDeploy waits an
 * hour for a hook that does not report. It logs the line `verdict: <status>: <reason>` and returns the verdict. It throws only if it cannot
 * report to CodeDeploy.
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
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "").join(" ");
}
