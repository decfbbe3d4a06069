import {
  CodePipelineClient,
  GetPipelineStateCommand,
  PipelineNotFoundException,
  type ActionState,
  type StageState,
} from "@aws-sdk/client-codepipeline";
import { executionsOf } from "../../pipeline/executions";
import { PipelineWatch } from "../../pipeline/watch";
import { APPROVE } from "../../release/approval";
import type { ApprovalShown, PipelineShown, StageShown } from "../shown";
import type { Watched } from "../watched";

const EXECUTIONS = 8;

/** Reads the pipeline's stages, its newest executions, and the release that waits for somebody. */
export class PipelineReader {
  private readonly client: CodePipelineClient;
  private readonly pipeline: PipelineWatch;
  /** Why builds have failed, by execution: their logs are read once. */
  private readonly whyEnded = new Map<string, Promise<string>>();

  constructor(private readonly watched: Pick<Watched, "aws" | "pipelineName">) {
    this.client = new CodePipelineClient(watched.aws);
    this.pipeline = new PipelineWatch(watched.aws, watched.pipelineName);
  }

  async read(): Promise<PipelineShown> {
    const { aws, pipelineName } = this.watched;
    try {
      const { stageStates = [] } = await this.client.send(new GetPipelineStateCommand({ name: pipelineName }));
      const [stages, executions, approval] = await Promise.all([
        Promise.all(stageStates.map((state) => this.stage(state))),
        executionsOf(aws, pipelineName, EXECUTIONS),
        approvalIn(this.pipeline, stageStates),
      ]);
      return { stages, executions, approval };
    } catch (error) {
      if (error instanceof PipelineNotFoundException) {
        return { stages: [], executions: [] }; // Stacks can be deployed without one.
      }
      throw error;
    }
  }

  private async stage({ stageName: name = "", latestExecution, actionStates = [] }: StageState): Promise<StageShown> {
    const { pipelineExecutionId: execution = "", status = "" } = latestExecution ?? {};
    const times = actionStates.flatMap(({ latestExecution: of }) => of?.lastStatusChange?.getTime() ?? []);
    return {
      ...{ name, execution, status },
      changedAt: times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString(),
      line: await this.lineOf(name, execution, status, actionStates),
    };
  }

  /** What a stage's build says, or why it has failed. */
  private async lineOf(name: string, execution: string, status: string, actions: readonly ActionState[]) {
    const latest = actions.flatMap(({ latestExecution }) => latestExecution ?? []);
    const isBuild = latest.some(({ externalExecutionId }) => externalExecutionId?.includes(":"));
    if (status === "Succeeded" || status === "") {
      return undefined;
    }
    if (isBuild && status === "InProgress") {
      return this.pipeline.goingOn(execution, name);
    }
    if (isBuild && status === "Failed") {
      const why = this.whyEnded.get(execution) ?? this.pipeline.whyEnded(execution);
      this.whyEnded.set(execution, why);
      why.catch(() => this.whyEnded.delete(execution)); // Asked for again.
      return (await why).replace(`${name}: `, "");
    }
    return latest.flatMap(({ errorDetails, summary }) => errorDetails?.message ?? summary ?? [])[0];
  }
}

async function approvalIn(pipeline: PipelineWatch, states: readonly StageState[]): Promise<ApprovalShown | undefined> {
  const state = states.find(({ stageName }) => stageName === APPROVE);
  const { pipelineExecutionId: execution, status } = state?.latestExecution ?? {};
  const asks = state?.actionStates?.some(({ latestExecution }) => latestExecution?.token !== undefined) ?? false;
  if (execution === undefined || status !== "InProgress" || !asks) {
    return undefined;
  }
  const { text } = await pipeline.approval(execution, APPROVE);
  return { execution, text };
}
