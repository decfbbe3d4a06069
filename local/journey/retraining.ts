import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { MONITORING_FOLDER, MONITORING_SUBFOLDERS } from "../../lib/monitoring-names";
import { modelPrefix } from "../../lib/release";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { Model } from "../../lib/model";
import type { AccountSetup } from "./account";

/** A decision of the retrain governor, as it keeps it. */
export type RetrainDecision = z.infer<typeof decisionSchema>;

const decisionSchema = z.object({
  decision: z.enum(["retrain", "none"]),
  why: z.string(),
  reason: z.string(),
  executionId: z.string().optional(),
});

/** Folder of the decisions of a model's retrain governor, in the model's bucket. */
export function retrainFolder({ name }: Pick<Model, "name">): string {
  return [modelPrefix(name), MONITORING_FOLDER, MONITORING_SUBFOLDERS.retrain].join("/");
}

/** All decisions of a model's retrain governor, oldest first. */
export async function retrainDecisions(
  aws: LocalAws,
  model: Pick<Model, "name">,
  { bucket: Bucket }: Pick<AccountSetup, "bucket">,
): Promise<RetrainDecision[]> {
  const s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
  // Their names begin with the time, and that of the ledger does not.
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${retrainFolder(model)}/2` }));
  return Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return decisionSchema.parse(JSON.parse((await Body?.transformToString()) ?? ""));
    }),
  );
}
