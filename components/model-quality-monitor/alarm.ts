import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { driftDimensions, QUALITY_METRICS } from "../../lib/monitoring-names";
import { told } from "../monitoring/alarms";
import { transform } from "../support/transform";
import type { ModelQualityMonitorArgs } from "./arguments";

/** Metrics are dated at the end of the last day, so a day later they are still those of the last run. */
const PERIOD_SECONDS = 86_400;

/**
 * Fires if the release that most traffic goes to predicts worse than its limit by more than chance, on the newest day that has enough labels.
 * A run without such a day changes nothing: no labels neither end what was found nor are any finding.
 */
export function qualityAlarm(
  name: string,
  args: ModelQualityMonitorArgs,
  alarmName: string,
  parent: pulumi.Resource,
): MetricAlarm {
  const { monitorName } = args;
  return new MetricAlarm(
    ...transform<MetricAlarmArgs>(
      args.transform?.qualityAlarm,
      `${name}-quality`,
      {
        ...told(args),
        name: alarmName,
        alarmDescription: `${monitorName}: the model predicts worse than its limit by more than chance, as labels tell`,
        namespace: QUALITY_METRICS.namespace,
        metricName: QUALITY_METRICS.overLimit,
        dimensions: driftDimensions(monitorName),
        statistic: "Maximum",
        period: PERIOD_SECONDS,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 1,
        treatMissingData: "ignore",
        tags: args.tags,
      },
      { parent },
    ),
  );
}
