import {
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
  StandardUnit,
  type MetricDatum,
} from "@aws-sdk/client-cloudwatch";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { operation, type Checked, type Operation } from "../../core/operation";
import { dimensionList, dimensionsOf } from "./dimensions";
import { frameBetween, metricData } from "./metric-data";
import type { MetricSample, MetricStore } from "./metric-store";
import { page } from "./paging";
import { readMetric, type Datapoint } from "./query";

/** How many data points one answer may hold. */
const MAX_STATISTICS_POINTS = 1440;
const MAX_DATA_POINTS = 100_800;
const METRICS_PER_PAGE = 500;
const RECENTLY_ACTIVE_HOURS = 3;

/**
 * The operations on metrics. `Period` is AWS's time, as everywhere: at speed 60, a period of 60 seconds is a real second. Start and
 * end are real times.
 */
export function metricOperations(clock: Clock, metrics: MetricStore): readonly Operation[] {
  return [
    operation(PutMetricDataCommand, (input) => {
      const { Namespace: namespace, MetricData: data, EntityMetricData: entities } = input;
      if (entities !== undefined) {
        throw notImplemented("CloudWatch", "PutMetricData with EntityMetricData");
      }
      const now = clock.now();
      (data ?? []).flatMap((datum) => samplesOf(namespace, datum, now)).forEach((sample) => metrics.add(sample));
      return {};
    }),

    operation(GetMetricStatisticsCommand, (input) => {
      const { Namespace: namespace, MetricName: name, Period: periodSeconds, StartTime: start, EndTime: end } = input;
      const { Statistics: statistics = [], ExtendedStatistics: extended = [], Unit: unit } = input;
      if (statistics.length + extended.length === 0) {
        throw new AwsError(
          "InvalidParameterCombinationException",
          "At least one of the parameters Statistics and ExtendedStatistics must be specified.",
        );
      }
      const key = { namespace, name, dimensions: dimensionsOf(input.Dimensions) };
      const frame = frameBetween(clock, periodSeconds, start, end);
      const read = (statistic: string, ofUnit: string) =>
        readMetric(metrics, clock, { key, statistic, periodSeconds, unit: ofUnit }, frame);
      const units = new Set(metrics.read(key, start.getTime(), end.getTime(), unit).map((span) => span.unit));
      const datapoints = [...units].flatMap((ofUnit) => {
        const counts = read("SampleCount", ofUnit);
        const simple = statistics.map((statistic) => [statistic, read(statistic, ofUnit)] as const);
        const percentiles = extended.map((statistic) => [statistic, read(statistic, ofUnit)] as const);
        return [...counts].map(([slot, { at }]) => ({
          Timestamp: new Date(at),
          ...valuesAt(slot, simple),
          ExtendedStatistics: extended.length > 0 ? valuesAt(slot, percentiles) : undefined,
          Unit: standardUnit(ofUnit),
        }));
      });
      if (datapoints.length > MAX_STATISTICS_POINTS) {
        throw new AwsError(
          "InvalidParameterCombinationException",
          `You have requested up to ${datapoints.length} datapoints, which exceeds the limit of ${MAX_STATISTICS_POINTS}. You may reduce the datapoints requested by increasing Period, or decreasing the time range.`,
        );
      }
      return { Label: name, Datapoints: datapoints };
    }),

    operation(GetMetricDataCommand, (input) => {
      const { StartTime: start, EndTime: end, MaxDatapoints: limit = MAX_DATA_POINTS } = input;
      const results = metricData(metrics, clock, input.MetricDataQueries, start, end);
      const total = results.reduce((sum, { points }) => sum + points.length, 0);
      if (total > limit) {
        throw notImplemented(
          "CloudWatch",
          `GetMetricData in several pages (${total} data points, at most ${limit} fit)`,
        );
      }
      const isAscending = input.ScanBy === "TimestampAscending";
      return {
        MetricDataResults: results.map(({ id, label, points }) => {
          const scanned = isAscending ? points : points.toReversed();
          return {
            Id: id,
            Label: label,
            Timestamps: scanned.map(({ at }) => new Date(at)),
            Values: scanned.map(({ value }) => value),
            StatusCode: "Complete" as const,
          };
        }),
        Messages: [],
      };
    }),

    operation(ListMetricsCommand, (input) => {
      const {
        Namespace: namespace,
        MetricName: name,
        Dimensions: filters = [],
        RecentlyActive: recentlyActive,
      } = input;
      if (input.OwningAccount !== undefined) {
        throw notImplemented("CloudWatch", "ListMetrics with OwningAccount");
      }
      const activeSince = clock.now().getTime() - clock.real(RECENTLY_ACTIVE_HOURS * 3_600_000);
      const found = metrics.list().filter(
        (metric) =>
          (namespace === undefined || metric.namespace === namespace) &&
          (name === undefined || metric.name === name) &&
          (recentlyActive === undefined || metric.lastAt.getTime() >= activeSince) &&
          filters.every(({ Name, Value }) => {
            const value = metric.dimensions[Name];
            return value !== undefined && (Value === undefined || value === Value);
          }),
      );
      const { items, nextToken } = page(found, input.NextToken, METRICS_PER_PAGE);
      return {
        Metrics: items.map((metric) => ({
          Namespace: metric.namespace,
          MetricName: metric.name,
          Dimensions: dimensionList(metric.dimensions),
        })),
        NextToken: nextToken,
      };
    }),
  ];
}

function valuesAt(
  slot: number,
  series: readonly (readonly [string, ReadonlyMap<number, Datapoint>])[],
): Record<string, number> {
  return Object.fromEntries(
    series.flatMap(([statistic, points]) => {
      const value = points.get(slot)?.value;
      return value === undefined ? [] : [[statistic, value]];
    }),
  );
}

const UNITS: ReadonlyMap<string, StandardUnit> = new Map(Object.values(StandardUnit).map((unit) => [unit, unit]));
const standardUnit = (unit: string) => UNITS.get(unit);

function samplesOf(namespace: string, datum: Checked<MetricDatum>, now: Date): readonly MetricSample[] {
  const { MetricName: name, Unit: unit = "None", Timestamp: timestamp = now, Value: value, Values: values } = datum;
  const { StatisticValues: set, Counts: counts } = datum;
  const given = [value, values, set].filter((one) => one !== undefined);
  if (given.length !== 1) {
    throw new AwsError(
      "InvalidParameterCombinationException",
      `Metric ${name} must have exactly one of Value, Values and StatisticValues, got ${given.length} of them.`,
    );
  }
  if (counts !== undefined && counts.length !== values?.length) {
    throw new AwsError(
      "InvalidParameterValueException",
      `The parameters Values and Counts of metric ${name} must be of the same size.`,
    );
  }
  const common = { namespace, name, dimensions: dimensionsOf(datum.Dimensions), unit, timestamp };
  if (set !== undefined) {
    const totals = { sampleCount: set.SampleCount, sum: set.Sum, minimum: set.Minimum, maximum: set.Maximum };
    return [{ ...common, content: totals }];
  }
  return (values ?? [value ?? 0]).map((one, i) => {
    if (!Number.isFinite(one)) {
      throw new AwsError(
        "InvalidParameterValueException",
        `The value ${one} of metric ${name} is not a finite number.`,
      );
    }
    return { ...common, content: { value: one, count: counts?.[i] ?? 1 } };
  });
}
