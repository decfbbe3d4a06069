import { CreateKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { DATA_FILES, type Model } from "../../lib/model";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";

/** Which rows the model is made from. */
export interface Rows {
  /** Files that the model's data program reads. Without any, it makes rows up. */
  readonly files: readonly string[];
  /** How many rows to make up. */
  readonly rows: number;
}

/** The output of a data program with `--json`. */
const prepared = z.object({
  rowsRead: z.number(),
  rowsKept: z.number(),
  splits: z.object({ train: z.number(), validation: z.number(), test: z.number() }),
});
export type Prepared = z.infer<typeof prepared>;
const printed = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue({ code: "custom", message: "it has printed something else than JSON" });
      return z.NEVER;
    }
  })
  .pipe(prepared);

/**
 * Runs the model's own data program, which writes the four data files into `dir`.
 *
 * @throws what the program says about the rows, or what it has not done of what `docs/model.md` asks of it
 */
export async function prepareData(
  python: string,
  { folder, dataProgram }: Pick<Model, "folder" | "dataProgram">,
  { files, rows }: Rows,
  dir: string,
): Promise<Prepared> {
  const program = join(folder, dataProgram);
  const source = files.length > 0 ? ["--data", ...files] : ["--rows", String(rows)];
  const { stdout } = await promisify(execFile)(python, [program, ...source, "--out", dir, "--json"]).catch(
    (error: unknown) => {
      throw saidBy(error);
    },
  );
  const { data, error } = printed.safeParse(stdout);
  if (data === undefined) {
    throw new Error(`${program} must print {"rowsRead", "rowsKept", "splits"} for --json: ${z.prettifyError(error)}`);
  }
  const missing = Object.values(DATA_FILES).filter((file) => !existsSync(join(dir, file)));
  if (missing.length > 0) {
    throw new Error(`${program} has not written ${missing.join(", ")} into ${dir}`);
  }
  return data;
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
export async function uploadData(aws: LocalAws, bucket: string, model: Model, dir: string): Promise<void> {
  const s3 = new S3Client(clientConfig(aws));
  await Promise.all(
    Object.entries(DATA_FILES).map(async ([folder, file]) => {
      const Body = await readFile(join(dir, file));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key: `${model.dataPrefix}/${folder}/${file}`, Body }));
    }),
  );
}
