import { z } from "zod";
import { MONITORING_SUBFOLDERS } from "../../lib/monitoring-names";
import { monitoringFolder } from "../../lib/release";
import type { AwsSettings } from "../support/context";
import { Objects } from "../support/objects";

/** A decision of the retrain governor. */
export type RetrainDecision = z.infer<typeof decisionSchema>;

export const decisionSchema = z.object({
  time: z.string(),
  decision: z.enum(["retrain", "none"]),
  why: z.string(),
  reason: z.string(),
  detail: z.string().optional(),
  executionId: z.string().optional(),
});

/** Folder of the decisions of a model's retrain governor, in the model's bucket. The pipeline's governor decides for all stacks. */
export function retrainFolder(model: string): string {
  return `${monitoringFolder(model, "prod")}/${MONITORING_SUBFOLDERS.retrain}`;
}

/** Which decisions are meant. */
export interface DecisionsWanted {
  /** How many of the newest. @default - all */
  readonly last?: number;
  /** @default - from the first one on */
  readonly since?: Date;
}

/** Decisions of a model's retrain governor, oldest first. */
export async function retrainDecisions(
  aws: AwsSettings,
  of: { readonly model: string; readonly bucket: string },
  { last, since }: DecisionsWanted = {},
): Promise<RetrainDecision[]> {
  const objects = new Objects(aws, { bucket: of.bucket, prefix: `${retrainFolder(of.model)}/` });
  // Their names begin with the time, and that of the ledger does not.
  const keys = await objects.keys("2", since?.toISOString().replace(/[-:]|\.\d+/g, ""));
  const newest = last === undefined ? keys : keys.slice(-last);
  return Promise.all(newest.map(async (key) => decisionSchema.parse(await objects.json(key))));
}
