import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { METRICS, releaseDimensions } from "../../lib/contract";
import { apiName } from "../../lib/release";
import type { AwsSettings } from "../support/context";

/** What a release was asked, as CloudWatch has it so far. */
export interface RequestCounts {
  readonly requests: number;
  /** Those that the model or its endpoint failed. */
  readonly faults: number;
}

/** A minute, by which the function's metrics are kept. */
const PERIOD_SECONDS = 60;

/** The requests that each of some releases got since a time, by release: of callers and of the rollout's own probes. */
export async function requestsSince(
  aws: AwsSettings,
  key: { readonly model: string; readonly stack: string },
  releases: readonly string[],
  since: Date,
): Promise<ReadonlyMap<string, RequestCounts>> {
  const functionName = apiName(key.model, key.stack);
  const queries = releases.flatMap((release, i) => [
    query(`requests${i}`, METRICS.requests, functionName, release),
    query(`faults${i}`, METRICS.modelFaults, functionName, release),
  ]);
  if (queries.length === 0) {
    return new Map();
  }
  const { MetricDataResults: results = [] } = await new CloudWatchClient(aws).send(
    new GetMetricDataCommand({
      MetricDataQueries: queries,
      StartTime: new Date(Math.floor(since.getTime() / 60_000) * 60_000),
      EndTime: new Date(Date.now() + 60_000),
    }),
  );
  const sum = (id: string) =>
    results
      .filter((one) => one.Id === id)
      .flatMap(({ Values = [] }) => Values)
      .reduce((all, one) => all + one, 0);
  return new Map(releases.map((release, i) => [release, { requests: sum(`requests${i}`), faults: sum(`faults${i}`) }]));
}

function query(Id: string, MetricName: string, functionName: string, release: string): MetricDataQuery {
  const Dimensions = Object.entries(releaseDimensions(functionName, release)).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    MetricStat: {
      Metric: { Namespace: METRICS.namespace, MetricName, Dimensions },
      Period: PERIOD_SECONDS,
      Stat: "Sum",
    },
  };
}
