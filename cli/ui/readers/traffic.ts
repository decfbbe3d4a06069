import { METRICS } from "../../../lib/contract";
import { apiName } from "../../../lib/release";
import type { TrafficShown } from "../shown";
import type { Watched } from "../watched";
import { periodFactor, seriesOf } from "./metrics";

const MINUTE_SECONDS = 60;

/** How many requests callers have sent to each release. A new release is found by its first request. */
export async function readTraffic(watched: Watched): Promise<TrafficShown> {
  const schema = [METRICS.namespace, "FunctionName", "Release", "Source"].join(",");
  const terms = `MetricName="${METRICS.requests}" FunctionName="${apiName(watched.model, "prod")}" Source="caller"`;
  const Expression = `SEARCH('{${schema}} ${terms}', 'Sum', ${MINUTE_SECONDS})`;
  const series = await seriesOf(watched, [{ query: { Id: "requests", Expression, Label: "${PROP('Dim.Release')}" } }]);
  const first = (points: (typeof series)[number]["points"]) => points[0]?.[0] ?? 0;
  return {
    series: series.sort((a, b) => first(a.points) - first(b.points)),
    pointSeconds: (MINUTE_SECONDS * periodFactor(watched, MINUTE_SECONDS)) / watched.speed,
  };
}
