import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DATA_FILES, type Model } from "../../lib/model";
import type { AwsSettings } from "../support/context";

/** Uploads a model's data files to where its stacks look for them. */
export async function uploadData(
  aws: AwsSettings,
  Bucket: string,
  { dataPrefix }: Pick<Model, "dataPrefix">,
  dir: string,
): Promise<void> {
  const s3 = new S3Client(aws);
  await Promise.all(
    Object.entries(DATA_FILES).map(async ([folder, file]) => {
      const Body = await readFile(join(dir, file));
      await s3.send(new PutObjectCommand({ Bucket, Key: `${dataPrefix}/${folder}/${file}`, Body }));
    }),
  );
}
