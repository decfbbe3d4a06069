import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  NoSuchBucket,
  S3Client,
  type ListObjectVersionsCommandOutput,
} from "@aws-sdk/client-s3";
import type { AwsSettings } from "../support/context";
import type { Folder } from "../support/objects";

/** Most objects that S3 deletes at once. */
const AT_ONCE = 1000;

/** A version of an object, or the mark that it was deleted. */
interface Version {
  readonly Key: string | undefined;
  readonly VersionId: string | undefined;
}

/** How many versions of objects a folder has, marks of deleted ones included. */
export async function countVersions(aws: AwsSettings, folder: Folder): Promise<number> {
  let count = 0;
  for await (const versions of versionsIn(new S3Client(aws), folder)) {
    count += versions.length;
  }
  return count;
}

/**
 * Deletes all versions of all objects of a folder.
 *
 * @throws if S3 keeps any of them, with the first reason
 */
export async function empty(aws: AwsSettings, folder: Folder, onDeleted: (count: number) => void): Promise<void> {
  const client = new S3Client(aws);
  let deleted = 0;
  for await (const versions of versionsIn(client, folder)) {
    const { Errors: [failure, ...others] = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: folder.bucket, Delete: { Objects: [...versions], Quiet: true } }),
    );
    if (failure !== undefined) {
      throw new Error(
        `S3 keeps ${others.length + 1} objects of s3://${folder.bucket}/${folder.prefix}, the first: ${failure.Key}: ${failure.Message}`,
      );
    }
    onDeleted((deleted += versions.length));
  }
}

/** The versions below a folder, a page at a time; none where there is no such bucket. */
async function* versionsIn(client: S3Client, { bucket, prefix }: Folder): AsyncGenerator<readonly Version[]> {
  let from: { readonly KeyMarker?: string; readonly VersionIdMarker?: string } | undefined = {};
  while (from !== undefined) {
    const command: ListObjectVersionsCommand = new ListObjectVersionsCommand({
      Bucket: bucket,
      Prefix: prefix,
      MaxKeys: AT_ONCE,
      ...from,
    });
    const page = await client.send(command).catch(nothing);
    const versions = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (versions.length > 0) {
      yield versions.map(({ Key, VersionId }) => ({ Key, VersionId }));
    }
    from =
      page.IsTruncated === true
        ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
  }
}

function nothing(error: unknown): Partial<ListObjectVersionsCommandOutput> {
  if (error instanceof NoSuchBucket) {
    return {};
  }
  throw error;
}
