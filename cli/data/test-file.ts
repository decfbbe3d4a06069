import { GetObjectCommand, NoSuchKey, S3Client } from "@aws-sdk/client-s3";
import { readFile } from "node:fs/promises";
import { DATA_FILES } from "../../lib/model";
import { folderOf, parseS3Uri } from "../../lib/s3-uri";
import type { AwsSettings, Context } from "../support/context";
import { testRows, type TestRow } from "./test-rows";

/**
 * The rows of a model's test split.
 *
 * @param given a file, or the S3 URI of a file or of its folder @default - where `data prepare --upload` puts it
 */
export async function testRowsOf(context: Context, given: string | undefined): Promise<TestRow[]> {
  const source = given ?? `s3://${await context.bucket()}/${context.definition.dataPrefix}/test`;
  const text = source.startsWith("s3://") ? await fromS3(context.aws, source) : await readFile(source, "utf8");
  const rows = text.trim() === "" ? [] : testRows(text);
  if (rows.length === 0) {
    throw new Error(`${source} has no rows`);
  }
  const wrong = rows.findIndex(({ target }) => !Number.isFinite(target));
  if (wrong >= 0) {
    throw new Error(
      `${source}: line ${wrong + 1} must begin with the target, a number; a test file has no header, and its columns are ` +
        "the target and then the model's inputs",
    );
  }
  return rows;
}

async function fromS3(aws: AwsSettings, uri: string): Promise<string> {
  const place = parseS3Uri(uri);
  if (place === undefined) {
    throw new Error(`--test must be a file, or an S3 URI such as s3://bucket/folder, got "${uri}"`);
  }
  const Key = place.key.endsWith(".csv") ? place.key : `${folderOf(place)}/${DATA_FILES.test}`;
  try {
    const { Body } = await new S3Client(aws).send(new GetObjectCommand({ Bucket: place.bucket, Key }));
    return (await Body?.transformToString()) ?? "";
  } catch (error) {
    if (error instanceof NoSuchKey) {
      throw new Error(`there is no s3://${place.bucket}/${Key}: safe-deploy data prepare --upload`, { cause: error });
    }
    throw error;
  }
}
