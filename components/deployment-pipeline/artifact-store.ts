import * as pulumi from "@pulumi/pulumi";
import * as kms from "@pulumi/aws/kms";
import * as s3 from "@pulumi/aws/s3";

/** Arguments of {@link artifactStore}. */
export interface ArtifactStoreArgs {
  readonly pipelineName: string;
  /** Days after which artifacts, and versions of `data-source.zip` that were replaced, are deleted. */
  readonly artifactDays: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** Where a pipeline keeps what it passes from stage to stage, and where `data-source.zip` is put. */
export interface ArtifactStore {
  /** Resolves once the bucket is as it must be: encrypted, versioned, closed. */
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  readonly keyArn: pulumi.Output<string>;
}

/** A bucket that only TLS reaches and nobody outside the account, encrypted with a key of its own that rotates every year. */
export function artifactStore(name: string, args: ArtifactStoreArgs, parent: pulumi.Resource): ArtifactStore {
  const { pipelineName, tags } = args;
  const key = new kms.Key(
    `${name}-key`,
    { description: `Artifacts of pipeline ${pipelineName}`, enableKeyRotation: true, deletionWindowInDays: 7, tags },
    { parent },
  );
  new kms.Alias(`${name}-key`, { name: `alias/${pipelineName}`, targetKeyId: key.keyId }, { parent });
  const bucket = new s3.Bucket(`${name}-artifacts`, { bucketPrefix: `${pipelineName}-`, forceDestroy: true, tags }, { parent });
  const made = [
    // The S3 source action wants versions: an execution names the one that it was started by.
    new s3.BucketVersioning(
      `${name}-artifacts`,
      { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
      { parent },
    ),
    new s3.BucketServerSideEncryptionConfiguration(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        rules: [
          {
            applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
            bucketKeyEnabled: true,
          },
        ],
      },
      { parent },
    ),
    new s3.BucketPublicAccessBlock(
      `${name}-artifacts`,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      { parent },
    ),
    new s3.BucketPolicy(
      `${name}-artifacts`,
      { bucket: bucket.bucket, policy: pulumi.jsonStringify(onlyTls(bucket.arn)) },
      { parent },
    ),
    new s3.BucketLifecycleConfiguration(
      `${name}-artifacts`,
      { bucket: bucket.bucket, rules: lifecycle(pipelineName, args.artifactDays) },
      { parent },
    ),
    // Tells EventBridge of new objects; no CloudTrail trail is needed for that.
    new s3.BucketNotification(`${name}-artifacts`, { bucket: bucket.bucket, eventbridge: true }, { parent }),
  ];
  const ready = pulumi.all(made.map(({ id }) => id));
  return {
    bucketName: pulumi.all([bucket.bucket, ready]).apply(([bucketName]) => bucketName),
    bucketArn: bucket.arn,
    keyArn: key.arn,
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

/** The newest `data-source.zip` stays for ever: without one the pipeline cannot start. */
function lifecycle(pipelineName: string, days: number) {
  return [
    {
      id: "old-versions",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: days },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
    {
      id: "artifacts",
      status: "Enabled",
      // CodePipeline's own folder: the first 20 characters of the pipeline's name.
      filter: { prefix: `${pipelineName.slice(0, 20)}/` },
      expiration: { days },
    },
  ];
}
