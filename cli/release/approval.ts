import { ApprovalStatus } from "@aws-sdk/client-codepipeline";
import { PipelineWatch } from "../pipeline/watch";
import type { Answer } from "../support/answer";
import type { Context } from "../support/context";

export interface ApprovalOptions {
  readonly comment: string;
  readonly yes?: boolean;
}

/** The stage and the action in which somebody is asked. */
export const APPROVE = "Approve";

/** `safe-deploy approve` and `safe-deploy reject` */
export async function answerApproval(
  { aws, pipelineName, terminal }: Context,
  id: string | undefined,
  { comment, yes = false }: ApprovalOptions,
  status: ApprovalStatus,
): Promise<Answer> {
  const pipeline = new PipelineWatch(aws, pipelineName);
  const execution = id ?? (await pipeline.asking(APPROVE));
  if (execution === undefined) {
    throw new Error(`no release of ${pipelineName} waits for approval: safe-deploy release list`);
  }
  if (!(await pipeline.asks(execution, APPROVE))) {
    throw new Error(`release ${execution} does not wait for approval: safe-deploy release watch ${execution}`);
  }
  const approval = await pipeline.approval(execution, APPROVE);
  const verb = status === ApprovalStatus.Approved ? "Approve" : "Reject";
  if (!(await terminal.agree(approval.text.split("\n"), `${verb} release ${execution}?`, yes))) {
    throw new Error("nothing was answered, since you did not agree");
  }
  await pipeline.answer(APPROVE, approval, status, comment);
  return {
    json: { execution, status, comment, text: approval.text },
    lines: [`${execution}: ${status}`, `To follow it: safe-deploy release watch ${execution}`],
  };
}
