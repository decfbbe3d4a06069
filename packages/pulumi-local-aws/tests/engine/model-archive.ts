import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { testPython } from "pulumi-engine/testing/python";

/** Trains a model of ten trees (twice the first feature) as the XGBoost image wants it, without a training job. Answers its S3 URL. */
export async function uploadModel(local: LocalAws): Promise<string> {
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
  return "s3://provider-test/model.tar.gz";
}
