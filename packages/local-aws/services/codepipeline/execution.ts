import { randomUUID } from "node:crypto";
import type {
  ActionDeclaration,
  ActionExecutionInput,
  ActionExecutionOutput,
  ActionExecutionStatus,
  ActionRevision,
  ArtifactDetail,
  ErrorDetails,
  ExecutionTrigger,
  PipelineDeclaration,
  PipelineExecutionStatus,
  RetryStageMetadata,
  SourceRevisionOverride,
  StageExecutionStatus,
} from "@aws-sdk/client-codepipeline";
import { Abandoned } from "./failure";

/** The run of one action. */
export interface ActionRun {
  readonly id: string;
  readonly execution: Execution;
  readonly stageName: string;
  readonly action: ActionDeclaration;
  readonly startTime: Date;
  lastUpdateTime: Date;
  status: ActionExecutionStatus;
  input: ActionExecutionInput;
  output: ActionExecutionOutput;
  summary: string | undefined;
  /** Of an approval that waits for its verdict. */
  token: string | undefined;
  lastUpdatedBy: string | undefined;
  errorDetails: ErrorDetails | undefined;
  /** What a source action took. */
  revision: SourceRevision | undefined;
}

/** What a source action took. */
export interface SourceRevision {
  readonly artifactName: string | undefined;
  readonly actionName: string;
  readonly revisionId: string;
  readonly summary: string;
  readonly url: string;
  readonly created: Date;
}

/** The passage of one execution through one stage. */
export interface StageRun {
  readonly stageName: string;
  readonly executionId: string;
  status: StageExecutionStatus;
  readonly startTime: Date;
  /** The latest run of each action, by name. */
  readonly actions: Map<string, ActionRun>;
  retries: RetryStageMetadata | undefined;
}

/** What an execution is started with. */
export interface ExecutionOrder {
  readonly pipelineVersion: number;
  readonly declaration: PipelineDeclaration;
  readonly trigger: ExecutionTrigger;
  readonly variables: Readonly<Record<string, string>>;
  readonly sourceRevisions: readonly SourceRevisionOverride[];
  /** Branch of each git source action that is not to take its own, by the action's name. */
  readonly branches?: Readonly<Record<string, string>>;
}

/** An execution of a pipeline: what has become of it so far. */
export class Execution {
  readonly id: string = randomUUID();
  status: PipelineExecutionStatus = "InProgress";
  statusSummary: string | undefined;
  lastUpdateTime: Date;
  /** 1, and one more with each retry. */
  attempt = 1;
  stopReason: string | undefined;
  /** In the order in which they were entered. */
  readonly stages = new Map<string, StageRun>();
  readonly actionRuns: ActionRun[] = [];
  /** Where each artifact lies, by name. */
  readonly artifacts = new Map<string, ArtifactDetail>();
  /** Output variables of actions, by namespace. */
  readonly namespaces = new Map<string, Readonly<Record<string, string>>>();
  private readonly revisionsByAction = new Map<string, SourceRevision>();
  private abandoning = new AbortController();

  constructor(
    /** Higher for an execution that was started later. */
    readonly sequence: number,
    readonly order: ExecutionOrder,
    readonly startTime: Date,
  ) {
    this.lastUpdateTime = startTime;
    this.namespaces.set("codepipeline", { PipelineExecutionId: this.id });
    this.namespaces.set("variables", order.variables);
  }

  get pipelineName(): string {
    return this.order.declaration.name ?? "";
  }

  get hasEnded(): boolean {
    return this.status !== "InProgress" && this.status !== "Stopping";
  }

  get isStopping(): boolean {
    return this.status === "Stopping";
  }

  get revisions(): readonly SourceRevision[] {
    return [...this.revisionsByAction.values()];
  }

  /** Given when the actions under way are to be abandoned. */
  get signal(): AbortSignal {
    return this.abandoning.signal;
  }

  took(revision: SourceRevision): void {
    this.revisionsByAction.set(revision.actionName, revision);
  }

  stop(abandon: boolean, reason: string | undefined): void {
    this.status = "Stopping";
    this.stopReason = reason ?? this.stopReason;
    if (abandon) {
      this.abandoning.abort(new Abandoned("the execution was stopped and its actions abandoned"));
    }
  }

  set(status: PipelineExecutionStatus, now: Date): void {
    this.status = status;
    this.lastUpdateTime = now;
  }

  /** An execution that has ended goes on: a stage of it is to be run again. */
  resume(now: Date): void {
    this.attempt += 1;
    this.stopReason = undefined;
    this.abandoning = new AbortController();
    this.set("InProgress", now);
  }
}

/** A source action's revision as `GetPipelineState` shows it. */
export function currentRevision({ revision }: ActionRun): ActionRevision | undefined {
  return (
    revision && { revisionId: revision.revisionId, revisionChangeId: revision.revisionId, created: revision.created }
  );
}
