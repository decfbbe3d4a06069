import {
  BucketVersioningStatus,
  DeleteBucketEncryptionCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketEncryptionCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
  ServerSideEncryption,
} from "@aws-sdk/client-s3";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { block, boolean, json, oneOf, single, text } from "../kinds";
import { type Arguments, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { s3 } from "./s3";

const GONE = ["NoSuchBucket"];

/** Every setting belongs to one bucket, whose name is its id. */
const ofBucket = { bucket: required(text, { replaces: true }) };

const versioningArguments = {
  ...ofBucket,
  versioningConfiguration: required(block({ status: required(oneOf(BucketVersioningStatus)) })),
};

async function setVersioning(aws: Aws, Bucket: string, Status: BucketVersioningStatus): Promise<void> {
  await s3(aws).send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
}

const versioning = resource({
  type: "aws:s3/bucketVersioning:BucketVersioning",
  inputs: versioningArguments,
  outputs: [],
  identity: ["bucket"],
  async create({ aws, inputs }) {
    await setVersioning(aws, inputs.bucket, inputs.versioningConfiguration.status);
    return inputs.bucket;
  },
  async read({ aws, id: Bucket }) {
    const found = await unlessGone(GONE, () => s3(aws).send(new GetBucketVersioningCommand({ Bucket })));
    return found?.Status === undefined
      ? undefined
      : { inputs: { bucket: Bucket, versioningConfiguration: { status: found.Status } }, outputs: {} };
  },
  async update({ aws, id, inputs }) {
    await setVersioning(aws, id, inputs.versioningConfiguration.status);
  },
  async delete({ aws, id }) {
    // There is no way back to a bucket that has never had versions.
    await unlessGone(GONE, () => setVersioning(aws, id, "Suspended"));
  },
});

const encryptionArguments = {
  ...ofBucket,
  rules: required(
    single(
      block({
        applyServerSideEncryptionByDefault: required(
          block({ sseAlgorithm: required(oneOf(ServerSideEncryption)), kmsMasterKeyId: optional(text) }),
        ),
        bucketKeyEnabled: withDefault(boolean, false),
      }),
    ),
  ),
};

async function setEncryption(aws: Aws, { bucket: Bucket, rules }: Arguments<typeof encryptionArguments>) {
  const Rules = rules.map(({ applyServerSideEncryptionByDefault: standard, bucketKeyEnabled }) => ({
    ApplyServerSideEncryptionByDefault: {
      SSEAlgorithm: standard.sseAlgorithm,
      KMSMasterKeyID: standard.kmsMasterKeyId,
    },
    BucketKeyEnabled: bucketKeyEnabled,
  }));
  await s3(aws).send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
}

const encryption = resource({
  type: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  inputs: encryptionArguments,
  outputs: [],
  identity: ["bucket"],
  async create({ aws, inputs }) {
    await setEncryption(aws, inputs);
    return inputs.bucket;
  },
  async read({ aws, id: Bucket }) {
    const found = await unlessGone([...GONE, "ServerSideEncryptionConfigurationNotFoundError"], () =>
      s3(aws).send(new GetBucketEncryptionCommand({ Bucket })),
    );
    const rules = found?.ServerSideEncryptionConfiguration?.Rules?.map((rule) => ({
      applyServerSideEncryptionByDefault: {
        sseAlgorithm: rule.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
        kmsMasterKeyId: rule.ApplyServerSideEncryptionByDefault?.KMSMasterKeyID,
      },
      bucketKeyEnabled: rule.BucketKeyEnabled ?? false,
    }));
    return found && { inputs: { bucket: Bucket, rules }, outputs: {} };
  },
  async update({ aws, inputs }) {
    await setEncryption(aws, inputs);
  },
  async delete({ aws, id: Bucket }) {
    await unlessGone(GONE, () => s3(aws).send(new DeleteBucketEncryptionCommand({ Bucket })));
  },
});

const publicAccessArguments = {
  ...ofBucket,
  blockPublicAcls: withDefault(boolean, false),
  blockPublicPolicy: withDefault(boolean, false),
  ignorePublicAcls: withDefault(boolean, false),
  restrictPublicBuckets: withDefault(boolean, false),
};

async function blockAccess(aws: Aws, inputs: Arguments<typeof publicAccessArguments>): Promise<void> {
  await s3(aws).send(
    new PutPublicAccessBlockCommand({
      Bucket: inputs.bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: inputs.blockPublicAcls,
        BlockPublicPolicy: inputs.blockPublicPolicy,
        IgnorePublicAcls: inputs.ignorePublicAcls,
        RestrictPublicBuckets: inputs.restrictPublicBuckets,
      },
    }),
  );
}

const publicAccessBlock = resource({
  type: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  inputs: publicAccessArguments,
  outputs: [],
  identity: ["bucket"],
  async create({ aws, inputs }) {
    await blockAccess(aws, inputs);
    return inputs.bucket;
  },
  async read({ aws, id: Bucket }) {
    const found = await unlessGone([...GONE, "NoSuchPublicAccessBlockConfiguration"], () =>
      s3(aws).send(new GetPublicAccessBlockCommand({ Bucket })),
    );
    const blocked = found?.PublicAccessBlockConfiguration;
    return (
      blocked && {
        inputs: {
          bucket: Bucket,
          blockPublicAcls: blocked.BlockPublicAcls ?? false,
          blockPublicPolicy: blocked.BlockPublicPolicy ?? false,
          ignorePublicAcls: blocked.IgnorePublicAcls ?? false,
          restrictPublicBuckets: blocked.RestrictPublicBuckets ?? false,
        },
        outputs: {},
      }
    );
  },
  async update({ aws, inputs }) {
    await blockAccess(aws, inputs);
  },
  async delete({ aws, id: Bucket }) {
    await unlessGone(GONE, () => s3(aws).send(new DeletePublicAccessBlockCommand({ Bucket })));
  },
});

const policy = resource({
  type: "aws:s3/bucketPolicy:BucketPolicy",
  inputs: { ...ofBucket, policy: required(json) },
  outputs: [],
  identity: ["bucket"],
  async create({ aws, inputs: { bucket: Bucket, policy: Policy } }) {
    await s3(aws).send(new PutBucketPolicyCommand({ Bucket, Policy }));
    return Bucket;
  },
  async read({ aws, id: Bucket }) {
    const found = await unlessGone([...GONE, "NoSuchBucketPolicy"], () =>
      s3(aws).send(new GetBucketPolicyCommand({ Bucket })),
    );
    return found && { inputs: { bucket: Bucket, policy: found.Policy }, outputs: {} };
  },
  async update({ aws, id: Bucket, inputs: { policy: Policy } }) {
    await s3(aws).send(new PutBucketPolicyCommand({ Bucket, Policy }));
  },
  async delete({ aws, id: Bucket }) {
    await unlessGone(GONE, () => s3(aws).send(new DeleteBucketPolicyCommand({ Bucket })));
  },
});

/** A bucket's whole configuration of notifications: others than to EventBridge are unknown arguments here. */
async function setNotification(aws: Aws, Bucket: string, eventbridge: boolean): Promise<void> {
  const NotificationConfiguration = eventbridge ? { EventBridgeConfiguration: {} } : {};
  await s3(aws).send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }));
}

const notification = resource({
  type: "aws:s3/bucketNotification:BucketNotification",
  inputs: { ...ofBucket, eventbridge: withDefault(boolean, false) },
  outputs: [],
  identity: ["bucket"],
  async create({ aws, inputs: { bucket, eventbridge } }) {
    await setNotification(aws, bucket, eventbridge);
    return bucket;
  },
  async read({ aws, id: Bucket }) {
    const found = await unlessGone(GONE, () => s3(aws).send(new GetBucketNotificationConfigurationCommand({ Bucket })));
    const eventbridge = found?.EventBridgeConfiguration !== undefined;
    return found && { inputs: { bucket: Bucket, eventbridge }, outputs: {} };
  },
  async update({ aws, id, inputs: { eventbridge } }) {
    await setNotification(aws, id, eventbridge);
  },
  async delete({ aws, id }) {
    await unlessGone(GONE, () => setNotification(aws, id, false));
  },
});

export const resources = [versioning, encryption, publicAccessBlock, policy, notification];
