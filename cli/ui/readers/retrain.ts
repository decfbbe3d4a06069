import { z } from "zod";
import { MONITORING_FOLDER, MONITORING_SUBFOLDERS } from "../../../lib/monitoring-names";
import type { DecisionShown } from "../shown";
import type { Watched } from "../watched";
import { Objects } from "./objects";

const DECISIONS = 8;
const MONTH_MS = 31 * 86_400_000;

const decision = z.object({
  time: z.string(),
  decision: z.enum(["retrain", "none"]),
  reason: z.string(),
  why: z.string(),
  executionId: z.string().optional(),
});

/** The newest decisions of the retrain governor within a month, newest first. */
export async function readRetrain(watched: Watched): Promise<DecisionShown[]> {
  const objects = new Objects(watched);
  const folder = `${MONITORING_FOLDER}/${MONITORING_SUBFOLDERS.retrain}/`;
  const since = new Date(Date.now() - MONTH_MS).toISOString().replace(/[-:]|\.\d+/g, "");
  // Their names begin with the time, and that of the ledger does not.
  const listed = await objects.list(`${folder}2`, `${folder}${since}`);
  const newest = listed.reverse().slice(0, DECISIONS);
  return Promise.all(
    newest.map(async ({ key }) => {
      const { time, decision: what, reason, why, executionId } = decision.parse(await objects.json(key));
      return { at: time, isStarted: what === "retrain", reason, why, execution: executionId };
    }),
  );
}
