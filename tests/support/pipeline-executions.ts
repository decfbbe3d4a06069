import { CodeBuildClient, StopBuildCommand } from "@aws-sdk/client-codebuild";
import {
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  RetryStageExecutionCommand,
  StartPipelineExecutionCommand,
  StopPipelineExecutionCommand,
  type ActionExecutionDetail,
  type CodePipelineClient,
  type PipelineExecutionSummary,
} from "@aws-sdk/client-codepipeline";
import { clientConfig } from "local-aws/core/local";
import { BuildLogs, complaintOf } from "../../cli/pipeline/build-logs";
import type { LocalAws } from "local-aws";

const UNDER_WAY = ["InProgress", "Stopping"];

/** A pipeline's executions, as somebody follows and leads them by CodePipeline's API. */
export class Executions {
  private readonly codeBuild: CodeBuildClient;
  private readonly logs: BuildLogs;

  constructor(
    aws: LocalAws,
    readonly client: CodePipelineClient,
    readonly pipelineName: string,
  ) {
    this.codeBuild = new CodeBuildClient(clientConfig(aws));
    this.logs = new BuildLogs(clientConfig(aws));
  }

  /** Oldest first. */
  async all(): Promise<PipelineExecutionSummary[]> {
    const { pipelineName } = this;
    const { pipelineExecutionSummaries = [] } = await this.client.send(
      new ListPipelineExecutionsCommand({ pipelineName }),
    );
    return pipelineExecutionSummaries.toReversed();
  }

  /** Does something, and waits for the execution that it starts. */
  async startedBy(work: () => Promise<unknown>): Promise<PipelineExecutionSummary & { readonly id: string }> {
    const before = (await this.all()).length;
    await work();
    const [started] = await eventually(
      async () => (await this.all()).slice(before),
      (news) => news.length > 0,
    );
    return { ...started, id: started?.pipelineExecutionId ?? "" };
  }

  /** Starts one by hand. */
  async start(): Promise<string> {
    const { pipelineName: name } = this;
    const { pipelineExecutionId = "" } = await this.client.send(new StartPipelineExecutionCommand({ name }));
    return pipelineExecutionId;
  }

  async stop(pipelineExecutionId: string, abandon: boolean): Promise<void> {
    const { pipelineName } = this;
    const reason = "the test says so";
    await this.client.send(new StopPipelineExecutionCommand({ pipelineName, pipelineExecutionId, abandon, reason }));
  }

  async retry(pipelineExecutionId: string, stageName: string): Promise<void> {
    const { pipelineName } = this;
    const retryMode = "FAILED_ACTIONS";
    await this.client.send(new RetryStageExecutionCommand({ pipelineName, pipelineExecutionId, stageName, retryMode }));
  }

  async execution(pipelineExecutionId: string) {
    const { pipelineName } = this;
    const { pipelineExecution = {} } = await this.client.send(
      new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }),
    );
    return pipelineExecution;
  }

  async status(id: string): Promise<string> {
    return (await this.execution(id)).status ?? "";
  }

  /** Waits until an execution is over. Returns how it ended. */
  async ended(id: string, seconds?: number): Promise<string> {
    return eventually(
      () => this.status(id),
      (status) => !UNDER_WAY.includes(status),
      seconds,
    );
  }

  /** The state of a stage as `GetPipelineState` shows it. */
  async stage(name: string) {
    const { stageStates = [] } = await this.client.send(new GetPipelineStateCommand({ name: this.pipelineName }));
    const found = stageStates.find(({ stageName }) => stageName === name);
    if (found === undefined) {
      throw new Error(`there is no stage ${name}`);
    }
    return found;
  }

  /** What the actions of an execution did, oldest first. */
  async actions(pipelineExecutionId: string): Promise<ActionExecutionDetail[]> {
    const { pipelineName } = this;
    const { actionExecutionDetails = [] } = await this.client.send(
      new ListActionExecutionsCommand({ pipelineName, filter: { pipelineExecutionId } }),
    );
    return actionExecutionDetails.toReversed();
  }

  /** Such as `Build Succeeded`, oldest first; those of stage Source, which run side by side, left out. */
  async story(id: string): Promise<string[]> {
    return (await this.actions(id))
      .filter(({ stageName }) => stageName !== "Source")
      .map(({ actionName, status }) => `${actionName ?? ""} ${status ?? ""}`);
  }

  /** The latest run of an action. */
  async action(id: string, name: string): Promise<ActionExecutionDetail> {
    const found = (await this.actions(id)).findLast(({ actionName }) => actionName === name);
    if (found === undefined) {
      throw new Error(`action ${name} of execution ${id} was not run`);
    }
    return found;
  }

  /** Waits until an action runs. */
  async running(id: string, name: string): Promise<void> {
    await this.reached(id, async () => (await this.story(id)).at(-1) === `${name} InProgress`);
  }

  /** Waits until an execution asks for its approval. Returns the token. */
  async token(id: string, seconds?: number): Promise<string> {
    const look = async () => {
      const { latestExecution, actionStates = [] } = await this.stage("Approve");
      return latestExecution?.pipelineExecutionId === id ? actionStates[0]?.latestExecution?.token : undefined;
    };
    await this.reached(id, async () => (await look()) !== undefined, seconds);
    return (await look()) ?? "";
  }

  async decide(id: string, status: "Approved" | "Rejected", summary = "seen"): Promise<void> {
    const { pipelineName } = this;
    await this.client.send(
      new PutApprovalResultCommand({
        ...{ pipelineName, stageName: "Approve", actionName: "Approve" },
        ...{ token: await this.token(id), result: { status, summary } },
      }),
    );
  }

  async stopBuild(id: string, action: string): Promise<void> {
    await this.codeBuild.send(new StopBuildCommand({ id: await this.build(id, action) }));
  }

  /** What the build of an action has written to its log so far. */
  async log(id: string, action: string): Promise<string[]> {
    return (await this.logs.lines(await this.build(id, action))).map((line) => line.trimEnd());
  }

  /** What the build of an action complains of at the end of its log. */
  async complaint(id: string, action: string): Promise<string | undefined> {
    return complaintOf(await this.log(id, action));
  }

  /** Id of the build that an action ran last. */
  private async build(id: string, action: string): Promise<string> {
    const { output } = await this.action(id, action);
    return output?.executionResult?.externalExecutionId ?? "";
  }

  /** Waits for something that an execution is to come to; fails, saying why, where it ends before. */
  private async reached(id: string, isThere: () => Promise<boolean>, seconds?: number): Promise<void> {
    await eventually(
      async () => {
        const status = await this.status(id);
        if (await isThere()) {
          return true;
        }
        if (!UNDER_WAY.includes(status)) {
          throw new Error(`the execution is ${status}: ${await this.whyOf(id)}`);
        }
        return false;
      },
      (there) => there,
      seconds,
    );
  }

  /** What became of an execution's actions, with what its last build printed. */
  private async whyOf(id: string): Promise<string> {
    const [last] = (await this.actions(id)).slice(-1);
    const name = last?.actionName ?? "";
    const log = await this.log(id, name).catch(() => []);
    const { errorDetails } = last?.output?.executionResult ?? {};
    return [(await this.story(id)).join(", "), errorDetails?.message ?? "", ...log.slice(-40)].join("\n");
  }
}

/** Looks again and again until what is seen will do, and returns that. */
export async function eventually<T>(look: () => Promise<T>, done: (seen: T) => boolean, seconds = 30): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (done(seen)) {
      return seen;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${seconds} s in vain, at last for ${JSON.stringify(seen)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
