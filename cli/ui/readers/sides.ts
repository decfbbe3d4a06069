import { CloudWatchClient, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { METRICS, releaseDimensions } from "../../../lib/contract";
import type { SideShown } from "../shown";
import type { Watched } from "../watched";
import { metricQuery } from "./metrics";

const MINUTE_SECONDS = 60;
/** The rollout compares latencies in such periods too. */
const LATENCY_SECONDS = 300;

/** What a side of a rollout has answered since the rollout began, by the metrics that the rollout itself reads. */
export async function readSide(
  { aws }: Watched,
  functionName: string,
  side: Pick<SideShown, "side" | "release" | "version">,
  since: Date,
): Promise<SideShown> {
  const dimensions = releaseDimensions(functionName, side.release);
  const metric = (name: string) => ({ namespace: METRICS.namespace, name, dimensions });
  const client = new CloudWatchClient(aws);
  const request = {
    MetricDataQueries: [
      metricQuery("requests", metric(METRICS.requests), "Sum", MINUTE_SECONDS),
      metricQuery("faults", metric(METRICS.modelFaults), "Sum", MINUTE_SECONDS),
      metricQuery("p50", metric(METRICS.modelLatency), "p50", LATENCY_SECONDS),
      metricQuery("p90", metric(METRICS.modelLatency), "p90", LATENCY_SECONDS),
    ],
    StartTime: since,
    // `since` is of AWS's clock, which can be ahead of ours.
    EndTime: new Date(Math.max(Date.now(), since.getTime() + 1000)),
    ScanBy: "TimestampAscending" as const,
  };
  const values = new Map<string, number[]>();
  for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, request)) {
    for (const { Id = "", Values = [] } of MetricDataResults) {
      values.set(Id, [...(values.get(Id) ?? []), ...Values]);
    }
  }
  const total = (id: string) => (values.get(id) ?? []).reduce((sum, value) => sum + value, 0);
  return {
    ...side,
    requests: total("requests"),
    faults: total("faults"),
    p50Ms: values.get("p50")?.at(-1),
    p90Ms: values.get("p90")?.at(-1),
  };
}
