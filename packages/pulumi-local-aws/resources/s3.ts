import {
  BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Aws } from "../aws";
import { errorName, unlessGone } from "../failures";
import { asset, boolean, text, textUpTo } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { wasRepeated } from "../retries";
import { type Tags, fromTagList, tagList, tagsArgument } from "../tags";

export const s3 = (aws: Aws) => aws.client(S3Client);

/** The AWS provider puts 26 characters of its own behind the prefix. */
const LONGEST_PREFIX = 37;

const exists = (aws: Aws, Bucket: string) =>
  unlessGone(["NotFound", "NoSuchBucket"], () => s3(aws).send(new HeadBucketCommand({ Bucket })));

async function bucketTags(aws: Aws, Bucket: string): Promise<Tags> {
  const found = await unlessGone(["NoSuchTagSet"], () => s3(aws).send(new GetBucketTaggingCommand({ Bucket })));
  return fromTagList(found?.TagSet);
}

/** S3 only knows all of a bucket's tags at once. */
async function setBucketTags(aws: Aws, Bucket: string, tags: Tags): Promise<void> {
  const TagSet = tagList(tags);
  await (TagSet === undefined
    ? s3(aws).send(new DeleteBucketTaggingCommand({ Bucket }))
    : s3(aws).send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } })));
}

/** Deletes every object with all its versions, and the marks of those that were deleted. */
async function emptyBucket(aws: Aws, Bucket: string): Promise<void> {
  const { Status } = await s3(aws).send(new GetBucketVersioningCommand({ Bucket }));
  if (Status === "Suspended") {
    // moto deletes single versions only of a bucket that goes on making them.
    const VersioningConfiguration = { Status: "Enabled" } as const;
    await s3(aws).send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  }
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3(aws).send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key = "", VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) {
      return;
    }
    const { Errors: [refused] = [] } = await s3(aws).send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    );
    if (refused !== undefined) {
      throw new Error(`${refused.Key ?? ""} could not be deleted: ${refused.Code ?? ""} ${refused.Message ?? ""}`);
    }
  }
}

const bucket = resource({
  type: "aws:s3/bucket:Bucket",
  inputs: {
    bucket: autoNamed(text, { maxLength: 63, prefixFrom: "bucketPrefix", lowerCase: true }),
    bucketPrefix: optional(textUpTo(LONGEST_PREFIX), { replaces: true, unread: true }),
    // Only deletion asks for it.
    forceDestroy: withDefault(boolean, false, { unread: true }),
    tags: tagsArgument,
  },
  outputs: ["arn", "bucketDomainName", "bucketRegion", "bucketRegionalDomainName"],
  identity: ["bucket"],
  tagging: {
    put: async ({ aws, id }, tags) => setBucketTags(aws, id, { ...(await bucketTags(aws, id)), ...tags }),
    async remove({ aws, id }, keys) {
      const left = Object.entries(await bucketTags(aws, id)).filter(([key]) => !keys.includes(key));
      await setBucketTags(aws, id, Object.fromEntries(left));
    },
  },
  async create({ aws, inputs: { bucket: Bucket } }) {
    // S3 itself has nothing against making a bucket again that the account has already.
    if ((await exists(aws, Bucket)) !== undefined) {
      throw new Error(`bucket ${Bucket} already exists`);
    }
    // A request for a bucket in the first region names none.
    const LocationConstraint = Object.values(BucketLocationConstraint).find((region) => region === aws.region);
    const CreateBucketConfiguration = LocationConstraint && { LocationConstraint };
    await s3(aws)
      .send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
      .catch((error: unknown) => {
        if (!(wasRepeated(error) && errorName(error) === "BucketAlreadyOwnedByYou")) {
          throw error;
        }
      });
    return Bucket;
  },
  async settle({ aws, id, tags }) {
    if (tagList(tags) !== undefined) {
      await setBucketTags(aws, id, tags);
    }
  },
  async read({ aws, id }) {
    if ((await exists(aws, id)) === undefined) {
      return undefined;
    }
    return {
      inputs: { bucket: id },
      outputs: {
        arn: `arn:aws:s3:::${id}`,
        bucketDomainName: `${id}.s3.amazonaws.com`,
        bucketRegion: aws.region,
        bucketRegionalDomainName: `${id}.s3.${aws.region}.amazonaws.com`,
      },
      tags: await bucketTags(aws, id),
    };
  },
  async delete({ aws, id: Bucket, inputs: { forceDestroy }, patience }) {
    // Whoever still writes to it may do so between the two requests.
    const filledAgain = (error: unknown) => forceDestroy && errorName(error) === "BucketNotEmpty";
    await aws.retried(filledAgain, patience, () =>
      unlessGone(["NoSuchBucket"], async () => {
        if (forceDestroy) {
          await emptyBucket(aws, Bucket);
        }
        await s3(aws).send(new DeleteBucketCommand({ Bucket }));
      }),
    );
  },
});

const objectArguments = {
  bucket: required(text, { replaces: true }),
  key: required(text, { replaces: true }),
  // AWS could tell, but the program's file is what counts: it is compared with what was uploaded.
  source: required(asset, { unread: true }),
};

async function upload(aws: Aws, { bucket: Bucket, key, source }: Arguments<typeof objectArguments>): Promise<void> {
  await s3(aws).send(new PutObjectCommand({ Bucket, Key: key, Body: source.content() }));
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
    const [Bucket = "", ...parts] = id.split("/");
    const key = parts.join("/");
    const found = await unlessGone(["NotFound", "NoSuchKey", "NoSuchBucket"], () =>
      s3(aws).send(new HeadObjectCommand({ Bucket, Key: key })),
    );
    return found && { inputs: { bucket: Bucket, key }, outputs: { etag: found.ETag?.replaceAll('"', "") } };
  },
  async update({ aws, inputs }) {
    await upload(aws, inputs);
  },
  async delete({ aws, inputs: { bucket: Bucket, key } }) {
    await s3(aws).send(new DeleteObjectCommand({ Bucket, Key: key }));
  },
});

export const resources = [bucket, bucketObject];
