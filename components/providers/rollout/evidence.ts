import { CloudWatchClient, paginateGetMetricData, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { caller, clientSettings, type Caller } from "../run/aws";
import type { Patience } from "../run/patience";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** What a release has answered, probes included. */
export interface Evidence {
  readonly requests: number;
  /** Those that its model or endpoint failed to answer. */
  readonly faults: number;
}

/** Where the function `predict` writes its metrics, under `FunctionName` and `Release`. */
const NAMESPACE = "SageMakerSafeDeploy";

const COUNT_PERIOD_SECONDS = 60;
const LATENCY_PERIOD_SECONDS = 300;

/** In a period with fewer answers, a p99 is nothing but the slowest of them. */
const MINIMUM_SAMPLES = 50;
/** However fast blue is, green is not too slow below this. */
const NEVER_TOO_SLOW_MS = 500;

/** Values by the start of their period, in milliseconds since 1970; a period without data has none. */
type Series = ReadonlyMap<number, number>;

/** The metrics of a function's releases. CloudWatch has them about a minute late. */
export class ReleaseMetrics {
  private readonly cloudWatch: Caller<CloudWatchClient>;

  constructor(
    private readonly inputs: Pick<LambdaRolloutInputs, "region" | "functionName" | "latencyTimesBlue">,
    private readonly patience: Patience,
  ) {
    this.cloudWatch = caller(() => new CloudWatchClient(clientSettings(inputs.region)));
  }

  /** What a release has answered since. */
  counts(release: string, since: Date): Promise<Evidence> {
    return this.patience.call(() => this.lookCounts(release, since));
  }

  /** One look, for those who look again by themselves. */
  async lookCounts(release: string, since: Date): Promise<Evidence> {
    const sum = (id: string, metric: string) => this.query(id, release, metric, "Sum", COUNT_PERIOD_SECONDS);
    const series = await this.read([sum("requests", "Requests"), sum("faults", "ModelFaults")], since);
    return { requests: total(series("requests")), faults: total(series("faults")) };
  }

  /**
   * One look: one line where green was slower than `latencyTimesBlue` allows while blue served as well: in 5 minutes in which both answered
   * at least 50 requests, green's p99 was above 500 ms and above so many times blue's. Else `undefined`.
   */
  async lookSlowerThanBlue(green: string, blue: string, since: Date): Promise<string | undefined> {
    const { latencyTimesBlue: factor } = this.inputs;
    if (factor === undefined) {
      return undefined;
    }
    const latency = (id: string, release: string, stat: string) =>
      this.query(id, release, "ModelLatency", stat, LATENCY_PERIOD_SECONDS);
    const series = await this.read(
      [
        latency("greenP99", green, "p99"),
        latency("greenCount", green, "SampleCount"),
        latency("blueP99", blue, "p99"),
        latency("blueCount", blue, "SampleCount"),
      ],
      since,
    );
    for (const [at, greenMs] of series("greenP99")) {
      const blueMs = series("blueP99").get(at);
      const greenCount = series("greenCount").get(at) ?? 0;
      const blueCount = series("blueCount").get(at) ?? 0;
      const isJudged = Math.min(greenCount, blueCount) >= MINIMUM_SAMPLES && greenMs > NEVER_TOO_SLOW_MS;
      if (isJudged && blueMs !== undefined && greenMs > factor * blueMs) {
        return (
          `release ${green} answered with a p99 of ${Math.round(greenMs)} ms (${greenCount} requests), more than ${factor} times ` +
          `the ${Math.round(blueMs)} ms of release ${blue} at the same time (${blueCount} requests)`
        );
      }
    }
    return undefined;
  }

  private query(id: string, release: string, metric: string, stat: string, periodSeconds: number): MetricDataQuery {
    const dimensions = { FunctionName: this.inputs.functionName, Release: release };
    return {
      Id: id,
      MetricStat: {
        Metric: {
          Namespace: NAMESPACE,
          MetricName: metric,
          Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: periodSeconds,
        Stat: stat,
      },
    };
  }

  /** Reads metrics from a time until now; gives the series of each query by its id, oldest first. */
  private async read(queries: MetricDataQuery[], since: Date): Promise<(id: string) => Series> {
    const found = new Map<string, Map<number, number>>();
    await this.cloudWatch(async (client) => {
      const request = {
        MetricDataQueries: queries,
        StartTime: since,
        // AWS's clock, which `since` may come from, can be ahead of ours.
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

function total(series: Series): number {
  return [...series.values()].reduce((sum, value) => sum + value, 0);
}
