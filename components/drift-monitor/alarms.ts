import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { DRIFT_METRICS, driftDimensions } from "../../lib/monitoring-names";
import { transform } from "../support/transform";
import type { DriftMonitorArgs } from "./arguments";

/**
 * Fires if a watched column of the release that most traffic goes to is further from its baseline than its threshold. A window with too few
 * rows changes nothing: a night without traffic neither ends drift nor is any.
 */
export function driftAlarm(name: string, args: DriftMonitorArgs, parent: pulumi.Resource): MetricAlarm {
  const { monitorName, windowSeconds = 3600, alarmAfter = { windows: 1, of: 1 } } = args;
  return new MetricAlarm(
    ...transform<MetricAlarmArgs>(
      args.transform?.driftAlarm,
      `${name}-drift`,
      {
        ...told(args),
        name: alarmName(args),
        alarmDescription: `${monitorName}: a watched column has drifted from the training data by more than its threshold`,
        namespace: DRIFT_METRICS.namespace,
        metricName: DRIFT_METRICS.overThreshold,
        dimensions: driftDimensions(monitorName),
        statistic: "Maximum",
        period: windowSeconds,
        evaluationPeriods: alarmAfter.of,
        datapointsToAlarm: alarmAfter.windows,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 1,
        treatMissingData: "ignore",
        tags: args.tags,
      },
      { parent },
    ),
  );
}

/** Fires if the starter fails: it could not start a job, or the job of the window before has failed. */
export function jobsAlarm(
  name: string,
  args: DriftMonitorArgs,
  functionName: pulumi.Input<string>,
  parent: pulumi.Resource,
): MetricAlarm {
  return new MetricAlarm(
    ...transform<MetricAlarmArgs>(
      args.transform?.jobsAlarm,
      `${name}-jobs`,
      {
        ...told(args),
        name: `${alarmName(args)}-jobs`,
        alarmDescription: `${args.monitorName}: drift jobs could not be started or have failed; the function's log says why`,
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

function alarmName({ alarmName: given, monitorName }: DriftMonitorArgs): string {
  return given ?? `${monitorName}-drift`;
}

function told({ notificationTopicArn }: DriftMonitorArgs): Pick<MetricAlarmArgs, "alarmActions" | "okActions"> {
  const topics = notificationTopicArn === undefined ? undefined : [notificationTopicArn];
  return { alarmActions: topics, okActions: topics };
}
