import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { CanarySummary } from "./summary";

const DAY_SECONDS = 86_400;

/** How the runs of a canary went, by its metrics; `undefined` if it has not run. */
export async function canaryRuns(aws: LocalAws, canaryName: string): Promise<CanarySummary | undefined> {
  const now = Date.now();
  const { Datapoints = [] } = await new CloudWatchClient(clientConfig(aws)).send(
    new GetMetricStatisticsCommand({
      Namespace: "CloudWatchSynthetics",
      MetricName: "SuccessPercent",
      Dimensions: [{ Name: "CanaryName", Value: canaryName }],
      StartTime: new Date(now - DAY_SECONDS * 1000),
      EndTime: new Date(now + DAY_SECONDS * 1000),
      Period: 2 * DAY_SECONDS,
      Statistics: ["SampleCount", "Sum"],
    }),
  );
  const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((all, one = 0) => all + one, 0);
  const runs = sum(Datapoints.map(({ SampleCount }) => SampleCount));
  return runs === 0 ? undefined : { runs, successPercent: Math.round(sum(Datapoints.map(({ Sum }) => Sum)) / runs) };
}
