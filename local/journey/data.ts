import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { model } from "../../model";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";

/** Which trips the model is made from. */
export interface Trips {
  /** TLC files, Parquet or CSV. Without any, trips are made up. */
  readonly files: readonly string[];
  /** How many trips to make up. */
  readonly rows: number;
}

/** The output of `prepare.py --json`. */
const prepared = z.object({
  rowsRead: z.number(),
  rowsKept: z.number(),
  splits: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
});
export type Prepared = z.infer<typeof prepared>;

/**
 * Runs the model's own preparation program, which writes the four data files into `dir`.
 *
 * @throws what the program says about the trips
 */
export async function prepareData(root: string, python: string, trips: Trips, dir: string): Promise<Prepared> {
  const source = trips.files.length > 0 ? ["--data", ...trips.files] : ["--rows", String(trips.rows)];
  const { stdout } = await promisify(execFile)(python, [
    join(root, model.prepareScript),
    ...source,
    "--out",
    dir,
    "--json",
  ]).catch((error: unknown) => {
    throw saidBy(error);
  });
  return prepared.parse(JSON.parse(stdout));
}

/** What a program has said before it failed, rather than how it was called. */
function saidBy(error: unknown): unknown {
  const said = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return said === "" ? error : new Error(said, { cause: error });
}

/** What the stacks expect to find in the account. */
export interface AccountSetup {
  readonly bucket: string;
  readonly kmsKeyArn: string;
}

/** Creates the bucket that SageMaker's own tools would create, and a key. */
export async function setUpAccount(aws: LocalAws): Promise<AccountSetup> {
  const { region, accountId } = aws.account;
  const bucket = `sagemaker-${region}-${accountId}`;
  await new S3Client(clientConfig(aws)).send(new CreateBucketCommand({ Bucket: bucket }));
  const { KeyMetadata } = await new KMSClient(clientConfig(aws)).send(
    new CreateKeyCommand({ Description: "Volumes, archives, captures and environments of the model's releases" }),
  );
  return { bucket, kmsKeyArn: KeyMetadata?.Arn ?? "" };
}

/** Uploads the data files to where the stacks look for them. */
export async function uploadData(aws: LocalAws, bucket: string, dir: string): Promise<void> {
  const s3 = new S3Client(clientConfig(aws));
  await Promise.all(
    Object.entries(model.dataFiles).map(async ([folder, file]) => {
      const Body = await readFile(join(dir, file));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${model.dataPrefix}/${folder}/${file}`, Body }));
    }),
  );
}
