import type { Account } from "../../core/account";
import { arn } from "../../core/account";
import type { EventSink } from "../../core/local";
import type { ActionRun, Execution, StageRun } from "./execution";

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html */
export type EventState =
  "STARTED" | "SUCCEEDED" | "FAILED" | "RESUMED" | "STOPPING" | "STOPPED" | "SUPERSEDED" | "CANCELED" | "ABANDONED";

/** Tells EventBridge what becomes of pipelines, stages and actions. */
export class PipelineEvents {
  constructor(
    private readonly sink: EventSink,
    private readonly account: Account,
  ) {}

  execution(execution: Execution, state: EventState): void {
    const { triggerType, triggerDetail } = execution.order.trigger;
    this.put("CodePipeline Pipeline Execution State Change", execution, {
      state,
      "execution-trigger": { "trigger-type": triggerType, "trigger-detail": triggerDetail },
      ...(execution.stopReason === undefined ? {} : { "stop-execution-comments": execution.stopReason }),
    });
  }

  stage(execution: Execution, { stageName: stage }: StageRun, state: EventState): void {
    this.put("CodePipeline Stage Execution State Change", execution, { stage, state });
  }

  action(run: ActionRun, state: EventState): void {
    const { owner, provider, category, version } = run.action.actionTypeId ?? {};
    const { executionResult } = run.output;
    const artifacts = (list: ActionRun["input"]["inputArtifacts"] = []) => (list.length === 0 ? undefined : list);
    this.put("CodePipeline Action Execution State Change", run.execution, {
      stage: run.stageName,
      "action-execution-id": run.id,
      action: run.action.name,
      "input-artifacts": artifacts(run.input.inputArtifacts),
      "output-artifacts": state === "SUCCEEDED" ? artifacts(run.output.outputArtifacts) : undefined,
      state,
      region: this.account.region,
      type: { owner, provider, category, version },
      ...(executionResult === undefined && run.errorDetails === undefined
        ? {}
        : {
            "execution-result": {
              "external-execution-url": executionResult?.externalExecutionUrl,
              "external-execution-summary": run.errorDetails?.message ?? executionResult?.externalExecutionSummary,
              "external-execution-id": executionResult?.externalExecutionId,
              "error-code": run.errorDetails?.code,
            },
          }),
    });
  }

  private put(type: string, execution: Execution, detail: object): void {
    const { pipelineName: pipeline, id, order, startTime, attempt } = execution;
    this.sink.put({
      source: "aws.codepipeline",
      "detail-type": type,
      resources: [arn(this.account, "codepipeline", pipeline)],
      detail: {
        pipeline,
        "execution-id": id,
        "start-time": startTime.toISOString(),
        ...detail,
        version: order.pipelineVersion,
        "pipeline-execution-attempt": attempt,
      },
    });
  }
}
