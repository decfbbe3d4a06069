import { table, timeOf, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { retrainDecisions } from "./decisions";

export interface WhyOptions {
  readonly last: number;
}

/** `safe-deploy retrain why` */
export async function why(context: Context, { last }: WhyOptions): Promise<Answer> {
  const { aws, model } = context;
  const decisions = (await retrainDecisions(aws, { model, bucket: await context.bucket() }, { last })).reverse();
  const rows = decisions.map(({ time, reason, decision, executionId = "", why: because }) => [
    timeOf(new Date(time)),
    reason,
    decision === "retrain" ? `started ${executionId}` : "not started",
    because,
  ]);
  return {
    json: decisions,
    lines:
      decisions.length === 0
        ? ["nobody has asked for a retraining yet: safe-deploy retrain start --reason <text>"]
        : table([["decided", "asked by", "retraining", "why"], ...rows]),
  };
}
