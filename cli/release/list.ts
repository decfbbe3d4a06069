import { executionsOf, type Execution } from "../pipeline/executions";
import { approversOf, type ApprovalGiven } from "../pipeline/trip";
import { percent, trafficOf } from "../serving/traffic";
import { durationOf, table, timeOf, type Answer } from "../support/answer";
import type { Context } from "../support/context";

export interface ListOptions {
  readonly last: number;
  readonly stack: string;
}

/** An execution, and what its release is to callers. */
interface Listed extends Execution {
  /** Share of the traffic that its release has, 0 to 1. */
  readonly share: number;
  /** Who has answered the approval, if that was not long ago. */
  readonly approval: ApprovalGiven | undefined;
}

/** `safe-deploy release list` */
export async function list({ aws, model, pipelineName }: Context, { last, stack }: ListOptions): Promise<Answer> {
  const executions = await executionsOf(aws, pipelineName, last);
  const [approvers, traffic] = await Promise.all([approversOf(aws, pipelineName), trafficOf(aws, model, stack)]);
  const listed = executions.map((execution): Listed => {
    const share = traffic.find(({ release }) => release === execution.id)?.share ?? 0;
    return { ...execution, share, approval: approvers.get(execution.id) };
  });
  return {
    json: listed,
    lines:
      listed.length === 0
        ? [`pipeline ${pipelineName} has had no execution: safe-deploy release start`]
        : table([
            ["execution", "status", "live", "started", "took", "commit", "data", "approved by", "started by"],
            ...listed.map(row),
          ]),
  };
}

function row({ commit = "", dataVersion = "", trigger = "", share, approval, ...execution }: Listed): string[] {
  const { id, status, startedAt, endedAt } = execution;
  const took =
    startedAt === undefined || endedAt === undefined
      ? ""
      : durationOf((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  const started = startedAt === undefined ? "" : timeOf(new Date(startedAt));
  const live = share === 0 ? "" : percent(share);
  return [id, status, live, started, took, commit.slice(0, 8), dataVersion.slice(0, 8), approver(approval), trigger];
}

/** The end of an ARN such as `arn:aws:sts::123456789012:assumed-role/operator/ann`. */
function approver(approval: ApprovalGiven | undefined): string {
  const name = approval?.by?.split(/[/:]/).at(-1) ?? "";
  return approval?.status === "Rejected" ? `rejected by ${name}` : name;
}
