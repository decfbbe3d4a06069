import {
  CodePipelineClient,
  ListPipelineExecutionsCommand,
  type PipelineExecutionSummary,
} from "@aws-sdk/client-codepipeline";
import type { AwsSettings } from "../support/context";

/** A release's trip through the pipeline, as CodePipeline lists it. */
export interface Execution {
  readonly id: string;
  /** CodePipeline's word, such as `InProgress` or `Succeeded`. */
  readonly status: string;
  /** Why it was stopped or failed, as far as the list says. */
  readonly summary: string | undefined;
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
  /** What has started it, such as `StartPipelineExecution` or `CloudWatchEvent`. */
  readonly trigger: string | undefined;
  /** Commit of the code; `undefined` until it was taken. */
  readonly commit: string | undefined;
  /** Version of `data-source.zip`; `undefined` until it was taken. */
  readonly dataVersion: string | undefined;
}

/** The newest executions of a pipeline, newest first. */
export async function executionsOf(aws: AwsSettings, pipelineName: string, count: number): Promise<Execution[]> {
  const client = new CodePipelineClient(aws);
  const found: Execution[] = [];
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new ListPipelineExecutionsCommand({ pipelineName, maxResults: Math.min(100, count), nextToken }),
    );
    found.push(...(page.pipelineExecutionSummaries ?? []).map(executionOf));
    nextToken = page.nextToken;
  } while (nextToken !== undefined && found.length < count);
  return found.slice(0, count);
}

/** Whether nothing more will come of an execution, by CodePipeline's word. */
export const isOver = (status: string) => status !== "InProgress" && status !== "Stopping";

/** @throws if the pipeline has had none */
export async function newestExecution(aws: AwsSettings, pipelineName: string): Promise<Execution> {
  const [newest] = await executionsOf(aws, pipelineName, 1);
  if (newest === undefined) {
    throw new Error(`pipeline ${pipelineName} has had no execution: safe-deploy release start`);
  }
  return newest;
}

function executionOf(summary: PipelineExecutionSummary): Execution {
  const { pipelineExecutionId: id = "", status = "", statusSummary, trigger, sourceRevisions = [] } = summary;
  const revision = (action: string) => sourceRevisions.find(({ actionName }) => actionName === action)?.revisionId;
  return {
    id,
    status,
    summary: statusSummary,
    startedAt: summary.startTime?.toISOString(),
    endedAt: isOver(status) ? summary.lastUpdateTime?.toISOString() : undefined,
    trigger: trigger?.triggerType,
    commit: revision("Code"),
    dataVersion: revision("Data"),
  };
}
