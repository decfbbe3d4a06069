/** One resource of each type that a deployment pipeline is made of, with every argument the provider plugin knows. Config `step` is how far the program has come. */
import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as codebuild from "@pulumi/aws/codebuild";
import * as codepipeline from "@pulumi/aws/codepipeline";
import * as iam from "@pulumi/aws/iam";
import * as kms from "@pulumi/aws/kms";
import * as s3 from "@pulumi/aws/s3";
import * as sns from "@pulumi/aws/sns";

const config = new pulumi.Config();
const step = config.requireNumber("step");
/** Arguments that can be changed in place do so from step 2 on; those that need a replacement from step 3 on. */
const changed = step >= 2;
const replaced = step >= 3;
const name = replaced ? "pipeline-other" : "pipeline-test";
const tags: Record<string, string> = changed ? { purpose: "test", step: "two" } : { purpose: "test", first: "yes" };

const key = new kms.Key("key", { enableKeyRotation: true, deletionWindowInDays: 7 });
new kms.Alias("alias", { name: `alias/${name}`, targetKeyId: key.keyId });

const bucket = new s3.Bucket("Bucket", { bucketPrefix: `${name}-`, forceDestroy: true, tags });
new s3.Bucket("Plain", { tags: changed ? {} : tags });
const versioning = new s3.BucketVersioning("versioning", {
  bucket: bucket.bucket,
  versioningConfiguration: { status: "Enabled" },
});
new s3.BucketServerSideEncryptionConfiguration("encryption", {
  bucket: bucket.bucket,
  rules: [
    {
      applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: key.arn },
      bucketKeyEnabled: changed,
    },
  ],
});
new s3.BucketPublicAccessBlock("access", {
  bucket: bucket.bucket,
  blockPublicAcls: true,
  blockPublicPolicy: changed,
  ignorePublicAcls: true,
});
new s3.BucketPolicy("policy", {
  bucket: bucket.bucket,
  policy: pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: changed ? "Changed" : "First",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:PutObject",
        Resource: [pulumi.interpolate`${bucket.arn}/forbidden/*`],
      },
    ],
  }),
});
new s3.BucketLifecycleConfiguration("lifecycle", {
  bucket: bucket.bucket,
  rules: [
    {
      id: "old-versions",
      status: "Enabled",
      filter: { prefix: "" },
      noncurrentVersionExpiration: { noncurrentDays: changed ? 30 : 90 },
      abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
    },
    { id: "artifacts", status: changed ? "Disabled" : "Enabled", filter: { prefix: "a/" }, expiration: { days: 90 } },
    { id: "marks", status: "Enabled", expiration: { expiredObjectDeleteMarker: true } },
  ],
});
new s3.BucketNotification("notification", { bucket: bucket.bucket, eventbridge: !changed });

const topic = new sns.Topic("topic", {
  name,
  displayName: changed ? "" : "Test",
  kmsMasterKeyId: changed ? undefined : "alias/aws/sns",
  tags,
});
const publishes = (sid: string, to: pulumi.Input<string>) =>
  pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: sid,
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: to,
      },
    ],
  });
new sns.TopicPolicy("topic-policy", { arn: topic.arn, policy: publishes(changed ? "Changed" : "First", topic.arn) });
new sns.Topic("own-policy", { policy: publishes(changed ? "Changed" : "First", "*") });
new sns.TopicSubscription("subscription", {
  topic: topic.arn,
  protocol: "email",
  endpoint: replaced ? "they@example.com" : "me@example.com",
  filterPolicy: changed ? undefined : JSON.stringify({ event: ["failed"] }),
});

const trust = (service: string) =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });
const role = new iam.Role("role", { assumeRolePolicy: trust("codepipeline.amazonaws.com") });
const eventRole = new iam.Role("event-role", { assumeRolePolicy: trust("events.amazonaws.com") });

const project = new codebuild.Project("project", {
  name,
  description: changed ? "" : "First",
  serviceRole: role.arn,
  source: { type: "CODEPIPELINE", buildspec: changed ? "other/buildspec.yml" : "buildspec.yml" },
  artifacts: { type: "CODEPIPELINE" },
  environment: {
    type: "LINUX_CONTAINER",
    computeType: changed ? "BUILD_GENERAL1_MEDIUM" : "BUILD_GENERAL1_SMALL",
    image: "aws/codebuild/amazonlinux-x86_64-standard:6.0",
    environmentVariables: changed ? [] : [{ name: "BUCKET", value: bucket.bucket }],
  },
  encryptionKey: key.arn,
  buildTimeout: changed ? 30 : undefined,
  queuedTimeout: 480,
  logsConfig: changed ? undefined : { cloudwatchLogs: { groupName: "/aws/codebuild/test" } },
  tags,
});
new codebuild.Project("inline", {
  serviceRole: role.arn,
  source: { type: "NO_SOURCE", buildspec: "version: 0.2\n" },
  artifacts: { type: "S3", location: bucket.bucket, packaging: "ZIP", name: "built.zip" },
  environment: { type: "LINUX_CONTAINER", computeType: "BUILD_GENERAL1_SMALL", image: "aws/codebuild/standard:7.0" },
});

const common = { owner: "AWS", version: "1" };
const pipeline = new codepipeline.Pipeline("pipeline", {
  name,
  roleArn: role.arn,
  pipelineType: "V2",
  executionMode: changed ? "QUEUED" : "SUPERSEDED",
  artifactStores: [{ location: bucket.bucket, type: "S3", encryptionKey: { id: key.arn, type: "KMS" } }],
  stages: [
    {
      name: "Source",
      actions: [
        {
          ...common,
          name: "Code",
          category: "Source",
          provider: "CodeStarSourceConnection",
          runOrder: 1,
          namespace: "Code",
          outputArtifacts: ["SourceCode"],
          configuration: {
            ConnectionArn:
              "arn:aws:codeconnections:us-east-1:123456789012:connection/00000000-0000-0000-0000-000000000000",
            FullRepositoryId: "owner/name",
            BranchName: changed ? "release" : "main",
          },
        },
        {
          ...common,
          name: "Data",
          category: "Source",
          provider: "S3",
          namespace: "Data",
          outputArtifacts: ["ReleaseData"],
          configuration: { S3Bucket: bucket.bucket, S3ObjectKey: "data-source.zip", PollForSourceChanges: "false" },
        },
      ],
    },
    {
      name: "Build",
      onFailure: changed ? undefined : { result: "RETRY", retryConfiguration: { retryMode: "FAILED_ACTIONS" } },
      actions: [
        {
          ...common,
          name: "Build",
          category: "Build",
          provider: "CodeBuild",
          namespace: "Build",
          inputArtifacts: ["SourceCode", "ReleaseData"],
          outputArtifacts: ["Release"],
          region: "us-east-1",
          configuration: { ProjectName: project.name, PrimarySource: "SourceCode" },
        },
      ],
    },
    {
      name: "Approve",
      actions: [
        {
          ...common,
          name: "Approve",
          category: "Approval",
          provider: "Manual",
          runOrder: changed ? 2 : 1,
          roleArn: role.arn,
          timeoutInMinutes: 600,
          configuration: { CustomData: "#{Build.PREVIEW_SUMMARY}", NotificationArn: topic.arn },
        },
      ],
    },
  ],
  triggers: [
    {
      providerType: "CodeStarSourceConnection",
      gitConfiguration: {
        sourceActionName: "Code",
        pushes: [{ branches: { includes: ["main"] }, filePaths: { excludes: changed ? ["docs/**"] : ["**/*.md"] } }],
        pullRequests: changed ? undefined : [{ events: ["UPDATED", "OPEN"], branches: { includes: ["main"] } }],
      },
    },
  ],
  variables: changed ? undefined : [{ name: "REASON", defaultValue: "none", description: "Why it was started" }],
  tags,
});

const schedule = new cloudwatch.EventRule("schedule", {
  name: `${name}-schedule`,
  description: changed ? undefined : "Monthly",
  scheduleExpression: "cron(0 12 1 * ? *)",
  state: changed ? "DISABLED" : undefined,
  tags,
});
new cloudwatch.EventTarget("schedule", {
  rule: schedule.name,
  arn: pipeline.arn,
  roleArn: eventRole.arn,
  retryPolicy: { maximumRetryAttempts: changed ? 3 : 5 },
});
const failed = new cloudwatch.EventRule("failed", {
  eventPattern: pulumi.jsonStringify({
    source: ["aws.codepipeline"],
    detail: { pipeline: [pipeline.name], state: changed ? ["FAILED", "CANCELED"] : ["FAILED"] },
  }),
});
new cloudwatch.EventTarget("failed", {
  rule: failed.name,
  targetId: "topic",
  arn: topic.arn,
  deadLetterConfig: changed ? undefined : { arn: "arn:aws:sqs:us-east-1:123456789012:lost" },
  inputTransformer: {
    inputPaths: { state: "$.detail.state" },
    inputTemplate: changed ? '"is <state>"' : '"has <state>"',
  },
});
new cloudwatch.EventTarget("failed-input", {
  rule: failed.name,
  arn: topic.arn,
  ...(changed ? { inputPath: "$.detail" } : { input: '"failed"' }),
});

/** Resolves once the bucket has versions. */
export const bucketName = pulumi.all([bucket.bucket, versioning.id]).apply(([created]) => created);
export const topicTags = topic.tagsAll;
