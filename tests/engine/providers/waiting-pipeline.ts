import type { PipelineDeclaration } from "@aws-sdk/client-codepipeline";

/** A pipeline whose executions wait for an approval. @param location bucket of its data and artifacts, with `data-source.zip` */
export const waitingPipeline = (name: string, location: string): PipelineDeclaration => ({
  name,
  pipelineType: "V2",
  executionMode: "QUEUED",
  roleArn: "arn:aws:iam::123456789012:role/any",
  artifactStore: { type: "S3", location },
  variables: [{ name: "reason", defaultValue: "nobody" }],
  stages: [
    {
      name: "Source",
      actions: [
        {
          name: "Data",
          actionTypeId: { category: "Source", owner: "AWS", provider: "S3", version: "1" },
          configuration: { S3Bucket: location, S3ObjectKey: "data-source.zip", PollForSourceChanges: "false" },
          outputArtifacts: [{ name: "Data" }],
        },
      ],
    },
    {
      name: "Approve",
      actions: [
        {
          name: "Approve",
          actionTypeId: { category: "Approval", owner: "AWS", provider: "Manual", version: "1" },
          configuration: {},
        },
      ],
    },
  ],
});
