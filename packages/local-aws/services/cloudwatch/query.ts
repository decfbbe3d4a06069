import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { Checked } from "../../core/operation";
import { dimensionsOf } from "./dimensions";
import { Distribution } from "./distribution";
import { parseExpression, type ParsedExpression } from "./expression";
import { slotOf, type MetricKey, type MetricStore } from "./metric-store";
import { statisticFunction } from "./statistic";

/** A metric with how one number is made of each of its periods. */
export interface MetricQuery {
  readonly key: MetricKey;
  /** CloudWatch's name of the statistic, such as `Sum` or `p99`. */
  readonly statistic: string;
  /** In AWS's time. */
  readonly periodSeconds: number;
  readonly unit?: string;
}

/** One of several queries, which its id names to the expressions among them. */
export interface Query {
  readonly id: string;
  readonly label: string;
  readonly returnData: boolean;
  readonly source: MetricQuery | ParsedExpression;
}

/** One period's number, and of how many values it was made. */
export interface Datapoint {
  /** Start of the period, in milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
  readonly sampleCount: number;
}

/** Which periods are looked at: those from `origin` on, counted from slot `first` to the one before `end`. */
export interface Frame {
  readonly origin: number;
  readonly periodSeconds: number;
  readonly first: number;
  readonly end: number;
}

/** Reads the numbers of a metric's periods; periods without values are left out. */
export function readMetric(
  store: MetricStore,
  clock: Clock,
  query: MetricQuery,
  frame: Frame,
): ReadonlyMap<number, Datapoint> {
  const period = clock.real(frame.periodSeconds * 1000);
  const statistic = statisticFunction(query.statistic);
  const from = frame.origin + frame.first * period;
  const slots = new Map<number, Distribution>();
  for (const span of store.read(query.key, from - 1e-3, frame.origin + frame.end * period, query.unit)) {
    const slot = slotOf(span.at - frame.origin, period);
    if (slot >= frame.first && slot < frame.end) {
      const values = slots.get(slot) ?? new Distribution();
      values.merge(span.values);
      slots.set(slot, values);
    }
  }
  const points = [...slots].flatMap(([slot, values]) => {
    const value = statistic(values);
    const at = frame.origin + slot * period;
    return value === undefined ? [] : [[slot, { at, value, sampleCount: values.sampleCount }] as const];
  });
  return new Map(points);
}

/** Computes every query, expressions from the metrics they name. */
export function readQueries(
  store: MetricStore,
  clock: Clock,
  queries: readonly Query[],
  frameOf: (periodSeconds: number) => Frame,
): ReadonlyMap<string, ReadonlyMap<number, Datapoint>> {
  const byId = new Map(queries.map((query) => [query.id, query]));
  const results = new Map<string, ReadonlyMap<number, Datapoint>>();
  const compute = (query: Query): ReadonlyMap<number, Datapoint> => {
    const known = results.get(query.id);
    if (known !== undefined) {
      return known;
    }
    const frame = frameOf(periodOf(query, byId));
    const result =
      "key" in query.source
        ? readMetric(store, clock, query.source, frame)
        : computeExpression(query.source, frame, clock, (id) => {
            const operand = byId.get(id);
            return operand === undefined ? new Map<number, Datapoint>() : compute(operand);
          });
    results.set(query.id, result);
    return result;
  };
  queries.forEach(compute);
  return results;
}

function computeExpression(
  { compute, ids }: ParsedExpression,
  frame: Frame,
  clock: Clock,
  resultOf: (id: string) => ReadonlyMap<number, Datapoint>,
): ReadonlyMap<number, Datapoint> {
  const operands = new Map([...ids].map((id) => [id, resultOf(id)]));
  const period = clock.real(frame.periodSeconds * 1000);
  const points = new Map<number, Datapoint>();
  for (let slot = frame.first; slot < frame.end; slot += 1) {
    const value = compute((id) => operands.get(id)?.get(slot)?.value);
    const counts = [...operands.values()].map((points) => points.get(slot)?.sampleCount ?? 0);
    if (value !== undefined) {
      points.set(slot, { at: frame.origin + slot * period, value, sampleCount: Math.max(0, ...counts) });
    }
  }
  return points;
}

/** The period of a query: an expression has that of its metrics. */
export function periodOf(query: Query, byId: ReadonlyMap<string, Query>): number {
  if ("key" in query.source) {
    return query.source.periodSeconds;
  }
  const periods = new Set<number>();
  for (const id of query.source.ids) {
    const operand = byId.get(id);
    if (operand !== undefined) {
      periods.add(periodOf(operand, byId));
    }
  }
  const [period] = periods;
  if (period === undefined || periods.size > 1) {
    throw notImplemented("CloudWatch", `metric math over ${periods.size} different periods (${query.id})`);
  }
  return period;
}

/**
 * Reads the queries of `GetMetricData` or of an alarm.
 *
 * @throws AwsError `ValidationException` for ids that are used twice or not there, `NotImplemented` for what is not built here
 */
export function parseQueries(inputs: readonly Checked<MetricDataQuery>[]): readonly Query[] {
  const metricIds = metricIdsOf(inputs);
  const queries = inputs.map((input) => parseQuery(input, metricIds));
  const byId = new Map(queries.map((query) => [query.id, query]));
  for (const { id } of queries) {
    if (queries.filter((other) => other.id === id).length > 1) {
      throw new AwsError("ValidationException", `The value for parameter Id '${id}' is used by more than one query.`);
    }
  }
  queries.forEach((query) => checkOperands(query, byId, []));
  return queries;
}

/** Operands may come in any order, but an expression cannot be made of itself. */
function checkOperands({ id, source }: Query, byId: ReadonlyMap<string, Query>, within: readonly string[]): void {
  if (within.includes(id)) {
    throw new AwsError("ValidationException", `Error in expression '${id}': it depends on itself.`);
  }
  for (const used of "key" in source ? [] : source.ids) {
    const operand = byId.get(used);
    if (operand === undefined) {
      throw new AwsError("ValidationException", `Error in expression '${id}': '${used}' is not the Id of a query.`);
    }
    checkOperands(operand, byId, [...within, id]);
  }
}

/** The ids of the metrics themselves, without the expressions over them: what `METRICS()` stands for. */
export function metricIdsOf(inputs: readonly Checked<MetricDataQuery>[]): readonly string[] {
  return inputs.flatMap(({ Id: id, MetricStat: stat }) => (stat === undefined ? [] : [id]));
}

function parseQuery(input: Checked<MetricDataQuery>, metricIds: readonly string[]): Query {
  const { Id: id, MetricStat: stat, Expression: expression, Label: label, ReturnData: returnData = true } = input;
  if ((stat === undefined) === (expression === undefined)) {
    throw new AwsError("ValidationException", `Query ${id} must have either MetricStat or Expression.`);
  }
  if (input.AccountId !== undefined) {
    throw notImplemented("CloudWatch", `queries with AccountId (${id})`);
  }
  if (expression !== undefined) {
    return { id, label: label ?? id, returnData, source: parseExpression(expression, metricIds) };
  }
  const { Namespace: namespace = "", MetricName: name = "", Dimensions: dimensions } = stat?.Metric ?? {};
  const statistic = stat?.Stat ?? "";
  statisticFunction(statistic);
  const key = { namespace, name, dimensions: dimensionsOf(dimensions) };
  const source = { key, statistic, periodSeconds: stat?.Period ?? 0, unit: stat?.Unit };
  return { id, label: label ?? name, returnData, source };
}
