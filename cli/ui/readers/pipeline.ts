import {
  CodePipelineClient,
  GetPipelineStateCommand,
  PipelineNotFoundException,
  type StageState,
} from "@aws-sdk/client-codepipeline";
import { executionsOf } from "../../pipeline/executions";
import { PipelineWatch } from "../../pipeline/watch";
import { APPROVE } from "../../release/approval";
import type { ApprovalShown, PipelineShown, StageShown } from "../shown";
import type { Watched } from "../watched";

const EXECUTIONS = 8;

/** The pipeline's stages, its newest executions, and the release that waits for somebody. */
export async function readPipeline({ aws, pipelineName }: Watched): Promise<PipelineShown> {
  const client = new CodePipelineClient(aws);
  try {
    const { stageStates = [] } = await client.send(new GetPipelineStateCommand({ name: pipelineName }));
    const pipeline = new PipelineWatch(aws, pipelineName);
    const [stages, executions, approval] = await Promise.all([
      Promise.all(stageStates.map((state) => stageOf(pipeline, state))),
      executionsOf(aws, pipelineName, EXECUTIONS),
      approvalIn(pipeline, stageStates),
    ]);
    return {
      stages,
      executions: executions.map(({ id, status, startedAt, endedAt, commit }) => ({
        ...{ id, status, startedAt, endedAt, commit },
      })),
      approval,
    };
  } catch (error) {
    if (error instanceof PipelineNotFoundException) {
      return { stages: [], executions: [] }; // Stacks can be deployed without one.
    }
    throw error;
  }
}

async function stageOf(pipeline: PipelineWatch, state: StageState): Promise<StageShown> {
  const { stageName: name = "", latestExecution, actionStates = [] } = state;
  const { pipelineExecutionId: execution = "", status = "" } = latestExecution ?? {};
  const latest = actionStates.flatMap(({ latestExecution: of }) => of ?? []);
  const times = latest.flatMap(({ lastStatusChange }) => lastStatusChange?.getTime() ?? []);
  const messages = latest.flatMap(({ errorDetails, summary }) => errorDetails?.message ?? summary ?? []);
  const isBuilding =
    status === "InProgress" && latest.some(({ externalExecutionId }) => externalExecutionId?.includes(":"));
  return {
    ...{ name, execution, status },
    changedAt: times.length === 0 ? undefined : new Date(Math.max(...times)).toISOString(),
    line: isBuilding ? await pipeline.goingOn(execution, name) : status === "Succeeded" ? undefined : messages[0],
  };
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
