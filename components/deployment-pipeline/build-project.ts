import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as codebuild from "@pulumi/aws/codebuild";
import { serviceRole, type Statement } from "../service-role";
import type { ArtifactStore } from "./artifact-store";

/** Arguments of {@link buildProject}. */
export interface BuildProjectArgs {
  readonly projectName: string;
  readonly description: string;
  /** The buildspec's path in the source, such as `model/buildspec.yml`. */
  readonly buildspec: string;
  readonly store: ArtifactStore;
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What it may do beyond its artifacts and its log. */
  readonly statements: readonly Statement[];
  readonly timeoutMinutes: number;
  readonly logRetentionDays: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A CodeBuild project that a pipeline runs: with a role, a log group and nothing else of its own. */
export function buildProject(name: string, args: BuildProjectArgs, parent: pulumi.Resource): codebuild.Project {
  const { projectName, description, store, tags } = args;
  const log = new cloudwatch.LogGroup(
    `${name}-log`,
    { name: `/aws/codebuild/${projectName}`, retentionInDays: args.logRetentionDays, tags },
    { parent },
  );
  const serviceRoleArn = serviceRole(
    `${name}-role`,
    {
      description,
      service: "codebuild.amazonaws.com",
      statements: [
        { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: pulumi.interpolate`${log.arn}:*` },
        ...passArtifacts(store),
        ...args.statements,
      ],
      tags,
    },
    parent,
  );
  return new codebuild.Project(
    name,
    {
      name: projectName,
      description,
      serviceRole: serviceRoleArn,
      source: { type: "CODEPIPELINE", buildspec: args.buildspec },
      artifacts: { type: "CODEPIPELINE" },
      environment: {
        type: "LINUX_CONTAINER",
        computeType: "BUILD_GENERAL1_MEDIUM",
        image: "aws/codebuild/amazonlinux-x86_64-standard:6.0",
        environmentVariables: Object.entries(args.environment).map(([variable, value]) => ({ name: variable, value })),
      },
      encryptionKey: store.keyArn,
      buildTimeout: args.timeoutMinutes,
      queuedTimeout: 480,
      logsConfig: { cloudwatchLogs: { groupName: log.name } },
      tags,
    },
    { parent },
  );
}

/** Reading what the action before has left and leaving something for the next. */
export function passArtifacts(store: ArtifactStore): Statement[] {
  return [
    { Action: ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"], Resource: pulumi.interpolate`${store.bucketArn}/*` },
    { Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: store.keyArn },
  ];
}
