import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";

/** Arguments of {@link announcements}. */
export interface AnnouncementsArgs {
  readonly pipelineName: string;
  readonly pipelineArn: pulumi.Output<string>;
  readonly topic: sns.Topic;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A topic that this account's EventBridge may publish to; CodePipeline and the rollout do so by their own roles. */
export function notificationTopic(
  name: string,
  args: { readonly pipelineName: string; readonly email?: string; readonly tags?: Readonly<Record<string, string>> },
  parent: pulumi.Resource,
): sns.Topic {
  const topic = new sns.Topic(
    `${name}-notifications`,
    { name: `${args.pipelineName}-notifications`, kmsMasterKeyId: "alias/aws/sns", tags: args.tags },
    { parent },
  );
  if (args.email !== undefined) {
    new sns.TopicSubscription(
      `${name}-notifications-email`,
      { topic: topic.arn, protocol: "email", endpoint: args.email },
      { parent },
    );
  }
  return topic;
}

/** What people are told of: https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html */
export function announcements(name: string, args: AnnouncementsArgs, parent: pulumi.Resource): void {
  const { pipelineName, topic, tags } = args;
  const stageOf = { pipeline: [pipelineName] };
  const told = {
    started: {
      detailType: "CodePipeline Pipeline Execution State Change",
      detail: { ...stageOf, state: ["STARTED"] },
      text: `Pipeline ${pipelineName}: execution <execution> has started.`,
    },
    failed: {
      detailType: "CodePipeline Stage Execution State Change",
      detail: { ...stageOf, state: ["FAILED"] },
      text: `Pipeline ${pipelineName}: stage <stage> of execution <execution> has failed.`,
    },
    deployed: {
      detailType: "CodePipeline Pipeline Execution State Change",
      detail: { ...stageOf, state: ["SUCCEEDED"] },
      text: `Pipeline ${pipelineName}: execution <execution> is deployed.`,
    },
  };
  for (const [what, { detailType, detail, text }] of Object.entries(told)) {
    const rule = new cloudwatch.EventRule(
      `${name}-${what}`,
      {
        name: `${pipelineName}-${what}`,
        description: `Tells that an execution of ${pipelineName} has ${what}`,
        eventPattern: JSON.stringify({ source: ["aws.codepipeline"], "detail-type": [detailType], detail }),
        tags,
      },
      { parent },
    );
    new cloudwatch.EventTarget(
      `${name}-${what}`,
      {
        rule: rule.name,
        arn: topic.arn,
        inputTransformer: {
          inputPaths: { execution: "$.detail.execution-id", stage: "$.detail.stage" },
          inputTemplate: JSON.stringify(text),
        },
      },
      { parent },
    );
  }
}
