import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumi/aws/kms";
import * as s3 from "@pulumi/aws/s3";
import { transform, type Transform } from "../support/transform";
import { artifactPrefix, RELEASE, SOURCE_CODE, type Arns } from "./names";

/** Arguments of {@link artifactStore}. */
export interface ArtifactStoreArgs {
  readonly pipelineName: string;
  /** The pipelines that keep their artifacts there. */
  readonly pipelineNames: readonly string[];
  /** Days after which artifacts, and versions of `data-source.zip` that were replaced, are deleted. */
  readonly artifactDays: number;
  /** ARN of the topic that is encrypted with the same key. */
  readonly topicArn: pulumi.Input<string>;
  readonly arns: Arns;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the program changes of the bucket. @default - nothing */
  readonly transform?: Transform<s3.BucketArgs>;
}

/** The bucket for what a pipeline passes from stage to stage, and for `data-source.zip`. */
export interface ArtifactStore {
  readonly bucket: s3.Bucket;
  /** Resolves once the bucket is as it must be: encrypted, versioned, closed. */
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  readonly keyArn: pulumi.Output<string>;
}

/** A bucket that can be reached only over TLS and only from the account. Its own key encrypts it and rotates every year. */
export function artifactStore(name: string, args: ArtifactStoreArgs, parent: pulumi.Resource): ArtifactStore {
  const { pipelineName, tags } = args;
  const key = new kms.Key(
    `${name}-key`,
    {
      description: `Artifacts and messages of pipeline ${pipelineName}`,
      enableKeyRotation: true,
      deletionWindowInDays: 7,
      policy: pulumi.jsonStringify(keyPolicy(args)),
      tags,
    },
    { parent },
  );
  new kms.Alias(`${name}-key`, { name: `alias/${pipelineName}`, targetKeyId: key.keyId }, { parent });
  const bucket = new s3.Bucket(
    ...transform<s3.BucketArgs>(
      args.transform,
      `${name}-artifacts`,
      { bucketPrefix: `${pipelineName}-`, forceDestroy: true, tags },
      { parent },
    ),
  );
  const ready = pulumi.all(settings(`${name}-artifacts`, args, bucket, key, parent).map(({ id }) => id));
  return {
    bucket,
    bucketName: pulumi.all([bucket.id, ready]).apply(([bucketName]) => bucketName),
    bucketArn: bucket.arn,
    keyArn: key.arn,
  };
}

function settings(
  name: string,
  args: ArtifactStoreArgs,
  { id: bucket, arn }: s3.Bucket,
  key: kms.Key,
  parent: pulumi.Resource,
): pulumi.CustomResource[] {
  const encryption = { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn };
  const closed = {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  };
  return [
    // The S3 source action needs versions: an execution names the version that started it.
    new s3.BucketVersioning(name, { bucket, versioningConfiguration: { status: "Enabled" } }, { parent }),
    new s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: encryption, bucketKeyEnabled: true }] },
      { parent },
    ),
    new s3.BucketPublicAccessBlock(name, { bucket, ...closed }, { parent }),
    new s3.BucketPolicy(name, { bucket, policy: pulumi.jsonStringify(onlyTls(arn)) }, { parent }),
    new s3.BucketLifecycleConfiguration(name, { bucket, rules: lifecycle(args) }, { parent }),
    // Tells EventBridge of new objects; no CloudTrail trail is needed for that.
    new s3.BucketNotification(name, { bucket, eventbridge: true }, { parent }),
  ];
}

/**
 * Allows what the account's own policies allow, and messages of EventBridge and of alarms to the topic. Neither can use the key
 * `alias/aws/sns`, and nobody can change the policy of that key. https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
function keyPolicy({ arns, topicArn }: ArtifactStoreArgs) {
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "Account", Effect: "Allow", Principal: { AWS: arns.iam("root") }, Action: "kms:*", Resource: "*" },
      {
        Sid: "Messages",
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
        Action: ["kms:Decrypt", "kms:GenerateDataKey"],
        Resource: "*",
        Condition: { StringEquals: { "kms:EncryptionContext:aws:sns:topicArn": topicArn } },
      },
    ],
  };
}

function onlyTls(bucketArn: pulumi.Output<string>) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  };
}

/**
 * The newest `data-source.zip` is never deleted: without it the pipeline cannot start. If the pipeline's name is short, `data-source.zip`
 * lies in the artifacts' folder, so each artifact has a rule of its own. The list of commits that have passed the checks expires too. A
 * note about a deployment that has not ended stays, however old.
 */
function lifecycle({ pipelineName, pipelineNames, artifactDays: days }: ArtifactStoreArgs) {
  // The prefix of artifact `Release` also covers `ReleaseData`.
  const artifacts = pipelineNames.flatMap((name) => [artifactPrefix(name, SOURCE_CODE), artifactPrefix(name, RELEASE)]);
  const prefixes = [...artifacts, `${pipelineName}/checks/`];
  return [
    {
      id: "old-versions",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: days },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
    ...prefixes.map((prefix) => ({ id: prefix, status: "Enabled", filter: { prefix }, expiration: { days } })),
  ];
}
