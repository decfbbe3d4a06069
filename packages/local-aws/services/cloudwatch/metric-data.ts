import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { Checked } from "../../core/operation";
import { parseExpression } from "./expression";
import { labelOf } from "./label";
import { slotOf, type MetricStore } from "./metric-store";
import {
  metricIdsOf,
  parseQueries,
  periodOf,
  readMetric,
  readQueries,
  type Datapoint,
  type Frame,
  type MetricQuery,
} from "./query";
import { isSearch, search } from "./search";

/** The numbers of a query, or of one of the metrics that it has found. */
export interface MetricResult {
  readonly id: string;
  readonly label: string;
  readonly periodSeconds: number;
  /** In order of time. */
  readonly points: readonly Datapoint[];
}

/**
 * Answers the queries of `GetMetricData` between two real times. A search has a result for each metric that it finds.
 *
 * @throws AwsError `ValidationException` or `InvalidParameterValueException` for what AWS refuses, `NotImplemented` for what is not built here
 */
export function metricData(
  store: MetricStore,
  clock: Clock,
  inputs: readonly Checked<MetricDataQuery>[],
  start: Date,
  end: Date,
): readonly MetricResult[] {
  const frameOf = (periodSeconds: number) => frameBetween(clock, periodSeconds, start, end);
  const searches = inputs.filter(({ Expression: expression = "" }) => isSearch(expression));
  const others = inputs.filter((input) => !searches.includes(input));
  refuseMathOver(searches, others);
  const queries = new Map(parseQueries(others).map((query) => [query.id, query]));
  const results = readQueries(store, clock, [...queries.values()], frameOf);
  return inputs.flatMap((input) => {
    if (input.ReturnData === false) {
      return [];
    }
    const query = queries.get(input.Id);
    if (query !== undefined) {
      const metric = "key" in query.source ? query.source : undefined;
      const points = ordered(results.get(query.id));
      return [{ id: query.id, label: labelOf(query.label, metric), periodSeconds: periodOf(query, queries), points }];
    }
    const found = search(input.Expression ?? "", store);
    return found.map((metric) => ({
      id: input.Id,
      label: labelOf(input.Label ?? labelAmong(found, metric), metric),
      periodSeconds: metric.periodSeconds,
      points: ordered(readMetric(store, clock, metric, frameOf(metric.periodSeconds))),
    }));
  });
}

/** Which periods lie between two real times. @throws AwsError `InvalidParameterValueException` */
export function frameBetween(clock: Clock, periodSeconds: number, start: Date, end: Date): Frame {
  if (start >= end) {
    throw new AwsError(
      "InvalidParameterValueException",
      "The parameter StartTime must be less than the parameter EndTime.",
    );
  }
  if (![1, 5, 10, 20, 30].includes(periodSeconds) && (periodSeconds <= 0 || periodSeconds % 60 !== 0)) {
    throw new AwsError(
      "InvalidParameterValueException",
      `The parameter Period must be 1, 5, 10, 20, 30 or a multiple of 60, got ${periodSeconds}.`,
    );
  }
  const period = clock.real(periodSeconds * 1000);
  return { origin: 0, periodSeconds, first: slotOf(start.getTime(), period), end: Math.ceil(end.getTime() / period) };
}

function refuseMathOver(searches: readonly Checked<MetricDataQuery>[], others: readonly Checked<MetricDataQuery>[]) {
  const ids = searches.map(({ Id: id }) => id);
  for (const { Id: id, Expression: expression } of others) {
    const used = expression === undefined ? new Set() : parseExpression(expression, metricIdsOf(others)).ids;
    const found = ids.find((one) => used.has(one));
    if (found !== undefined) {
      throw notImplemented("CloudWatch", `metric math over the search ${found} (${id})`);
    }
  }
}

const ordered = (points: ReadonlyMap<number, Datapoint> | undefined) =>
  [...(points?.values() ?? [])].sort((a, b) => a.at - b.at);

/** What tells a metric from the others that were found: its name and the values of its dimensions, as far as they differ. */
function labelAmong(found: readonly MetricQuery[], { key }: MetricQuery): string {
  const differs = (valueOf: (key: MetricQuery["key"]) => string | undefined) =>
    new Set(found.map((one) => valueOf(one.key))).size > 1;
  const values = Object.entries(key.dimensions).flatMap(([name, value]) =>
    differs(({ dimensions }) => dimensions[name]) ? [value] : [],
  );
  const parts = [...(differs(({ name }) => name) ? [key.name] : []), ...values];
  return parts.length === 0 ? key.name : parts.join(" ");
}
