import * as pulumi from "@pulumi/pulumi";
import type * as s3 from "@pulumi/aws/s3";
import { CANARY_FOLDERS } from "../../lib/monitoring-names";
import { modelPrefix } from "../../lib/release";
import { artifactBucket } from "../api-canary/artifact-bucket";
import type { Transform } from "../support/transform";

/** Arguments of {@link canaryBucket}. */
export interface CanaryBucketArgs {
  readonly model: string;
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the program changes of the bucket. @default - nothing */
  readonly transform?: Transform<s3.BucketArgs>;
}

/** The bucket of production's canary. */
export interface CanaryBucket {
  readonly bucket: s3.Bucket;
  /** Resolves once the bucket is as it must be: closed, and with an end to what is in it. */
  readonly bucketName: pulumi.Output<string>;
}

/**
 * A bucket for what the canary of production runs and leaves. It is made here, since the model's bucket has the lifecycle rules of whoever
 * owns it, and since a deployment that may make buckets could make others too.
 */
export function canaryBucket(
  name: string,
  { model, kmsKeyArn, tags, transform }: CanaryBucketArgs,
  parent: pulumi.Resource,
): CanaryBucket {
  const { bucket, ...settings } = artifactBucket(
    `${name}-canary`,
    {
      bucketPrefix: `${modelPrefix(model)}-canary-`,
      runs: `${CANARY_FOLDERS.own}/${CANARY_FOLDERS.runs}`,
      kmsKeyArn,
      tags,
      transform: { bucket: transform },
    },
    parent,
  );
  const ready = pulumi.all(Object.values(settings).map(({ id }) => id));
  return { bucket, bucketName: pulumi.all([bucket.bucket, ready]).apply(([bucketName]) => bucketName) };
}
