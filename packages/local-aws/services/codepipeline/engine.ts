import type {
  ActionDeclaration,
  PipelineExecutionStatus,
  RetryTrigger,
  StageDeclaration,
  StageExecutionStatus,
  StageRetryMode,
} from "@aws-sdk/client-codepipeline";
import { AwsError } from "../../core/aws-error";
import { Background } from "../../core/background";
import { ShutDown } from "../../core/waiting";
import { ActionRunner } from "./action-runner";
import type { PipelineLocal } from "./context";
import { groupsOf } from "./definition";
import { PipelineEvents, type EventState } from "./events";
import { Execution, type ExecutionOrder, type StageRun } from "./execution";
import type { Approvals } from "./providers/approval";
import { declarationOf, type Pipeline } from "./store";

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html */
const MAX_CONCURRENT = 50;
const EVENT_OF: Readonly<Partial<Record<PipelineExecutionStatus | StageExecutionStatus, EventState>>> = {
  Succeeded: "SUCCEEDED",
  Failed: "FAILED",
  Stopped: "STOPPED",
  Stopping: "STOPPING",
  Superseded: "SUPERSEDED",
};
/** How a stage or an execution ends. */
type Ending = "Succeeded" | "Failed" | "Stopped";

/** Carries out executions: takes each through the stages, one after the other. */
export class Engine {
  private readonly events: PipelineEvents;
  private readonly actions: ActionRunner;
  private readonly background = new Background();
  private readonly closing = new AbortController();
  private started = 0;

  constructor(
    private readonly local: PipelineLocal,
    approvals: Approvals,
  ) {
    this.events = new PipelineEvents(local.events, local.account);
    this.actions = new ActionRunner(local, approvals, this.closing.signal);
  }

  /**
   * Begins an execution. It goes on in the background; whatever happens to it ends up in the execution.
   *
   * @throws AwsError `ConcurrentPipelineExecutionsLimitExceededException`
   */
  start(pipeline: Pipeline, order: Omit<ExecutionOrder, "pipelineVersion" | "declaration">): Execution {
    const declaration = declarationOf(pipeline);
    const running = pipeline.executions.filter(({ hasEnded }) => !hasEnded);
    if (declaration.executionMode !== "SUPERSEDED" && running.length >= MAX_CONCURRENT) {
      throw new AwsError(
        "ConcurrentPipelineExecutionsLimitExceededException",
        `The pipeline '${pipeline.name}' has reached the limit of ${MAX_CONCURRENT} concurrent executions`,
      );
    }
    this.started += 1;
    const full = { ...order, declaration, pipelineVersion: declaration.version ?? 1 };
    const execution = new Execution(this.started, full, this.local.clock.now());
    pipeline.executions.push(execution);
    this.events.execution(execution, "STARTED");
    this.begin(execution, () => this.goThrough(pipeline, execution, 0));
    return execution;
  }

  /** Leaves executions where they are: the local AWS ends. */
  close(): void {
    this.closing.abort(new ShutDown());
  }

  /** Stops an execution: after the actions under way, or at once. */
  stop(pipeline: Pipeline, execution: Execution, abandon: boolean, reason: string | undefined): void {
    execution.stop(abandon, reason);
    execution.lastUpdateTime = this.local.clock.now();
    this.events.execution(execution, "STOPPING");
    pipeline.gates.callOff(execution);
  }

  /** Runs a stage of an execution again, and goes on from there. */
  retry(pipeline: Pipeline, execution: Execution, failed: StageRun, mode: StageRetryMode): void {
    execution.resume(this.local.clock.now());
    this.events.execution(execution, "RESUMED");
    const index = (execution.order.declaration.stages ?? []).findIndex(({ name }) => name === failed.stageName);
    this.begin(execution, () => this.goThrough(pipeline, execution, index, { failed, mode }));
  }

  private async goThrough(
    pipeline: Pipeline,
    execution: Execution,
    from: number,
    again?: { readonly failed: StageRun; readonly mode: StageRetryMode },
  ): Promise<void> {
    let retried = again;
    for (const stage of (execution.order.declaration.stages ?? []).slice(from)) {
      const stageName = stage.name ?? "";
      const entry = execution.isStopping ? "stopped" : await pipeline.gates.enter(stageName, execution);
      if (entry !== "entered") {
        this.end(execution, entry === "superseded" ? "Superseded" : "Stopped");
        return;
      }
      let ending: Ending;
      try {
        ending = await this.passStage(pipeline, execution, stage, retried);
      } finally {
        pipeline.gates.leave(stageName, execution);
      }
      retried = undefined;
      if (ending !== "Succeeded") {
        this.end(execution, ending);
        return;
      }
    }
    // Somebody may have stopped it during its last action, which nothing then came after.
    this.end(execution, execution.isStopping ? "Stopped" : "Succeeded");
  }

  private async passStage(
    pipeline: Pipeline,
    execution: Execution,
    stage: StageDeclaration,
    again: { readonly failed: StageRun; readonly mode: StageRetryMode } | undefined,
  ): Promise<Ending> {
    const first = this.beginStage(pipeline, execution, stage, again && { ...again, trigger: "ManualStageRetry" });
    const ending = await this.runStage(pipeline, execution, stage, first);
    const retryMode = stage.onFailure?.retryConfiguration?.retryMode ?? "FAILED_ACTIONS";
    const mayRetry = stage.onFailure?.result === "RETRY" && again === undefined && !execution.isStopping;
    if (ending !== "Failed" || !mayRetry) {
      return ending;
    }
    const how = { failed: first, mode: retryMode, trigger: "AutomatedStageRetry" as const };
    return this.runStage(pipeline, execution, stage, this.beginStage(pipeline, execution, stage, how));
  }

  private beginStage(
    pipeline: Pipeline,
    execution: Execution,
    stage: StageDeclaration,
    again: { readonly failed: StageRun; readonly mode: StageRetryMode; readonly trigger: RetryTrigger } | undefined,
  ): StageRun {
    const { failed, mode, trigger } = again ?? {};
    const kept = mode === "FAILED_ACTIONS" ? [...(failed?.actions ?? [])] : [];
    const before = failed?.retries ?? {};
    const byHand = trigger === "ManualStageRetry" ? 1 : 0;
    const run: StageRun = {
      stageName: stage.name ?? "",
      executionId: execution.id,
      status: "InProgress",
      startTime: this.local.clock.now(),
      actions: new Map(kept.filter(([, { status }]) => status === "Succeeded")),
      retries: trigger && {
        manualStageRetryAttempt: (before.manualStageRetryAttempt ?? 0) + byHand,
        autoStageRetryAttempt: (before.autoStageRetryAttempt ?? 0) + 1 - byHand,
        latestRetryTrigger: trigger,
      },
    };
    execution.stages.set(run.stageName, run);
    pipeline.latestStages.set(run.stageName, run);
    this.events.stage(execution, run, trigger === undefined ? "STARTED" : "RESUMED");
    return run;
  }

  private async runStage(
    pipeline: Pipeline,
    execution: Execution,
    stage: StageDeclaration,
    run: StageRun,
  ): Promise<Ending> {
    let ending: Ending = "Succeeded";
    for (const group of groupsOf(stage)) {
      const due = group.filter(({ name = "" }: ActionDeclaration) => !run.actions.has(name));
      if (execution.isStopping) {
        ending = due.length === 0 ? ending : "Stopped";
        break;
      }
      const runs = await Promise.all(due.map((action) => this.actions.run(pipeline, execution, run, action)));
      if (runs.some(({ status }) => status === "Abandoned")) {
        ending = "Stopped";
      } else if (runs.some(({ status }) => status === "Failed")) {
        ending = "Failed";
      }
      if (ending !== "Succeeded") {
        break;
      }
    }
    run.status = ending;
    this.events.stage(execution, run, EVENT_OF[ending] ?? "FAILED");
    return ending;
  }

  private end(execution: Execution, status: PipelineExecutionStatus): void {
    execution.set(status, this.local.clock.now());
    this.events.execution(execution, EVENT_OF[status] ?? "FAILED");
  }

  private begin(execution: Execution, work: () => Promise<void>): void {
    this.background.begin(`execution ${execution.id}`, work, () => this.end(execution, "Failed"));
  }
}
