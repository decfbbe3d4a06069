import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as sns from "@pulumi/aws/sns";
import { transform, type Transform } from "../support/transform";

/** Arguments of {@link notificationTopic}. */
export interface NotificationTopicArgs {
  readonly topicName: string;
  /** The account whose rules may publish. */
  readonly accountId: pulumi.Input<string>;
  /** A key whose policy lets EventBridge and CloudWatch use it for the topic. */
  readonly keyArn: pulumi.Input<string>;
  /** @default - nobody is subscribed */
  readonly email?: string;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the program changes of the topic. @default - nothing */
  readonly transform?: Transform<sns.TopicArgs>;
}

/** The topic, and its ARN once its policy is there. */
export interface NotificationTopic {
  readonly topic: sns.Topic;
  readonly arn: pulumi.Output<string>;
}

/**
 * A topic that EventBridge and the account's alarms may publish to. CodePipeline's approvals, the rollout and the retrain governor publish
 * with their roles.
 */
export function notificationTopic(
  name: string,
  { topicName, accountId, keyArn, email, tags, transform: change }: NotificationTopicArgs,
  parent: pulumi.Resource,
): NotificationTopic {
  const topic = new sns.Topic(
    ...transform<sns.TopicArgs>(change, name, { name: topicName, kmsMasterKeyId: keyArn, tags }, { parent }),
  );
  const policy = new sns.TopicPolicy(
    name,
    { arn: topic.arn, policy: pulumi.jsonStringify(ofServices(topic, accountId)) },
    { parent },
  );
  if (email !== undefined) {
    new sns.TopicSubscription(
      `${name}-email`,
      { topic: topic.arn, protocol: "email", endpoint: email },
      { parent, dependsOn: policy },
    );
  }
  return { topic, arn: pulumi.all([topic.arn, policy.id]).apply(([arn]) => arn) };
}

/**
 * Roles of the same account need not be named. The key's policy has no such condition, since EventBridge does not send the account there.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html,
 * https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
function ofServices({ arn }: sns.Topic, accountId: pulumi.Input<string>) {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] },
        Action: "sns:Publish",
        Resource: arn,
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
    ],
  };
}

/** Arguments of {@link announcements}. */
export interface AnnouncementsArgs {
  readonly pipelineName: string;
  readonly topicArn: pulumi.Input<string>;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
}

/**
 * What people are told about an execution: that it has started, that a stage has failed, that all is deployed. The approval's action tells
 * them that it waits, and what there is to approve. The rollout tells them that it has rolled back.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
 */
export function announcements(name: string, args: AnnouncementsArgs, parent: pulumi.Resource): void {
  const { pipelineName, topicArn, tags } = args;
  const execution = "$.detail.execution-id";
  const told = {
    started: {
      of: { "detail-type": ["CodePipeline Pipeline Execution State Change"], state: "STARTED" },
      paths: { execution },
      text: `Pipeline ${pipelineName}: execution <execution> has started.`,
    },
    failed: {
      of: { "detail-type": ["CodePipeline Stage Execution State Change"], state: "FAILED" },
      paths: { execution, stage: "$.detail.stage" },
      text: `Pipeline ${pipelineName}: stage <stage> of execution <execution> has failed.`,
    },
    deployed: {
      of: { "detail-type": ["CodePipeline Pipeline Execution State Change"], state: "SUCCEEDED" },
      paths: { execution },
      text: `Pipeline ${pipelineName}: execution <execution> is deployed.`,
    },
  };
  for (const [what, { of, paths, text }] of Object.entries(told)) {
    const eventPattern = JSON.stringify({
      source: ["aws.codepipeline"],
      "detail-type": of["detail-type"],
      detail: { pipeline: [pipelineName], state: [of.state] },
    });
    const rule = new cloudwatch.EventRule(
      `${name}-${what}`,
      { name: `${pipelineName}-${what}`, description: `Tells people: ${text}`, eventPattern, tags },
      { parent },
    );
    new cloudwatch.EventTarget(
      `${name}-${what}`,
      {
        rule: rule.name,
        arn: topicArn,
        inputTransformer: { inputPaths: paths, inputTemplate: JSON.stringify(text) },
      },
      { parent },
    );
  }
}
