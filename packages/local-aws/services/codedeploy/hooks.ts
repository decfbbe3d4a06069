import { randomBytes } from "node:crypto";
import type { LifecycleEventStatus } from "@aws-sdk/client-codedeploy";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { pause } from "../../core/waiting";
import { DeploymentFailure } from "./failure";
import { persistently } from "./persistently";

/** How long a hook has to report, in AWS's time. */
const HOOK_TIMEOUT_SECONDS = 3600;
const HOOK_FAILED = "The deployment failed because one or more of the lifecycle event validation functions failed.";
const HOOK_TIMED_OUT =
  "The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback within one hour after a deployment hook is invoked.";

interface Execution {
  readonly deploymentId: string;
  readonly report: (status: "Succeeded" | "Failed") => void;
  reported: boolean;
}

/** The hooks that were called, by the id under which each is to report its verdict. */
export class HookExecutions {
  private readonly byId = new Map<string, Execution>();

  constructor(
    private readonly lambda: LambdaClient,
    private readonly clock: Clock,
  ) {}

  /**
   * Calls a hook function asynchronously, as CodeDeploy does, and waits for the verdict that it reports with
   * `PutLifecycleEventHookExecutionStatus`. What the function returns, and whether it throws, CodeDeploy never learns.
   *
   * @throws DeploymentFailure `HOOK_EXECUTION_FAILURE` if it cannot be called, reports failure, or nothing for an hour
   */
  async execute(deploymentId: string, functionName: string, signal: AbortSignal): Promise<void> {
    const executionId = randomBytes(48).toString("base64url");
    const payload = { DeploymentId: deploymentId, LifecycleEventHookExecutionId: executionId };
    const ended = new AbortController();
    const verdict = new Promise<"Succeeded" | "Failed">((report) =>
      this.byId.set(executionId, { deploymentId, report, reported: false }),
    );
    await this.invoke(functionName, JSON.stringify(payload), signal);
    const timeout = pause(this.clock, HOOK_TIMEOUT_SECONDS, AbortSignal.any([signal, ended.signal])).then(
      () => "TimedOut" as const,
    );
    try {
      const status = await Promise.race([verdict, timeout]);
      if (status !== "Succeeded") {
        throw new DeploymentFailure("HOOK_EXECUTION_FAILURE", status === "Failed" ? HOOK_FAILED : HOOK_TIMED_OUT);
      }
    } finally {
      // Ends the waiting that lost the race, whose rejection then concerns nobody.
      timeout.catch(() => undefined);
      ended.abort(new Error("the hook has reported"));
      this.close(executionId);
    }
  }

  /**
   * What `PutLifecycleEventHookExecutionStatus` does.
   *
   * @throws AwsError if there is no such execution, it has ended, or the status is no verdict
   */
  report(deploymentId: string, executionId: string | undefined, status: LifecycleEventStatus | undefined): void {
    const execution = this.byId.get(executionId ?? "");
    if (execution?.deploymentId !== deploymentId) {
      throw new AwsError(
        "InvalidLifecycleEventHookExecutionIdException",
        `Deployment ${deploymentId} has no lifecycle event hook execution ${executionId ?? "(none)"}.`,
      );
    }
    if (status !== "Succeeded" && status !== "Failed") {
      throw new AwsError(
        "InvalidLifecycleEventHookExecutionStatusException",
        `The status must be Succeeded or Failed, got ${status ?? "(none)"}.`,
      );
    }
    if (execution.reported) {
      throw new AwsError(
        "LifecycleEventAlreadyCompletedException",
        "The lifecycle event hook execution has already ended.",
      );
    }
    this.close(executionId ?? "");
    execution.report(status);
  }

  private close(executionId: string): void {
    const execution = this.byId.get(executionId);
    if (execution !== undefined) {
      execution.reported = true;
    }
  }

  private async invoke(functionName: string, payload: string, signal: AbortSignal): Promise<void> {
    const command = new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "Event",
      Payload: Buffer.from(payload),
    });
    try {
      await persistently(this.clock, `Invoke of hook ${functionName}`, () => this.lambda.send(command), signal);
    } catch (error) {
      if (error instanceof DeploymentFailure && !signal.aborted) {
        throw new DeploymentFailure("HOOK_EXECUTION_FAILURE", error.message);
      }
      throw error;
    }
  }
}
