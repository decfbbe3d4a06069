import {
  CodePipelineClient,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  type ActionExecutionDetail,
  type ActionState,
  type StageState,
} from "@aws-sdk/client-codepipeline";
import { setTimeout as sleep } from "node:timers/promises";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { BuildLogs, complaintOf } from "./build-logs";
import type { StageSummary } from "./summary";

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
    aws: Pick<LocalAws, "account" | "endpoint">,
    readonly pipelineName: string,
  ) {
    this.client = new CodePipelineClient(clientConfig(aws));
    this.logs = new BuildLogs(aws);
  }

  /** Executions, newest first. */
  async executions() {
    const { pipelineName } = this;
    const { pipelineExecutionSummaries } = await this.client.send(new ListPipelineExecutionsCommand({ pipelineName }));
    return (pipelineExecutionSummaries ?? []).map(({ pipelineExecutionId = "", status = "" }) => ({
      id: pipelineExecutionId,
      isOver: status !== "InProgress" && status !== "Stopping",
    }));
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

  async approve(stage: string, { token }: Approval, summary: string): Promise<void> {
    await this.client.send(
      new PutApprovalResultCommand({
        pipelineName: this.pipelineName,
        stageName: stage,
        actionName: stage,
        token,
        result: { status: "Approved", summary },
      }),
    );
  }

  /** The stages that an execution has reached, in order. */
  async summary(execution: string): Promise<StageSummary[]> {
    const actions = await this.actions(execution);
    const { stageStates } = await this.client.send(new GetPipelineStateCommand({ name: this.pipelineName }));
    return (stageStates ?? []).flatMap(({ stageName: name = "" }) => {
      const own = actions.filter(({ stageName }) => stageName === name);
      return own.length === 0 ? [] : [{ name, status: statusOf(own), seconds: secondsOf(own) }];
    });
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
    const log = buildId === undefined ? [] : await this.logs.lines(buildId);
    const messages = actions.flatMap(
      ({ latestExecution: latest }) => latest?.errorDetails?.message ?? latest?.summary ?? [],
    );
    const why = status === "Succeeded" ? "" : (complaintOf(log) ?? messages.join("; "));
    return { status, why, log };
  }

  private async actions(execution: string): Promise<readonly ActionExecutionDetail[]> {
    const { actionExecutionDetails } = await this.client.send(
      new ListActionExecutionsCommand({
        pipelineName: this.pipelineName,
        filter: { pipelineExecutionId: execution },
      }),
    );
    return actionExecutionDetails ?? [];
  }
}

const isEnd = (status: string | undefined): status is string =>
  status !== undefined && status !== "InProgress" && status !== "Stopping";

const inWords = (stage: string, { status, why }: StageEnd) => `${stage} ${status}${why === "" ? "" : `: ${why}`}`;

function buildOf(actions: readonly ActionState[]): string | undefined {
  return actions.flatMap(({ latestExecution }) => latestExecution?.externalExecutionId ?? [])[0];
}

function statusOf(actions: readonly ActionExecutionDetail[]): string {
  const statuses = actions.map(({ status }) => status ?? "");
  return statuses.find((status) => status !== "Succeeded") ?? "Succeeded";
}

/** 0 if no action has a time. */
function secondsOf(actions: readonly ActionExecutionDetail[]): number {
  const times = (of: (action: ActionExecutionDetail) => Date | undefined) =>
    actions.flatMap((action) => of(action)?.getTime() ?? []);
  const from = Math.min(...times(({ startTime }) => startTime));
  const to = Math.max(...times(({ lastUpdateTime }) => lastUpdateTime));
  if (!Number.isFinite(to - from)) {
    return 0;
  }
  return Math.round((to - from) / 100) / 10;
}
