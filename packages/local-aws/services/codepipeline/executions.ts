import {
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  RetryStageExecutionCommand,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
  type ExecutionTrigger,
} from "@aws-sdk/client-codepipeline";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { operation, type Operation } from "../../core/operation";
import type { Engine } from "./engine";
import type { Execution } from "./execution";
import { orderOf } from "./execution-order";
import type { Approvals } from "./providers/approval";
import { page, stageOf, type Pipeline, type Store } from "./store";

/** What the operations on executions work with. */
export interface ExecutionParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly engine: Engine;
  readonly approvals: Approvals;
  /** ARN of who decides about approvals and stops executions: callers are not told apart here. */
  readonly caller: string;
  /** What the present request starts an execution by. */
  readonly trigger: () => ExecutionTrigger;
}

/** Operations on executions and their approvals. */
export function executionOperations(parts: ExecutionParts): readonly Operation[] {
  const { store, clock, engine, approvals, caller, trigger } = parts;
  return [
    operation(StartPipelineExecutionCommand, (input) => {
      const pipeline = store.pipeline(input.name);
      const known = pipeline.tokens.get(input.clientRequestToken ?? "");
      if (known !== undefined) {
        return { pipelineExecutionId: known };
      }
      const { id } = engine.start(pipeline, orderOf(pipeline, input, trigger()));
      if (input.clientRequestToken !== undefined) {
        pipeline.tokens.set(input.clientRequestToken, id);
      }
      return { pipelineExecutionId: id };
    }),

    operation(StopPipelineExecutionCommand, (input) => {
      const pipeline = store.pipeline(input.pipelineName);
      const execution = store.execution(pipeline, input.pipelineExecutionId);
      const abandon = input.abandon ?? false;
      if (execution.hasEnded) {
        throw new AwsError(
          "PipelineExecutionNotStoppableException",
          `Pipeline execution ${execution.id} cannot be stopped: it is ${execution.status}`,
        );
      }
      if (execution.isStopping && !abandon) {
        throw new AwsError(
          "DuplicatedStopRequestException",
          `Pipeline execution ${execution.id} is already stopping; only abandoning its actions is left to do`,
        );
      }
      engine.stop(pipeline, execution, abandon, input.reason);
      return { pipelineExecutionId: execution.id };
    }),

    operation(RetryStageExecutionCommand, (input) => {
      const pipeline = store.pipeline(input.pipelineName);
      const { name: stageName = "" } = stageOf(pipeline, input.stageName);
      const execution = store.execution(pipeline, input.pipelineExecutionId);
      const run = execution.stages.get(stageName);
      if (run === undefined || !execution.hasEnded || (run.status !== "Failed" && run.status !== "Stopped")) {
        throw new AwsError(
          "StageNotRetryableException",
          `Stage ${stageName} of pipeline execution ${execution.id} cannot be retried: it is ${run?.status ?? "not run"}`,
        );
      }
      const isParallel = execution.order.declaration.executionMode === "PARALLEL";
      if (!isParallel && pipeline.latestStages.get(stageName) !== run) {
        throw new AwsError(
          "NotLatestPipelineExecutionException",
          `Pipeline execution ${execution.id} is not the latest one of stage ${stageName}`,
        );
      }
      engine.retry(pipeline, execution, run, input.retryMode);
      return { pipelineExecutionId: execution.id };
    }),

    operation(GetPipelineExecutionCommand, (input) => {
      const pipeline = store.pipeline(input.pipelineName);
      return { pipelineExecution: executionInfo(store.execution(pipeline, input.pipelineExecutionId)) };
    }),

    operation(ListPipelineExecutionsCommand, (input) => {
      const pipeline = store.pipeline(input.pipelineName);
      const stage = input.filter?.succeededInStage?.stageName;
      const found = pipeline.executions.filter(
        ({ stages }) => stage === undefined || stages.get(stage)?.status === "Succeeded",
      );
      const { items, nextToken } = page(found.toReversed(), input.nextToken, input.maxResults);
      return { pipelineExecutionSummaries: items.map(executionSummary), nextToken };
    }),

    operation(PutApprovalResultCommand, (input) => {
      const pipeline = store.pipeline(input.pipelineName);
      const run = approvalRun(pipeline, input.stageName, input.actionName);
      const { status, summary } = input.result;
      if (run?.token !== input.token) {
        const isOver = run !== undefined && run.status !== "InProgress";
        throw isOver
          ? new AwsError(
              "ApprovalAlreadyCompletedException",
              "The approval action has already been approved or rejected.",
            )
          : new AwsError(
              "InvalidApprovalTokenException",
              "The approval request already received a response or has expired.",
            );
      }
      approvals.decide(input.token, { approved: status === "Approved", summary, by: caller });
      return { approvedAt: clock.now() };
    }),
  ];
}

function approvalRun(pipeline: Pipeline, stageName: string, actionName: string) {
  const stage = stageOf(pipeline, stageName);
  if (!(stage.actions ?? []).some(({ name }) => name === actionName)) {
    throw new AwsError("ActionNotFoundException", `Stage '${stageName}' does not have an action named '${actionName}'`);
  }
  const runs = pipeline.executions.flatMap(({ actionRuns }) => actionRuns);
  const ofAction = runs.filter((run) => run.stageName === stageName && run.action.name === actionName);
  return ofAction.findLast(({ token }) => token !== undefined) ?? ofAction.at(-1);
}

function executionInfo(execution: Execution) {
  const { id, status, statusSummary, order } = execution;
  return {
    pipelineName: execution.pipelineName,
    pipelineVersion: order.pipelineVersion,
    pipelineExecutionId: id,
    status,
    statusSummary,
    artifactRevisions: execution.revisions.map((revision) => ({
      name: revision.artifactName,
      revisionId: revision.revisionId,
      revisionSummary: revision.summary,
      revisionUrl: revision.url,
      created: revision.created,
    })),
    variables: Object.entries(order.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })),
    trigger: order.trigger,
    executionMode: order.declaration.executionMode,
    executionType: "STANDARD" as const,
  };
}

function executionSummary(execution: Execution) {
  const { id, status, statusSummary, startTime, lastUpdateTime, order, stopReason } = execution;
  return {
    pipelineExecutionId: id,
    status,
    statusSummary,
    startTime,
    lastUpdateTime,
    sourceRevisions: execution.revisions.map((revision) => ({
      actionName: revision.actionName,
      revisionId: revision.revisionId,
      revisionSummary: revision.summary,
      revisionUrl: revision.url,
    })),
    trigger: order.trigger,
    stopTrigger: stopReason === undefined ? undefined : { reason: stopReason },
    executionMode: order.declaration.executionMode,
    executionType: "STANDARD" as const,
  };
}
