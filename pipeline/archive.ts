import { Readable } from "node:stream";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { parseS3Uri } from "../lib/s3-uri";
import { sha256Of } from "../lib/sha256";

/** Longer version ids than those of S3 itself would leave no room for the rest of the approval's text. */
const VERSION_CHARACTERS = 40;

/**
 * What the approval says of a model's archive: its SHA-256 digest and, where the bucket has versions, its version, as
 * `<64 hexadecimal digits> version <id>`.
 */
export async function archiveText(s3: S3Client, uri: string): Promise<string> {
  const { sha256, version } = await digestOf(s3, uri);
  return version === undefined || version === "null" || version.length > VERSION_CHARACTERS
    ? sha256
    : `${sha256} version ${version}`;
}

/** What the deployment is told of a baseline: the SHA-256 digests of its files, in their order. */
export async function baselineText(s3: S3Client, uris: readonly string[]): Promise<string> {
  const digests = await Promise.all(uris.map((uri) => digestOf(s3, uri)));
  return digests.map(({ sha256 }) => sha256).join(" ");
}

async function digestOf(s3: S3Client, uri: string): Promise<{ sha256: string; version: string | undefined }> {
  const { bucket: Bucket, key: Key } = parseS3Uri(uri) ?? {};
  const { Body, VersionId: version } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  if (!(Body instanceof Readable)) {
    throw new Error(`${uri} cannot be read`);
  }
  return { sha256: await sha256Of(Body), version };
}
