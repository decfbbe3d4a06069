import { CloudWatchClient, GetMetricStatisticsCommand, type Datapoint } from "@aws-sdk/client-cloudwatch";
import type { AwsSettings } from "../support/context";

/** How the runs of a canary went. */
export interface CanarySummary {
  readonly runs: number;
  /** Share of them that found all well. */
  readonly successPercent: number;
}

/** The runs of a minute. */
export interface CanaryMinute extends CanarySummary {
  /** Its begin. */
  readonly time: string;
  /** Milliseconds of a run, on average. */
  readonly tookMs: number | undefined;
}

const MINUTE_SECONDS = 60;
const DAY_SECONDS = 86_400;
/** Most data points that CloudWatch gives at once, in seconds of a window. */
const MOST_SECONDS = 1440 * MINUTE_SECONDS;

/** How the runs of a canary went, by its metrics; `undefined` if it has not run. */
export async function canaryRuns(aws: AwsSettings, canaryName: string): Promise<CanarySummary | undefined> {
  const now = Date.now();
  const points = await pointsOf(aws, canaryName, {
    MetricName: "SuccessPercent",
    StartTime: new Date(now - DAY_SECONDS * 1000),
    EndTime: new Date(now + DAY_SECONDS * 1000),
    Period: 2 * DAY_SECONDS,
  });
  return summaryOf(points);
}

/** The runs of the last hours, at most a day, minute by minute; the newest first. */
export async function canaryMinutes(aws: AwsSettings, canaryName: string, hours: number): Promise<CanaryMinute[]> {
  const now = Date.now();
  const window = {
    StartTime: new Date(now - 1000 * Math.min(hours * 3600, MOST_SECONDS - MINUTE_SECONDS)),
    EndTime: new Date(now + 1000 * MINUTE_SECONDS),
    Period: MINUTE_SECONDS,
  };
  const [successes, durations] = await Promise.all(
    ["SuccessPercent", "Duration"].map((MetricName) => pointsOf(aws, canaryName, { MetricName, ...window })),
  );
  const took = new Map(durations?.map((point) => [point.Timestamp?.getTime(), averageOf(point)]));
  return (successes ?? [])
    .flatMap((point) => {
      const summary = summaryOf([point]);
      const time = point.Timestamp;
      return summary === undefined || time === undefined
        ? []
        : [{ ...summary, time: time.toISOString(), tookMs: took.get(time.getTime()) }];
    })
    .sort((a, b) => b.time.localeCompare(a.time));
}

async function pointsOf(
  aws: AwsSettings,
  canaryName: string,
  metric: { readonly MetricName: string; readonly StartTime: Date; readonly EndTime: Date; readonly Period: number },
): Promise<readonly Datapoint[]> {
  const { Datapoints = [] } = await new CloudWatchClient(aws).send(
    new GetMetricStatisticsCommand({
      Namespace: "CloudWatchSynthetics",
      Dimensions: [{ Name: "CanaryName", Value: canaryName }],
      Statistics: ["SampleCount", "Sum"],
      ...metric,
    }),
  );
  return Datapoints;
}

function summaryOf(points: readonly Datapoint[]): CanarySummary | undefined {
  const sum = (values: readonly (number | undefined)[]) => values.reduce<number>((all, one = 0) => all + one, 0);
  const runs = sum(points.map(({ SampleCount }) => SampleCount));
  return runs === 0 ? undefined : { runs, successPercent: Math.round(sum(points.map(({ Sum }) => Sum)) / runs) };
}

const averageOf = ({ Sum = 0, SampleCount = 0 }: Datapoint) => (SampleCount === 0 ? undefined : Sum / SampleCount);
