import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { transform } from "../support/transform";
import type { MonitorArgs } from "./arguments";
import type { AnyMonitorArgs, MonitorKind } from "./kind";

/** Fires if the starter fails: it could not start a job, or the job before has failed. */
export function jobsAlarm(
  name: string,
  args: AnyMonitorArgs,
  { about, alarmName }: MonitorKind,
  functionName: pulumi.Input<string>,
  parent: pulumi.Resource,
): MetricAlarm {
  return new MetricAlarm(
    ...transform<MetricAlarmArgs>(
      args.transform?.jobsAlarm,
      `${name}-jobs`,
      {
        ...told(args),
        name: `${alarmName}-jobs`,
        alarmDescription: `${args.monitorName}: ${about} jobs could not be started or have failed; the function's log says why`,
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: functionName },
        statistic: "Sum",
        period: 300,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        treatMissingData: "notBreaching",
        tags: args.tags,
      },
      { parent },
    ),
  );
}

/** Whom an alarm of a monitor tells. */
export function told({
  notificationTopicArn,
}: Pick<MonitorArgs, "notificationTopicArn">): Pick<MetricAlarmArgs, "alarmActions" | "okActions"> {
  const topics = notificationTopicArn === undefined ? undefined : [notificationTopicArn];
  return { alarmActions: topics, okActions: topics };
}
