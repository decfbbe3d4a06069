import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CodeBuildClient, ListProjectsCommand } from "@aws-sdk/client-codebuild";
import { CodePipelineClient, ListPipelinesCommand } from "@aws-sdk/client-codepipeline";
import { EventBridgeClient, ListRulesCommand } from "@aws-sdk/client-eventbridge";
import { IAMClient, ListPoliciesCommand, ListRolesCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient, ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListTopicsCommand, SNSClient } from "@aws-sdk/client-sns";
import { ListNotebookInstancesCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { Use } from "./fixture";

/** Names of all that is in the account of what a pipeline is made of. */
async function thereIs(aws: LocalAws): Promise<string[]> {
  const config = clientConfig(aws);
  const kms = new KMSClient(config);
  const { Buckets = [] } = await new S3Client(config).send(new ListBucketsCommand({}));
  const { Roles = [] } = await new IAMClient(config).send(new ListRolesCommand({}));
  const { Policies = [] } = await new IAMClient(config).send(new ListPoliciesCommand({ Scope: "Local" }));
  const { Rules = [] } = await new EventBridgeClient(config).send(new ListRulesCommand({}));
  const { Topics = [] } = await new SNSClient(config).send(new ListTopicsCommand({}));
  const { projects = [] } = await new CodeBuildClient(config).send(new ListProjectsCommand({}));
  const { pipelines = [] } = await new CodePipelineClient(config).send(new ListPipelinesCommand({}));
  const { NotebookInstances = [] } = await new SageMakerClient(config).send(new ListNotebookInstancesCommand({}));
  const { logGroups = [] } = await new CloudWatchLogsClient(config).send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/codebuild" }),
  );
  const { Aliases = [] } = await kms.send(new ListAliasesCommand({}));
  const { Keys = [] } = await kms.send(new ListKeysCommand({}));
  const keys = await Promise.all(Keys.map(({ KeyId }) => kms.send(new DescribeKeyCommand({ KeyId }))));
  return [
    ...Buckets.map(({ Name }) => Name),
    ...Roles.map(({ RoleName }) => RoleName),
    ...Policies.map(({ PolicyName }) => PolicyName),
    ...Rules.map(({ Name }) => Name),
    ...Topics.map(({ TopicArn }) => TopicArn),
    ...projects,
    ...pipelines.map(({ name }) => name),
    ...NotebookInstances.map(({ NotebookInstanceName }) => NotebookInstanceName),
    ...logGroups.map(({ logGroupName }) => logGroupName),
    ...Aliases.filter(({ AliasName = "" }) => !AliasName.startsWith("alias/aws/")).map(({ AliasName }) => AliasName),
    ...keys.map(({ KeyMetadata }) => `${KeyMetadata?.Description ?? ""}: ${KeyMetadata?.KeyState ?? ""}`),
  ].filter((name) => name !== undefined);
}

export function destruction(use: Use): void {
  it("leaves nothing behind when it is destroyed but a key that KMS keeps for a week", async () => {
    const { lab } = use();
    await lab.destroy();

    expect(await thereIs(lab.aws)).to.have.members([
      "sagemaker-us-east-1-123456789012",
      lab.state.bucket,
      lab.state.alias,
      "Volumes, archives, captures and environments of the model's releases: Enabled",
      "Artifacts and messages of pipeline mlops-nyctaxi-pipeline: PendingDeletion",
    ]);
  });
}
