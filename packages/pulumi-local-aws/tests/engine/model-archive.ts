import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { openRole } from "local-aws/testing/role";
import { testPython } from "pulumi-engine/testing/python";

/** What a program needs to make a model of. */
export interface UploadedModel {
  /** Of ten trees (twice the first feature), as the XGBoost image wants it. */
  readonly modelDataUrl: string;
  readonly executionRoleArn: string;
}

/** Trains a model without a training job, and makes a role for it. */
export async function uploadModel(local: LocalAws): Promise<UploadedModel> {
  const folder = await mkdtemp(join(tmpdir(), "model-"));
  const program = `
import tarfile, numpy, xgboost
xgboost.set_config(verbosity=0)
rows = numpy.random.default_rng(1).uniform(1, 10, (50, 3))
trained = xgboost.train({"nthread": 1}, xgboost.DMatrix(rows, rows[:, 0] * 2), 10)
trained.save_model("xgboost-model")
tarfile.open("model.tar.gz", "w:gz").add("xgboost-model")
`;
  execFileSync(testPython(), ["-c", program], { cwd: folder });
  const s3 = new S3Client(clientConfig(local));
  await s3.send(new CreateBucketCommand({ Bucket: "provider-test" }));
  const Body = await readFile(join(folder, "model.tar.gz"));
  await s3.send(new PutObjectCommand({ Bucket: "provider-test", Key: "model.tar.gz", Body }));
  await rm(folder, { recursive: true });
  const executionRoleArn = await openRole(local, "execution");
  return { modelDataUrl: "s3://provider-test/model.tar.gz", executionRoleArn };
}
