import { executionsOf, type Execution } from "../pipeline/executions";
import { durationOf, table, timeOf, type Answer } from "../support/answer";
import type { Context } from "../support/context";

export interface ListOptions {
  readonly last: number;
}

/** `safe-deploy release list` */
export async function list({ aws, pipelineName }: Context, { last }: ListOptions): Promise<Answer> {
  const executions = await executionsOf(aws, pipelineName, last);
  return {
    json: executions,
    lines:
      executions.length === 0
        ? [`pipeline ${pipelineName} has had no execution: safe-deploy release start`]
        : table([["execution", "status", "started", "took", "commit", "data", "started by"], ...executions.map(row)]),
  };
}

function row({ id, status, startedAt, endedAt, commit = "", dataVersion = "", trigger = "" }: Execution): string[] {
  const took =
    startedAt === undefined || endedAt === undefined
      ? ""
      : durationOf((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  const started = startedAt === undefined ? "" : timeOf(new Date(startedAt));
  return [id, status, started, took, commit.slice(0, 8), dataVersion.slice(0, 8), trigger];
}
