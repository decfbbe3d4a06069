import type { ActionDeclaration, PipelineDeclaration, StageDeclaration } from "@aws-sdk/client-codepipeline";

const PIPELINE_ROLE = "arn:aws:iam::123456789012:role/pipeline";
export const KEY = "arn:aws:kms:us-east-1:123456789012:key/artifacts";
export const CONNECTION = "arn:aws:codeconnections:us-east-1:123456789012:connection/1";

export function pipelineOf(
  stages: readonly StageDeclaration[],
  changes: Partial<PipelineDeclaration> = {},
  source: readonly ActionDeclaration[] = [gitSource()],
): PipelineDeclaration {
  return {
    name: "release",
    roleArn: PIPELINE_ROLE,
    pipelineType: "V2",
    executionMode: "QUEUED",
    artifactStore: { type: "S3", location: "store", encryptionKey: { id: KEY, type: "KMS" } },
    stages: [{ name: "Source", actions: [...source] }, ...stages],
    ...changes,
  };
}

export function gitSource(configuration: Readonly<Record<string, string>> = {}): ActionDeclaration {
  return {
    name: "Git",
    namespace: "Git",
    actionTypeId: { category: "Source", owner: "AWS", provider: "CodeStarSourceConnection", version: "1" },
    configuration: {
      ConnectionArn: CONNECTION,
      FullRepositoryId: "org/model",
      BranchName: "main",
      DetectChanges: "false",
      ...configuration,
    },
    outputArtifacts: [{ name: "GitSourceOutput" }],
  };
}

export function dataSource(): ActionDeclaration {
  return {
    name: "Data",
    namespace: "Data",
    actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
    configuration: { S3Bucket: "data", S3ObjectKey: "release/data-source.zip", PollForSourceChanges: "false" },
    outputArtifacts: [{ name: "DataOutput" }],
  };
}

export function build(name: string, project: string, changes: Partial<ActionDeclaration> = {}): ActionDeclaration {
  return {
    name,
    actionTypeId: { category: "Build", owner: "AWS", provider: "CodeBuild", version: "1" },
    inputArtifacts: [{ name: "GitSourceOutput" }],
    ...changes,
    configuration: { ProjectName: project, ...changes.configuration },
  };
}

export function approval(name: string, configuration: Readonly<Record<string, string>> = {}): ActionDeclaration {
  return {
    name,
    actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
    configuration: { ...configuration },
  };
}
