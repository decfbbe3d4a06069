import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { unzip, type Unzipped } from "fflate";
import { namedMessageOf } from "../../core/failure";
import { BuildFailure } from "./failure";

/** An object in S3. */
export interface S3Object {
  readonly bucket: string;
  readonly key: string;
}

/** Reads `BUCKET/KEY` or the object's ARN. */
export function s3Object(location: string): S3Object {
  const place = location.replace(/^arn:aws:s3:::/, "");
  const slash = place.indexOf("/");
  return { bucket: place.slice(0, slash), key: place.slice(slash + 1) };
}

export const objectArn = ({ bucket, key }: S3Object) => `arn:aws:s3:::${bucket}/${key}`;

/**
 * Unpacks a source from S3. As with CodePipeline's zips on AWS, files lose what their modes allowed.
 *
 * @throws BuildFailure `CLIENT_ERROR`
 */
export async function download(s3: S3Client, object: S3Object, folder: string): Promise<void> {
  const bytes = await bytesOf(s3, object);
  const files = await new Promise<Unzipped>((done, failed) =>
    unzip(bytes, (error, data) =>
      error === null
        ? done(data)
        : failed(new BuildFailure("CLIENT_ERROR", `${objectArn(object)} is no zip: ${error.message}`)),
    ),
  );
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    const path = resolve(folder, name);
    if (!path.startsWith(resolve(folder) + sep)) {
      throw new BuildFailure("CLIENT_ERROR", `${objectArn(object)} has an entry outside of its folder: ${name}`);
    }
    if (name.endsWith("/")) {
      await mkdir(path, { recursive: true });
    } else {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }
}

/** @throws BuildFailure `CLIENT_ERROR` */
export async function upload(s3: S3Client, { bucket, key }: S3Object, body: Uint8Array, keyArn: string | undefined) {
  const encryption = keyArn === undefined ? {} : ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: keyArn } as const);
  try {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...encryption }));
  } catch (error) {
    throw new BuildFailure("CLIENT_ERROR", `Error in UPLOAD_ARTIFACTS phase: ${namedMessageOf(error)}`);
  }
}

async function bytesOf(s3: S3Client, object: S3Object): Promise<Uint8Array> {
  try {
    const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key }));
    return (await body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    throw new BuildFailure(
      "CLIENT_ERROR",
      `${namedMessageOf(error)} for primary source and source version ${objectArn(object)}`,
    );
  }
}
