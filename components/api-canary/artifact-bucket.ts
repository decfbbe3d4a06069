import type * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import { transform } from "../support/transform";
import type { ApiCanaryNodes, ApiCanaryTransforms } from "./arguments";

/** Days that the runs of a canary, their artifacts and their logs are kept. */
export const RETENTION_DAYS = 31;

/** Arguments of {@link artifactBucket}. */
export interface ArtifactBucketArgs {
  /** @default - Pulumi names the bucket */
  readonly bucketPrefix?: string;
  /** Folder of the artifacts in the bucket. Whatever lies beside it stays. */
  readonly runs: string;
  /** Key that encrypts what is put into it. @default - a key of S3's own */
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** @default - the bucket is as it is made here */
  readonly transform?: Pick<ApiCanaryTransforms, keyof ArtifactBucketNodes>;
}

/** The children of an {@link ApiCanary} that has a bucket of its own. */
export type ArtifactBucketNodes = Required<Pick<ApiCanaryNodes, "bucket" | "publicAccessBlock" | "lifecycle">> &
  Pick<ApiCanaryNodes, "encryption">;

/** A private bucket for the script and the artifacts of a canary, which is emptied and deleted with its component. */
export function artifactBucket(name: string, args: ArtifactBucketArgs, parent: pulumi.Resource): ArtifactBucketNodes {
  const { bucketPrefix, kmsKeyArn, tags, transform: changes } = args;
  const opts = { parent };
  const bucket = new s3.Bucket(...transform(changes?.bucket, name, { bucketPrefix, forceDestroy: true, tags }, opts));
  const publicAccessBlock = new s3.BucketPublicAccessBlock(
    ...transform(
      changes?.publicAccessBlock,
      name,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      opts,
    ),
  );
  const expiration = { days: RETENTION_DAYS };
  const lifecycle = new s3.BucketLifecycleConfiguration(
    ...transform(
      changes?.lifecycle,
      name,
      {
        bucket: bucket.bucket,
        rules: [{ id: "runs", status: "Enabled", filter: { prefix: `${args.runs}/` }, expiration }],
      },
      opts,
    ),
  );
  const nodes = { bucket, publicAccessBlock, lifecycle };
  if (kmsKeyArn === undefined) {
    return nodes;
  }
  const byKey = { sseAlgorithm: "aws:kms", kmsMasterKeyId: kmsKeyArn };
  const encryption = new s3.BucketServerSideEncryptionConfiguration(
    ...transform(
      changes?.encryption,
      name,
      { bucket: bucket.bucket, rules: [{ applyServerSideEncryptionByDefault: byKey, bucketKeyEnabled: true }] },
      opts,
    ),
  );
  return { ...nodes, encryption };
}
