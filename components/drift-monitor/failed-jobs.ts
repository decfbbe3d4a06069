import type * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import { transform } from "../support/transform";
import type { DriftMonitorArgs, DriftMonitorNodes } from "./arguments";

/**
 * Tells the topic of jobs that have failed, for which Model Monitor has no metric. They are known by their role, which is theirs alone. An
 * execution that has come to no job, such as one without data, is not told.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
 */
export function tellFailedJobs(
  name: string,
  { monitorName, notificationTopicArn, tags, transform: changes }: DriftMonitorArgs,
  roleArn: pulumi.Output<string>,
  parent: pulumi.Resource,
): Pick<DriftMonitorNodes, "failedRule" | "failedTarget"> {
  if (notificationTopicArn === undefined) {
    return {};
  }
  const eventPattern = roleArn.apply((arn) =>
    JSON.stringify({
      source: ["aws.sagemaker"],
      "detail-type": ["SageMaker Processing Job State Change"],
      detail: { RoleArn: [arn], ProcessingJobStatus: ["Failed"] },
    }),
  );
  const failedRule = new cloudwatch.EventRule(
    ...transform<cloudwatch.EventRuleArgs>(
      changes?.failedRule,
      `${name}-failed`,
      {
        name: `${monitorName}-failed`,
        description: `Tells people of jobs of Model Monitor that have failed for ${monitorName}`,
        eventPattern,
        tags,
      },
      { parent },
    ),
  );
  const text = `${monitorName}: job <job> of SageMaker Model Monitor has failed. Why: aws sagemaker describe-processing-job --processing-job-name <job>`;
  const failedTarget = new cloudwatch.EventTarget(
    ...transform<cloudwatch.EventTargetArgs>(
      changes?.failedTarget,
      `${name}-failed`,
      {
        rule: failedRule.name,
        arn: notificationTopicArn,
        inputTransformer: {
          inputPaths: { job: "$.detail.ProcessingJobName" },
          inputTemplate: JSON.stringify(text),
        },
      },
      { parent },
    ),
  );
  return { failedRule, failedTarget };
}
