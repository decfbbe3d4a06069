import {
  DeleteBucketLifecycleCommand,
  ExpirationStatus,
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  PutBucketLifecycleConfigurationCommand,
} from "@aws-sdk/client-s3";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { block, boolean, list, number, oneOf, text } from "../kinds";
import { type Arguments, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { s3 } from "./s3";

const lifecycleArguments = {
  bucket: required(text, { replaces: true }),
  rules: required(
    list(
      block({
        id: required(text),
        status: required(oneOf(ExpirationStatus)),
        filter: withDefault(block({ prefix: withDefault(text, "") }), { prefix: "" }),
        expiration: optional(block({ days: optional(number), expiredObjectDeleteMarker: withDefault(boolean, false) })),
        noncurrentVersionExpiration: optional(
          block({ noncurrentDays: required(number), newerNoncurrentVersions: optional(number) }),
        ),
        abortIncompleteMultipartUpload: optional(block({ daysAfterInitiation: required(number) })),
      }),
    ),
  ),
};

type RuleArguments = Arguments<typeof lifecycleArguments>["rules"][number];

function ruleInput(rule: RuleArguments): LifecycleRule {
  const { expiration, noncurrentVersionExpiration: noncurrent, abortIncompleteMultipartUpload: abort } = rule;
  return {
    ID: rule.id,
    Status: rule.status,
    Filter: { Prefix: rule.filter.prefix },
    // S3 refuses the two together, even where the second one is false.
    Expiration:
      expiration &&
      (expiration.days === undefined
        ? { ExpiredObjectDeleteMarker: expiration.expiredObjectDeleteMarker }
        : { Days: expiration.days }),
    NoncurrentVersionExpiration: noncurrent && {
      NoncurrentDays: noncurrent.noncurrentDays,
      NewerNoncurrentVersions: noncurrent.newerNoncurrentVersions,
    },
    AbortIncompleteMultipartUpload: abort && { DaysAfterInitiation: abort.daysAfterInitiation },
  };
}

function ruleArgument(rule: LifecycleRule) {
  const { Expiration: expiration, NoncurrentVersionExpiration: noncurrent } = rule;
  return {
    id: rule.ID,
    status: rule.Status,
    filter: { prefix: rule.Filter?.Prefix ?? "" },
    expiration: expiration && {
      days: expiration.Days,
      expiredObjectDeleteMarker: expiration.ExpiredObjectDeleteMarker ?? false,
    },
    noncurrentVersionExpiration: noncurrent && {
      noncurrentDays: noncurrent.NoncurrentDays,
      newerNoncurrentVersions: noncurrent.NewerNoncurrentVersions,
    },
    abortIncompleteMultipartUpload: rule.AbortIncompleteMultipartUpload && {
      daysAfterInitiation: rule.AbortIncompleteMultipartUpload.DaysAfterInitiation,
    },
  };
}

async function setLifecycle(aws: Aws, { bucket, rules }: Arguments<typeof lifecycleArguments>): Promise<void> {
  const LifecycleConfiguration = { Rules: rules.map(ruleInput) };
  await s3(aws).send(new PutBucketLifecycleConfigurationCommand({ Bucket: bucket, LifecycleConfiguration }));
}

const lifecycle = resource({
  type: "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  inputs: lifecycleArguments,
  outputs: [],
  identity: ["bucket"],
  async create({ aws, inputs }) {
    await setLifecycle(aws, inputs);
    return inputs.bucket;
  },
  async read({ aws, id: Bucket }) {
    const found = await unlessGone(["NoSuchBucket", "NoSuchLifecycleConfiguration"], () =>
      s3(aws).send(new GetBucketLifecycleConfigurationCommand({ Bucket })),
    );
    return found && { inputs: { bucket: Bucket, rules: found.Rules?.map(ruleArgument) }, outputs: {} };
  },
  async update({ aws, inputs }) {
    await setLifecycle(aws, inputs);
  },
  async delete({ aws, id: Bucket }) {
    await unlessGone(["NoSuchBucket"], () => s3(aws).send(new DeleteBucketLifecycleCommand({ Bucket })));
  },
});

export const resources = [lifecycle];
