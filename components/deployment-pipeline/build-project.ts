import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as codebuild from "@pulumi/aws/codebuild";
import * as iam from "@pulumi/aws/iam";
import { serviceRole, type Statement } from "../service-role";
import { transform, type Transform } from "../support/transform";
import type { ArtifactStore } from "./artifact-store";
import { artifactPrefix, type Artifact } from "./names";
import { allow } from "./permissions/allow";

/** Arguments of {@link buildProject}. */
export interface BuildProjectArgs {
  readonly projectName: string;
  readonly description: string;
  /** The buildspec itself, as YAML. */
  readonly buildspec: string;
  readonly pipelineName: string;
  readonly store: ArtifactStore;
  /** Which artifacts of its execution it reads, and which it writes for later actions. */
  readonly reads: readonly Artifact[];
  readonly writes: readonly Artifact[];
  /** Paths of the build's own objects in the artifact bucket, below the pipeline's name, and what it does with them. @default - none */
  readonly keeps?: Kept;
  /** Environment variables. Those without a value are left out. */
  readonly environment: Readonly<Record<string, pulumi.Input<string> | undefined>>;
  /** Environment variables whose values are secrets of Secrets Manager, given by ARN. @default - none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** What it may do in addition to using its artifacts, its secrets and its log. */
  readonly statements: readonly Statement[];
  /**
   * What else it may do, by a policy of its own: IAM takes 10,240 characters for those within a role, and 6,144 for each beside it.
   * @default - nothing
   */
  readonly furtherStatements?: readonly Statement[];
  /** Minutes after which the build is stopped, 5 to 2160. */
  readonly timeoutMinutes: number;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the program changes of the project. @default - nothing */
  readonly transform?: Transform<codebuild.ProjectArgs>;
}

/** Objects of a build's own, such as `checks/*`, and S3's actions. */
interface Kept {
  readonly path: string;
  readonly actions: readonly string[];
}

/** Node, Python, Git and AWS's tools on Amazon Linux 2023. https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html */
const IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0";
/** 4 vCPUs and 7 GB: the engine with the AWS provider takes 2 GB and more. */
const COMPUTE = "BUILD_GENERAL1_MEDIUM";
const LOG_RETENTION_DAYS = 365;

/** A CodeBuild project that a pipeline runs, with its own role and log group. */
export function buildProject(name: string, args: BuildProjectArgs, parent: pulumi.Resource): codebuild.Project {
  const { projectName, description, store, secrets = {}, tags } = args;
  const log = new cloudwatch.LogGroup(
    `${name}-log`,
    { name: `/aws/codebuild/${projectName}`, retentionInDays: LOG_RETENTION_DAYS, tags },
    { parent },
  );
  const { arn: serviceRoleArn, role } = serviceRole(
    `${name}-role`,
    {
      description,
      service: "codebuild.amazonaws.com",
      statements: [
        { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: pulumi.interpolate`${log.arn}:*` },
        ...useArtifacts(args.pipelineName, store, args),
        ...Object.values(secrets).map((arn) => ({ Action: "secretsmanager:GetSecretValue", Resource: arn })),
        ...args.statements,
      ],
      tags,
    },
    parent,
  );
  const variables = [
    ...Object.entries(args.environment).flatMap(([variable, value]) =>
      value === undefined ? [] : [{ name: variable, value }],
    ),
    ...Object.entries(secrets).map(([variable, value]) => ({ name: variable, value, type: "SECRETS_MANAGER" })),
  ];
  const definition: codebuild.ProjectArgs = {
    name: projectName,
    description,
    serviceRole: serviceRoleArn,
    source: { type: "CODEPIPELINE", buildspec: args.buildspec },
    artifacts: { type: "CODEPIPELINE" },
    environment: { type: "LINUX_CONTAINER", computeType: COMPUTE, image: IMAGE, environmentVariables: variables },
    encryptionKey: store.keyArn,
    buildTimeout: args.timeoutMinutes,
    logsConfig: { cloudwatchLogs: { groupName: log.name } },
    tags,
  };
  const further = furtherPolicy(name, args, role, parent);
  return new codebuild.Project(...transform(args.transform, name, definition, { parent, dependsOn: further }));
}

function furtherPolicy(name: string, args: BuildProjectArgs, role: iam.Role, parent: pulumi.Resource) {
  const { projectName, furtherStatements = [], tags } = args;
  if (furtherStatements.length === 0) {
    return [];
  }
  const { arn: policyArn } = new iam.Policy(
    `${name}-further`,
    {
      description: `What ${projectName} may do besides its role's own policy`,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: furtherStatements.map((statement) => ({ Effect: "Allow", ...statement })),
      }),
      tags,
    },
    { parent },
  );
  return [new iam.RolePolicyAttachment(`${name}-further`, { role: role.name, policyArn }, { parent })];
}

/**
 * Allows the build to read what earlier actions wrote, to write for later actions, and to keep objects for later builds. It allows nothing
 * else in the bucket.
 */
export function useArtifacts(
  pipelineName: string,
  { bucketArn, keyArn }: ArtifactStore,
  { reads, writes, keeps }: Pick<BuildProjectArgs, "reads" | "writes" | "keeps">,
): Statement[] {
  const passing = writes.length > 0 ? ["Encrypt", "ReEncryptFrom", "ReEncryptTo"] : [];
  const encrypting = writes.length > 0 || keeps !== undefined ? ["GenerateDataKey"] : [];
  const objects = (artifacts: readonly Artifact[]) =>
    artifacts.map((artifact) => pulumi.interpolate`${bucketArn}/${artifactPrefix(pipelineName, artifact)}/*`);
  return [
    { Action: ["s3:GetObject", "s3:GetObjectVersion"], Resource: objects(reads) },
    ...(writes.length > 0 ? [{ Action: "s3:PutObject", Resource: objects(writes) }] : []),
    ...(keeps === undefined
      ? []
      : [
          // Listing is not allowed, since it would show the keys of other executions' artifacts. A missing object therefore looks like one
          // that may not be read.
          allow("s3", [pulumi.interpolate`${bucketArn}/${pipelineName}/${keeps.path}`], keeps.actions),
        ]),
    // AWS's own policies for CodePipeline and CodeBuild allow more actions than S3 turned out to need.
    allow("s3", [bucketArn], ["GetBucketVersioning", "GetBucketAcl", "GetBucketLocation"]),
    allow("kms", [keyArn], ["Decrypt", "DescribeKey", ...encrypting, ...passing]),
  ];
}
