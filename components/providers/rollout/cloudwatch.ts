import {
  CloudWatchClient,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  paginateGetMetricData,
  type AlarmType,
  type CompositeAlarm,
  type MetricAlarm,
  type MetricDataQuery,
  type StateValue,
} from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { METRICS, releaseDimensions } from "../../../lib/contract";
import { answered, caller, clientSettings, type Caller } from "../support/aws";
import type { Waiter } from "../support/waiter";
import { timestamp } from "../support/words";
import type { FunctionVersion } from "./alias";
import type { LambdaRolloutInputs } from "./inputs";

/** An alarm that is, or was, in ALARM. */
export interface Firing {
  readonly name: string;
  /** CloudWatch's sentence, with the datapoints that decided. */
  readonly reason: string;
  /** When it went to ALARM. */
  readonly since: Date | undefined;
}

/** Without these, CloudWatch tells of metric alarms only. */
const ALARM_TYPES: AlarmType[] = ["MetricAlarm", "CompositeAlarm"];

const NO_REASON = "no reason given";

/** What CloudWatch notes about a change of state. */
const STATE_UPDATE = z.object({ newState: z.object({ stateValue: z.string(), stateReason: z.string().optional() }) });

/** Reads alarms, metric and composite ones, by their names. Without names it asks nothing; names that do not exist fire never. */
export class Alarms {
  private readonly cloudWatch: Caller<CloudWatchClient>;

  constructor(
    inputs: Pick<LambdaRolloutInputs, "region">,
    private readonly waiter: Waiter,
  ) {
    this.cloudWatch = caller(() => new CloudWatchClient(clientSettings(inputs.region)));
  }

  /** Those that are in ALARM now. */
  firing(names: readonly string[]): Promise<Firing[]> {
    return this.waiter.call(() => this.lookFiring(names));
  }

  /** One look, for those who look again by themselves. */
  async lookFiring(names: readonly string[]): Promise<Firing[]> {
    const alarms = await this.describe(names, "ALARM");
    return alarms.map(
      ({ AlarmName = "?", StateReason = NO_REASON, StateTransitionedTimestamp, StateUpdatedTimestamp }) => ({
        name: AlarmName,
        reason: StateReason,
        since: StateTransitionedTimestamp ?? StateUpdatedTimestamp,
      }),
    );
  }

  /** The names that no alarm has. */
  async missing(names: readonly string[]): Promise<string[]> {
    const alarms = await this.waiter.call(() => this.describe(names));
    const found = new Set(alarms.map(({ AlarmName }) => AlarmName));
    return names.filter((name) => !found.has(name));
  }

  /** Those that went to ALARM since, also where they have left it again; each once, as it was the first time. */
  async firedSince(names: readonly string[], since: Date): Promise<Firing[]> {
    const fired: Firing[] = [];
    for (const name of names) {
      const first = await this.waiter.call(() => this.lookFirstSince(name, since));
      if (first !== undefined) {
        fired.push(first);
      }
    }
    return fired;
  }

  private describe(names: readonly string[], StateValue?: StateValue): Promise<(MetricAlarm | CompositeAlarm)[]> {
    return this.cloudWatch(async (client) => {
      const found: (MetricAlarm | CompositeAlarm)[] = [];
      // An empty list of names stands for all alarms.
      if (names.length > 0) {
        const request = { AlarmNames: [...names], AlarmTypes: ALARM_TYPES, StateValue };
        for await (const { MetricAlarms = [], CompositeAlarms = [] } of paginateDescribeAlarms({ client }, request)) {
          found.push(...MetricAlarms, ...CompositeAlarms);
        }
      }
      return found;
    });
  }

  private lookFirstSince(name: string, since: Date): Promise<Firing | undefined> {
    return this.cloudWatch(async (client) => {
      const pages = paginateDescribeAlarmHistory(
        { client },
        {
          AlarmName: name,
          AlarmTypes: ALARM_TYPES,
          HistoryItemType: "StateUpdate",
          StartDate: since,
          ScanBy: "TimestampAscending",
        },
      );
      try {
        for await (const { AlarmHistoryItems = [] } of pages) {
          for (const { Timestamp, HistoryData = "{}" } of AlarmHistoryItems) {
            const { newState } = STATE_UPDATE.safeParse(JSON.parse(HistoryData)).data ?? {};
            if (newState?.stateValue === "ALARM") {
              return { name, reason: newState.stateReason ?? NO_REASON, since: Timestamp };
            }
          }
        }
      } catch (error) {
        if (!answered(error, "ResourceNotFound", "ResourceNotFoundException")) {
          throw error;
        }
      }
      return undefined;
    });
  }
}

/** An alarm that is in ALARM, in words. */
export function isFiring({ name, reason, since }: Firing): string {
  return `alarm ${name} is in ALARM${since === undefined ? "" : ` since ${timestamp(since)}`}: ${reason}`;
}

/** An alarm that went to ALARM, and may have left it again, in words. */
export function hasFired({ name, reason, since }: Firing): string {
  return `alarm ${name} went to ALARM${since === undefined ? "" : ` at ${timestamp(since)}`}: ${reason}`;
}

/** What a release has answered, probes included. */
export interface Evidence {
  readonly requests: number;
  /** Those that it failed to answer: its model or endpoint, or, by Lambda's metrics, the function. */
  readonly faults: number;
}

const COUNT_PERIOD_SECONDS = 60;
const LATENCY_PERIOD_SECONDS = 300;

/** In a period with fewer answers, a p99 is nothing but the slowest of them. */
const MINIMUM_SAMPLES = 50;
/** However fast blue is, green is not too slow below this. */
const NEVER_TOO_SLOW_MS = 500;

/** Values by the start of their period, in milliseconds since 1970; a period without data has none. */
type Series = ReadonlyMap<number, number>;

/** What metrics are kept by. */
type Version = Pick<FunctionVersion, "release" | "version">;

/** A metric of one release. */
interface ReleaseMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

type MetricInputs = Pick<LambdaRolloutInputs, "region" | "functionName" | "aliasName" | "latencyTimesBlue" | "kind">;

/** The metrics of a function's releases. CloudWatch has them about a minute late. */
export class ReleaseMetrics {
  private readonly cloudWatch: Caller<CloudWatchClient>;

  constructor(
    private readonly inputs: MetricInputs,
    private readonly waiter: Waiter,
  ) {
    this.cloudWatch = caller(() => new CloudWatchClient(clientSettings(inputs.region)));
  }

  /** What a release has answered since. */
  counts(of: Version, since: Date): Promise<Evidence> {
    return this.waiter.call(() => this.lookCounts(of, since));
  }

  /** One look, for those who look again by themselves. */
  async lookCounts(of: Version, since: Date): Promise<Evidence> {
    const queries = (what: "requests" | "faults") =>
      this.metrics(what, of).map((metric, i) => query(`${what}${i || ""}`, metric, "Sum", COUNT_PERIOD_SECONDS));
    const all = { requests: queries("requests"), faults: queries("faults") };
    const series = await this.read([...all.requests, ...all.faults], since);
    const total = (of: MetricDataQuery[]) => sum(of.flatMap(({ Id = "" }) => [...series(Id).values()]));
    return { requests: total(all.requests), faults: total(all.faults) };
  }

  /**
   * One look: one line where green was slower than `latencyTimesBlue` allows while blue served as well: in 5 minutes in which both answered
   * at least 50 requests, green's p99 was above 500 ms and above so many times blue's. Else `undefined`.
   */
  async lookSlowerThanBlue(green: Version, blue: Version, since: Date): Promise<string | undefined> {
    const { latencyTimesBlue: factor } = this.inputs;
    if (factor === undefined) {
      return undefined;
    }
    const latency = (id: string, of: Version, stat: string) =>
      this.metrics("latency", of).map((metric) => query(id, metric, stat, LATENCY_PERIOD_SECONDS));
    const series = await this.read(
      [
        latency("greenP99", green, "p99"),
        latency("greenCount", green, "SampleCount"),
        latency("blueP99", blue, "p99"),
        latency("blueCount", blue, "SampleCount"),
      ].flat(),
      since,
    );
    for (const [at, greenMs] of series("greenP99")) {
      const blueMs = series("blueP99").get(at);
      const greenCount = series("greenCount").get(at) ?? 0;
      const blueCount = series("blueCount").get(at) ?? 0;
      const isJudged = Math.min(greenCount, blueCount) >= MINIMUM_SAMPLES && greenMs > NEVER_TOO_SLOW_MS;
      if (isJudged && blueMs !== undefined && greenMs > factor * blueMs) {
        return (
          `release ${green.release} answered with a p99 of ${Math.round(greenMs)} ms (${greenCount} requests), more than ${factor} times ` +
          `the ${Math.round(blueMs)} ms of release ${blue.release} at the same time (${blueCount} requests)`
        );
      }
    }
    return undefined;
  }

  /**
   * Where something about a release is kept. Lambda counts what comes through the alias and what comes to the version itself, as probes do,
   * apart: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
   */
  private metrics(what: "requests" | "faults" | "latency", { release, version }: Version): ReleaseMetric[] {
    const { functionName, aliasName, kind } = this.inputs;
    if (kind === "api") {
      const name = { requests: METRICS.requests, faults: METRICS.modelFaults, latency: METRICS.modelLatency }[what];
      return [{ namespace: METRICS.namespace, name, dimensions: releaseDimensions(functionName, release) }];
    }
    const name = { requests: "Invocations", faults: "Errors", latency: "Duration" }[what];
    const ofLambda = (dimensions: Readonly<Record<string, string>>): ReleaseMetric => ({
      namespace: "AWS/Lambda",
      name,
      dimensions: { FunctionName: functionName, ...dimensions },
    });
    const throughAlias = ofLambda({ Resource: `${functionName}:${aliasName}`, ExecutedVersion: version });
    // Blue has no probes: only what comes through the alias can be compared.
    return what === "latency" ? [throughAlias] : [throughAlias, ofLambda({ Resource: `${functionName}:${version}` })];
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

function query(
  id: string,
  { namespace, name, dimensions }: ReleaseMetric,
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

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
