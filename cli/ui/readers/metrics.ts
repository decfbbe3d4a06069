import { CloudWatchClient, paginateGetMetricData, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { SeriesShown } from "../shown";
import type { Watched } from "../watched";

/** A query of GetMetricData, and how its line is drawn. */
export interface Asked {
  readonly query: MetricDataQuery;
  /** @default false */
  readonly isAtRight?: boolean;
}

/** Most points of a line. More cannot be told apart where it is drawn. */
const MOST_POINTS = 360;

/** By how much periods must be longer for a line to have no more than {@link MOST_POINTS}. */
export function periodFactor({ windowSeconds, speed }: Watched, periodSeconds: number): number {
  return Math.max(1, Math.ceil((windowSeconds * speed) / periodSeconds / MOST_POINTS));
}

/** Lines of the page's window, one for each metric that the queries find. A period that is not over is left out. */
export async function seriesOf(watched: Watched, asked: readonly Asked[]): Promise<SeriesShown[]> {
  const client = new CloudWatchClient(watched.aws);
  const end = Date.now();
  const request = {
    MetricDataQueries: asked.map(({ query }) => stretched(watched, query)),
    StartTime: new Date(end - watched.windowSeconds * 1000),
    EndTime: new Date(end),
    ScanBy: "TimestampAscending" as const,
  };
  const found = new Map<string, { id: string; label: string; points: [number, number][] }>();
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, request)) {
    for (const { Id: id = "", Label: label = id, Timestamps = [], Values = [] } of MetricDataResults) {
      const key = `${id} ${label}`;
      const one = found.get(key) ?? { id, label, points: [] };
      Timestamps.forEach((at, i) => one.points.push([at.getTime(), Number((Values[i] ?? 0).toPrecision(5))]));
      found.set(key, one);
    }
  }
  const atRight = new Set(asked.flatMap(({ query, isAtRight }) => (isAtRight === true ? [query.Id] : [])));
  const longest = (60_000 * periodFactor(watched, 60)) / watched.speed;
  return [...found.values()]
    .map(({ id, label, points }) => ({
      label,
      isAtRight: atRight.has(id),
      points: points.filter(([at]) => at + longest <= end || points.length === 1),
    }))
    .filter(({ points }) => points.length > 0);
}

/** The query with as long a period as the window needs. */
function stretched(watched: Watched, query: MetricDataQuery): MetricDataQuery {
  const { MetricStat, Expression } = query;
  const longer = (seconds: number) => seconds * periodFactor(watched, seconds);
  return {
    ...query,
    ...(MetricStat === undefined ? {} : { MetricStat: { ...MetricStat, Period: longer(MetricStat.Period ?? 60) } }),
    ...(Expression === undefined
      ? {}
      : {
          Expression: Expression.replace(
            /^(SEARCH\(.*, )(\d+)\)$/,
            (_, search: string, seconds: string) => `${search}${longer(Number(seconds))})`,
          ),
        }),
  };
}

/** A metric with one number for each period. */
export function metricQuery(
  Id: string,
  metric: { readonly namespace: string; readonly name: string; readonly dimensions: Readonly<Record<string, string>> },
  Stat: string,
  Period: number,
): MetricDataQuery {
  const Dimensions = Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    MetricStat: { Metric: { Namespace: metric.namespace, MetricName: metric.name, Dimensions }, Period, Stat },
  };
}
