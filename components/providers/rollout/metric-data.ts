import { CloudWatchClient, paginateGetMetricData, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { caller, clientSettings, type Caller } from "../support/aws";
import type { LambdaRolloutInputs } from "./inputs";

/** A metric, as CloudWatch tells them apart. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Values by the start of their period, in milliseconds since 1970; a period without data has none. */
type Series = ReadonlyMap<number, number>;

export const MINUTE_SECONDS = 60;

/** Reads data of CloudWatch's metrics. */
export class MetricData {
  private readonly cloudWatch: Caller<CloudWatchClient>;

  constructor({ region }: Pick<LambdaRolloutInputs, "region">) {
    this.cloudWatch = caller(() => new CloudWatchClient(clientSettings(region)));
  }

  /** Reads metrics from a time until now. Returns the series of each query by its id, oldest first. */
  async read(queries: MetricDataQuery[], since: Date): Promise<(id: string) => Series> {
    const found = new Map<string, Map<number, number>>();
    await this.cloudWatch(async (client) => {
      const request = {
        MetricDataQueries: queries,
        StartTime: since,
        // `since` may come from AWS's clock, which can be ahead of ours.
        EndTime: new Date(Math.max(Date.now(), since.getTime() + 1000)),
        ScanBy: "TimestampAscending" as const,
      };
      for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, request)) {
        for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
          const series = found.get(Id) ?? new Map<number, number>();
          Timestamps.forEach((at, i) => series.set(at.getTime(), Values[i] ?? 0));
          found.set(Id, series);
        }
      }
    });
    return (id) => found.get(id) ?? new Map();
  }
}

/** The sum of a metric in each minute. */
export function inMinutes(id: string, metric: Metric): MetricDataQuery {
  return query(id, metric, "Sum", MINUTE_SECONDS);
}

/** A statistic of a metric in each period. */
export function query(
  id: string,
  { namespace, name, dimensions }: Metric,
  stat: string,
  seconds: number,
): MetricDataQuery {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: seconds,
      Stat: stat,
    },
  };
}
