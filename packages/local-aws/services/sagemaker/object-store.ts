import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { clientConfig, type Local, type SessionKeys } from "../../core/local";
import { invalid, RunFailure } from "./errors";

/** A place in S3. */
export interface S3Place {
  readonly bucket: string;
  /** Key or prefix, possibly empty. */
  readonly key: string;
}

/** @throws AwsError `ValidationException` if the URI is not `s3://BUCKET/KEY`. */
export function s3Place(uri: string): S3Place {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri) ?? [];
  if (bucket === undefined || key === undefined) {
    throw invalid(`S3 URI must be s3://BUCKET/KEY, got "${uri}"`);
  }
  return { bucket, key };
}

/** Whether S3 answered that the role may not do that; `HEAD` answers nothing but the status. */
export function isDenied(error: unknown): error is S3ServiceException {
  return error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403;
}

/** Whether S3 answered that there is no such thing. */
export const isMissing = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;

/** Does something with S3 around a job. @throws RunFailure in AWS's words where the role may not */
export async function unlessDenied<T>(failed: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isDenied(error) ? new RunFailure(`ClientError: ${failed}:${error.message}`) : error;
  }
}

/** What SageMaker does with S3 around a container, by the S3 API of the local AWS. */
export class ObjectStore {
  private readonly client: S3Client;

  /** @param session keys of the role in whose name */
  constructor(local: Pick<Local, "account" | "endpoint">, session: SessionKeys) {
    this.client = new S3Client(clientConfig(local, session));
  }

  /** Keys below a prefix, without folder markers; none if the bucket does not exist. @param since when they were written @default - whenever */
  async keys(uri: string, since?: Date): Promise<readonly string[]> {
    const { bucket, key } = s3Place(uri);
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.listed(bucket, key, token);
      keys.push(
        ...(page?.Contents ?? [])
          .filter(({ LastModified: written }) => since === undefined || written === undefined || written >= since)
          .flatMap((object) => object.Key ?? [])
          .filter((found) => !found.endsWith("/")),
      );
      token = page?.NextContinuationToken;
    } while (token !== undefined);
    return keys;
  }

  /** Whether there is an object of exactly that key. AWS lists it, and looks at it. */
  async exists(uri: string): Promise<boolean> {
    const { bucket, key } = s3Place(uri);
    if ((await this.listed(bucket, key))?.Contents?.[0]?.Key !== key) {
      return false;
    }
    await this.client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  }

  /** Looks at the bucket that output shall be written to, as SageMaker does before it takes a job. */
  async checkBucket(uri: string): Promise<void> {
    const { bucket: Bucket } = s3Place(uri);
    await this.client.send(new HeadBucketCommand({ Bucket }));
    await this.client.send(new GetBucketLocationCommand({ Bucket }));
  }

  /** Downloads one object. */
  async download(uri: string, file: string): Promise<void> {
    const { bucket, key } = s3Place(uri);
    await mkdir(dirname(file), { recursive: true });
    const { Body: body } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!(body instanceof Readable)) {
      throw new Error(`S3 gave no content for ${uri}`);
    }
    await pipeline(body, createWriteStream(file));
  }

  /** Downloads everything below a prefix as SageMaker's `S3Prefix` does; returns how many files that were. */
  async downloadPrefix(uri: string, folder: string): Promise<number> {
    const { bucket, key: prefix } = s3Place(uri);
    const keys = await this.keys(uri);
    await mkdir(folder, { recursive: true });
    for (const key of keys) {
      await this.download(`s3://${bucket}/${key}`, join(folder, pathBelow(prefix, key)));
    }
    return keys.length;
  }

  /** Uploads a folder's files, with their paths, below a prefix. */
  async uploadFolder(folder: string, uri: string, kmsKeyId?: string): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((found) => found.isFile())) {
      const file = join(entry.parentPath, entry.name);
      await this.uploadFile(file, `${withoutSlash(uri)}/${relative(folder, file).split(sep).join("/")}`, kmsKeyId);
    }
  }

  async uploadFile(file: string, uri: string, kmsKeyId?: string): Promise<void> {
    await this.put(uri, createReadStream(file), (await stat(file)).size, kmsKeyId);
  }

  async uploadText(text: string, uri: string, kmsKeyId?: string): Promise<void> {
    await this.uploadBytes(Buffer.from(text), uri, kmsKeyId);
  }

  async uploadBytes(bytes: Uint8Array, uri: string, kmsKeyId?: string): Promise<void> {
    await this.put(uri, bytes, bytes.length, kmsKeyId);
  }

  close(): void {
    this.client.destroy();
  }

  private async put(uri: string, body: Readable | Uint8Array, length: number, kmsKeyId?: string): Promise<void> {
    const { bucket, key } = s3Place(uri);
    const encryption =
      kmsKeyId === undefined || kmsKeyId === ""
        ? {}
        : ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId } as const);
    await this.client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: length, ...encryption }),
    );
  }

  private async listed(bucket: string, prefix: string, token?: string) {
    try {
      return await this.client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token }),
      );
    } catch (error) {
      if (error instanceof NoSuchBucket) {
        return undefined;
      }
      throw error;
    }
  }
}

/** S3 URI of `path` below a prefix that may or may not end in a slash. */
export const below = (uri: string, path: string) => `${withoutSlash(uri)}/${path}`;

const withoutSlash = (uri: string) => uri.replace(/\/+$/, "");

/** `a/b` and `a/b/` hold `a/b/c.csv` as `c.csv`; the prefix that is a whole key holds it by its last part. */
export function pathBelow(prefix: string, key: string): string {
  const folder = prefix === "" || prefix.endsWith("/") ? prefix : `${prefix}/`;
  if (key.startsWith(folder)) {
    return key.slice(folder.length);
  }
  return key === prefix ? basename(key) : key.slice(prefix.lastIndexOf("/") + 1);
}

/** AWS's words where an input has nothing to read. */
export function noObjects(uri: string, region: string, roleArn: string): string {
  return (
    `No S3 objects found under S3 URL "${uri}" given in input data source. Please ensure that the bucket exists in the selected region ` +
    `(${region}), that objects exist under that S3 prefix, and that the role "${roleArn}" has "s3:ListBucket" permissions on bucket ` +
    `"${s3Place(uri).bucket}".`
  );
}
