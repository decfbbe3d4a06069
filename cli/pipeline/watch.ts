import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  type ActionExecutionDetail,
  type ActionState,
  type ApprovalStatus,
  type StageState,
} from "@aws-sdk/client-codepipeline";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsSettings } from "../support/context";
import { actionsOf } from "./actions";
import { BuildLogs, complaintOf } from "./build-logs";
import { isOver } from "./executions";
import { stagesIn, type StageSummary, type StageTime } from "./stages";

/** How often the pipeline is looked at. */
const LOOK_EVERY_MS = 500;
/** Most time until an event has started an execution. On AWS it takes a second or two as well. */
const START_WITHIN_MS = 60_000;
/** Most time until executions that nobody waits for are over, such as a new pipeline's first one, which fails in its first stage. */
const OVER_WITHIN_MS = 180_000;

/** A stage that is over. */
export interface StageEnd {
  /** CodePipeline's word for the result. */
  readonly status: string;
  /** Why it failed; empty if it did not. */
  readonly why: string;
  /** The log of its build; empty if there is none. */
  readonly log: readonly string[];
}

/** An approval that waits for somebody. */
export interface Approval {
  readonly token: string;
  /** The approval's text about the release. */
  readonly text: string;
}

/** A pipeline as a person at a terminal follows it. */
export class PipelineWatch {
  private readonly client: CodePipelineClient;
  private readonly logs: BuildLogs;

  constructor(
    aws: AwsSettings,
    readonly pipelineName: string,
  ) {
    this.client = new CodePipelineClient(aws);
    this.logs = new BuildLogs(aws);
  }

  /** Executions, newest first. */
  async executions() {
    const { pipelineName } = this;
    const { pipelineExecutionSummaries } = await this.client.send(new ListPipelineExecutionsCommand({ pipelineName }));
    return (pipelineExecutionSummaries ?? []).map(({ pipelineExecutionId = "", status = "" }) => ({
      id: pipelineExecutionId,
      isOver: isOver(status),
    }));
  }

  /** Names of the pipeline's stages, in order. */
  async stages(): Promise<string[]> {
    const { stageStates } = await this.client.send(new GetPipelineStateCommand({ name: this.pipelineName }));
    return (stageStates ?? []).flatMap(({ stageName }) => stageName ?? []);
  }

  /** Waits until all executions are over. @throws Error if they take longer than this */
  async idle(milliseconds = OVER_WITHIN_MS): Promise<void> {
    const deadline = Date.now() + milliseconds;
    for (;;) {
      const going = (await this.executions()).find(({ isOver }) => !isOver);
      if (going === undefined) {
        return;
      }
      if (Date.now() > deadline) {
        throw new Error(`execution ${going.id} of ${this.pipelineName} is not over after ${milliseconds / 1000} s`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Does something that starts an execution, and returns its id. */
  async startedBy(work: () => Promise<void>): Promise<string> {
    const known = new Set((await this.executions()).map(({ id }) => id));
    await work();
    const deadline = Date.now() + START_WITHIN_MS;
    while (Date.now() < deadline) {
      const started = (await this.executions()).find(({ id }) => !known.has(id));
      if (started !== undefined) {
        return started.id;
      }
      await sleep(LOOK_EVERY_MS);
    }
    throw new Error(`no execution of ${this.pipelineName} has started within ${START_WITHIN_MS / 1000} s`);
  }

  /** CodePipeline's word for how it stands with an execution. */
  async status(execution: string): Promise<string> {
    const { pipelineName } = this;
    const { pipelineExecution } = await this.client.send(
      new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId: execution }),
    );
    return pipelineExecution?.status ?? "";
  }

  /** Why an execution that is over has not succeeded. */
  async whyEnded(execution: string): Promise<string> {
    const last = (await this.actions(execution)).find(({ status }) => status !== "Succeeded");
    if (last === undefined) {
      return this.whyStopped(execution);
    }
    const { externalExecutionId, externalExecutionSummary, errorDetails } = last.output?.executionResult ?? {};
    const log = externalExecutionId?.includes(":") === true ? await this.logs.linesOfFailed(externalExecutionId) : [];
    const why = complaintOf(log) ?? errorDetails?.message ?? externalExecutionSummary;
    return [last.stageName, why].filter((part) => part !== undefined).join(": ");
  }

  /** What was said when it was stopped between its stages; empty if nothing was. */
  private async whyStopped(execution: string): Promise<string> {
    const { pipelineName } = this;
    const { pipelineExecutionSummaries = [] } = await this.client.send(
      new ListPipelineExecutionsCommand({ pipelineName }),
    );
    const found = pipelineExecutionSummaries.find(({ pipelineExecutionId }) => pipelineExecutionId === execution);
    return found?.stopTrigger?.reason ?? found?.statusSummary ?? "";
  }

  /** Last output of the build that goes on in a stage; `undefined` if there is none. */
  async goingOn(execution: string, stage: string): Promise<string | undefined> {
    const action = (await this.actions(execution)).find(({ stageName }) => stageName === stage);
    const buildId = action?.output?.executionResult?.externalExecutionId;
    return buildId?.includes(":") === true ? this.logs.lastLine(buildId) : undefined;
  }

  /** The execution that asks for approval in a stage; `undefined` if none does. */
  async asking(stage: string): Promise<string | undefined> {
    const { stageStates } = await this.client.send(new GetPipelineStateCommand({ name: this.pipelineName }));
    const { latestExecution, actionStates } = stageStates?.find(({ stageName }) => stageName === stage) ?? {};
    return actionStates?.some((state) => state.latestExecution?.token !== undefined) === true &&
      latestExecution?.status === "InProgress"
      ? latestExecution.pipelineExecutionId
      : undefined;
  }

  /** Whether an execution asks for approval in a stage. */
  async asks(execution: string, stage: string): Promise<boolean> {
    return (await this.asking(stage)) === execution;
  }

  /** Waits until an execution has passed a stage. Reports the output of the stage's build. */
  async through(execution: string, stage: string, onProgress: (line: string) => void): Promise<StageEnd> {
    for (;;) {
      const { status, actions } = await this.stage(execution, stage);
      if (isEnd(status)) {
        return this.end(status, actions);
      }
      const buildId = buildOf(actions);
      const line = buildId === undefined ? undefined : await this.logs.lastLine(buildId);
      if (line !== undefined) {
        onProgress(line);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Waits until an execution asks for approval. @throws Error with the result if the stage is over */
  async approval(execution: string, stage: string): Promise<Approval> {
    for (;;) {
      const { status, actions } = await this.stage(execution, stage);
      const [token] = actions.flatMap(({ latestExecution }) => latestExecution?.token ?? []);
      if (status === "InProgress" && token !== undefined) {
        const asked = (await this.actions(execution)).find(({ stageName }) => stageName === stage);
        return { token, text: asked?.input?.resolvedConfiguration?.CustomData ?? "" };
      }
      if (isEnd(status)) {
        throw new Error(inWords(stage, await this.end(status, actions)));
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Answers an approval. */
  async answer(stage: string, { token }: Approval, status: ApprovalStatus, summary: string): Promise<void> {
    const result = { status, summary };
    const { pipelineName } = this;
    await this.client.send(
      new PutApprovalResultCommand({ pipelineName, stageName: stage, actionName: stage, token, result }),
    );
  }

  /** The stages that an execution has reached, in order. */
  async summary(execution: string): Promise<StageSummary[]> {
    return (await this.times(execution)).map(({ name, status, seconds }) => ({ name, status, seconds }));
  }

  /** The same, and when each began. */
  async times(execution: string): Promise<StageTime[]> {
    return stagesIn(await this.actions(execution));
  }

  /** @throws Error if the execution has ended without reaching the stage */
  private async stage(execution: string, stage: string) {
    const isOver = (await this.executions()).find(({ id }) => id === execution)?.isOver;
    const { stageStates } = await this.client.send(new GetPipelineStateCommand({ name: this.pipelineName }));
    const { latestExecution, actionStates = [] } = stageStates?.find(({ stageName }) => stageName === stage) ?? {};
    if (latestExecution?.pipelineExecutionId === execution) {
      return { status: latestExecution.status, actions: actionStates };
    }
    if (isOver === true) {
      const reasons = await Promise.all((stageStates ?? []).map((state) => this.failure(execution, state)));
      const why = reasons.find((reason) => reason !== undefined);
      throw new Error(`execution ${execution} has ended before stage ${stage}${why === undefined ? "" : `: ${why}`}`);
    }
    return { status: undefined, actions: [] };
  }

  /** How an execution has ended in a stage, in words; `undefined` if it has passed, or another one has come since. */
  private async failure(execution: string, { stageName = "", latestExecution, actionStates = [] }: StageState) {
    const { pipelineExecutionId, status } = latestExecution ?? {};
    return pipelineExecutionId === execution && isEnd(status) && status !== "Succeeded"
      ? inWords(stageName, await this.end(status, actionStates))
      : undefined;
  }

  private async end(status: string, actions: readonly ActionState[]): Promise<StageEnd> {
    const buildId = buildOf(actions);
    const log = buildId === undefined ? [] : await this.logOf(buildId, status);
    const messages = actions.flatMap(
      ({ latestExecution: latest }) => latest?.errorDetails?.message ?? latest?.summary ?? [],
    );
    const why = status === "Succeeded" ? "" : (complaintOf(log) ?? messages.join("; "));
    return { status, why, log };
  }

  private logOf(buildId: string, status: string): Promise<readonly string[]> {
    return status === "Succeeded" ? this.logs.lines(buildId) : this.logs.linesOfFailed(buildId);
  }

  private actions(execution: string): Promise<readonly ActionExecutionDetail[]> {
    return actionsOf(this.client, this.pipelineName, execution);
  }
}

const isEnd = (status: string | undefined): status is string => status !== undefined && isOver(status);

const inWords = (stage: string, { status, why }: StageEnd) => `${stage} ${status}${why === "" ? "" : `: ${why}`}`;

function buildOf(actions: readonly ActionState[]): string | undefined {
  return actions.flatMap(({ latestExecution }) => latestExecution?.externalExecutionId ?? [])[0];
}
