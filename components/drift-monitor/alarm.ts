import type * as pulumi from "@pulumi/pulumi";
import { MetricAlarm, type MetricAlarmArgs } from "@pulumi/aws/cloudwatch";
import { DRIFT_METRICS, driftDimensions, monitoringScheduleName } from "../../lib/monitoring-names";
import { told } from "../monitoring/alarms";
import { transform } from "../support/transform";
import type { DriftMonitorArgs, WatchedEndpoint } from "./arguments";

const HOUR_SECONDS = 3600;
const DEFAULT_THRESHOLD = 0.2;

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
  const { monitorName, endpoint, alarmAfter = { windows: 1, of: 1 } } = args;
  return new MetricAlarm(
    ...transform<MetricAlarmArgs>(
      args.transform?.driftAlarm,
      `${name}-drift`,
      {
        ...told(args),
        name: alarmName,
        alarmDescription: `${monitorName}: a watched column has drifted from the training data by more than its threshold`,
        ...(endpoint === undefined ? ofOwnEngine(args) : ofModelMonitor(args, endpoint)),
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

/** The greatest distance of a watched column, divided by its threshold, as `drift.py` tells it. */
function ofOwnEngine({ monitorName, windowSeconds = HOUR_SECONDS }: DriftMonitorArgs): Partial<MetricAlarmArgs> {
  return {
    namespace: DRIFT_METRICS.namespace,
    metricName: DRIFT_METRICS.overThreshold,
    dimensions: driftDimensions(monitorName),
    statistic: "Maximum",
    period: windowSeconds,
  };
}

/** The same, reckoned from the distances of the columns, which is all that Model Monitor tells. */
function ofModelMonitor(
  { monitorName, watched = [], threshold = DEFAULT_THRESHOLD, thresholds = {}, windowSeconds }: DriftMonitorArgs,
  { endpointName, release }: WatchedEndpoint,
): Partial<MetricAlarmArgs> {
  const shares = watched.map((column, n) => `distance${n} / ${thresholds[column] ?? threshold}`);
  const distances = watched.map((column, n) => ({
    id: `distance${n}`,
    metric: {
      namespace: DRIFT_METRICS.namespace,
      metricName: `${DRIFT_METRICS.distancePrefix}${column}`,
      dimensions: { MonitoringSchedule: monitoringScheduleName(monitorName, release), Endpoint: endpointName },
      stat: "Maximum",
      period: windowSeconds ?? HOUR_SECONDS,
    },
  }));
  return {
    metricQueries: [
      {
        id: "drift",
        expression: `MAX([${shares.join(", ")}])`,
        label: "greatest distance of a watched column, divided by its threshold",
        returnData: true,
      },
      ...distances,
    ],
  };
}
