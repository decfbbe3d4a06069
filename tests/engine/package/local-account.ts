import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { testPython } from "pulumi-engine/testing/python";
import { setUpAccount } from "../../../local/journey/data";

/** Fares of 2 and 1.5 per kilometre, as `fare,kilometres`. */
const ROWS = Array.from({ length: 300 }, (_, row) => `${2 + (row % 30) * 1.5},${row % 30}`).join("\n");

/** A local AWS with a bucket, and in its `fares/train/` what the programs train with. */
export async function startAwsWithData(): Promise<{ aws: LocalAws; bucket: string }> {
  const aws = await startLocalAws({ python: testPython(), speed: 600, functionsUseRoles: true });
  const { bucket } = await setUpAccount(aws);
  const train = { Bucket: bucket, Key: "fares/train/train.csv", Body: ROWS };
  await new S3Client(clientConfig(aws)).send(new PutObjectCommand(train));
  return { aws, bucket };
}
