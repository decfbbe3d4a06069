import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { DRIFT_METRICS, driftDimensions } from "../../lib/monitoring-names";
import { told } from "../monitoring/alarms";
import { transform } from "../support/transform";
import type { DriftMonitorArgs } from "./arguments";

/**
 * Fires if a watched column of the release that most traffic goes to is further from its baseline than its threshold. A window with too few
 * rows changes nothing: a night without traffic neither ends drift nor is any.
 */
export function driftAlarm(
  name: string,
  args: DriftMonitorArgs,
  alarmName: string,
  parent: pulumi.Resource,
): MetricAlarm {
  const { monitorName, windowSeconds = 3600, alarmAfter = { windows: 1, of: 1 } } = args;
  return new MetricAlarm(
    ...transform<MetricAlarmArgs>(
      args.transform?.driftAlarm,
      `${name}-drift`,
      {
        ...told(args),
        name: alarmName,
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
