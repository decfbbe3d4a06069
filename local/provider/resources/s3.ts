import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { asset, text } from "../kinds";
import { type Arguments, required } from "../properties";
import { resource } from "../resource";

const s3 = (aws: Aws) => aws.client(S3Client);

const objectArguments = {
  bucket: required(text, { replaces: true }),
  key: required(text, { replaces: true }),
  // AWS could tell, but the program's file is what counts: it is compared with what was uploaded.
  source: required(asset, { unread: true }),
};

async function upload(aws: Aws, { bucket, key, source }: Arguments<typeof objectArguments>): Promise<void> {
  await s3(aws).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: source.content() }));
}

const bucketObject = resource({
  type: "aws:s3/bucketObjectv2:BucketObjectv2",
  inputs: objectArguments,
  outputs: ["etag"],
  identity: ["bucket", "key"],
  async create({ aws, inputs }) {
    await upload(aws, inputs);
    return `${inputs.bucket}/${inputs.key}`;
  },
  async read({ aws, id }) {
    const [bucket = "", ...parts] = id.split("/");
    const key = parts.join("/");
    const found = await unlessGone(["NotFound", "NoSuchKey", "NoSuchBucket"], () =>
      s3(aws).send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
    );
    return found && { inputs: { bucket, key }, outputs: { etag: found.ETag?.replaceAll('"', "") } };
  },
  async update({ aws, inputs }) {
    await upload(aws, inputs);
  },
  async delete({ aws, inputs: { bucket, key } }) {
    await s3(aws).send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  },
});

export const resources = [bucketObject];
