import { retrainDecisions } from "../../retrain/decisions";
import type { DecisionShown } from "../shown";
import type { Watched } from "../watched";

const DECISIONS = 8;
const MONTH_MS = 31 * 86_400_000;

/** The newest decisions of the retrain governor within a month, newest first. */
export async function readRetrain({ aws, model, bucket }: Watched): Promise<DecisionShown[]> {
  const since = new Date(Date.now() - MONTH_MS);
  const decisions = await retrainDecisions(aws, { model, bucket }, { last: DECISIONS, since });
  return decisions.reverse().map(({ time, decision, reason, why, executionId }) => ({
    ...{ at: time, isStarted: decision === "retrain", reason, why },
    execution: executionId,
  }));
}
