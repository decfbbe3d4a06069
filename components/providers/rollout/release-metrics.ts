import { METRICS, releaseDimensions } from "../../../lib/contract";
import type { Waiter } from "../support/waiter";
import type { FunctionVersion } from "./alias";
import type { LambdaRolloutInputs } from "./inputs";
import { inMinutes, MetricData, MINUTE_SECONDS, query, type Metric } from "./metric-data";
import { refusesMore, type Tally } from "./refusals";

/** What a release has answered, probes included. */
export interface Evidence {
  readonly requests: number;
  /** Requests that failed: because of the model or endpoint or, by Lambda's metrics, of the function. */
  readonly faults: number;
}

/** Since when there is something to count. */
export interface Since {
  readonly begin: Date;
  /** Since when the release has all traffic. @default - it has not had it */
  readonly allTraffic?: Date;
}

const LATENCY_PERIOD_SECONDS = 300;

/** With fewer answers in a period, the p99 is just the slowest of them. */
const MINIMUM_SAMPLES = 50;
/** Green is never too slow below this, however fast blue is. */
const NEVER_TOO_SLOW_MS = 500;

/** Where CloudWatch keeps a metric. */
type Version = Pick<FunctionVersion, "release" | "version">;

/** A part of a count, and when it belongs to it. */
interface Part {
  readonly metric: Metric;
  readonly when: "always" | "shifting" | "all traffic";
}

/** What is measured: of a model's API by its own metrics, of any function by Lambda's. */
const NAMES = {
  api: { requests: METRICS.requests, faults: METRICS.modelFaults, latency: METRICS.modelLatency },
  function: { requests: "Invocations", faults: "Errors", latency: "Duration" },
} as const;

type MetricInputs = Pick<
  LambdaRolloutInputs,
  | "region"
  | "functionName"
  | "aliasName"
  | "latencyTimesBlue"
  | "refusalsPercentAboveBlue"
  | "functionErrorsPerMinute"
  | "kind"
>;

/** The metrics of a function's releases. They reach CloudWatch about a minute late. */
export class ReleaseMetrics {
  private readonly data: MetricData;

  constructor(
    private readonly inputs: MetricInputs,
    private readonly waiter: Waiter,
  ) {
    this.data = new MetricData(inputs);
  }

  /** What a release has answered since then. */
  counts(of: Version, since: Since): Promise<Evidence> {
    return this.waiter.call(() => this.lookCounts(of, since));
  }

  /** A single look without retries, for callers that look again themselves. */
  async lookCounts(of: Version, { begin, allTraffic }: Since): Promise<Evidence> {
    const parts = (what: "requests" | "faults") =>
      this.parts(what, of).map(({ metric, when }, i) => ({ when, query: inMinutes(`${what}${i || ""}`, metric) }));
    const all = { requests: parts("requests"), faults: parts("faults") };
    const queries = [...all.requests, ...all.faults].map(({ query }) => query);
    const series = await this.data.read(queries, begin);
    const belongs = (at: number, when: Part["when"]) => {
      const phase = allTraffic !== undefined && at >= allTraffic.getTime() ? "all traffic" : "shifting";
      return when === "always" || when === phase;
    };
    const total = (of: ReturnType<typeof parts>) =>
      sum(
        of.flatMap(({ when, query: { Id = "" } }) =>
          [...series(Id)].flatMap(([at, value]) => (belongs(at, when) ? [value] : [])),
        ),
      );
    return { requests: total(all.requests), faults: total(all.faults) };
  }

  /**
   * One look at the function's own errors in callers' requests while the release has all traffic: a line if there were more in a minute than
   * are allowed, else `undefined`. Lambda does not tell which version of an alias failed if the alias has only one, so no alarm of this release
   * counts these errors.
   */
  async lookFunctionErrors(allTraffic: Date): Promise<string | undefined> {
    const { functionErrorsPerMinute: allowed, functionName, aliasName } = this.inputs;
    if (allowed === undefined) {
      return undefined;
    }
    const series = await this.data.read([inMinutes("errors", this.ofAlias("Errors"))], allTraffic);
    // A minute that began before may have errors of the old release.
    const after = [...series("errors")].filter(([at]) => at >= allTraffic.getTime());
    const worst = Math.max(0, ...after.map(([, errors]) => errors));
    return worst > allowed
      ? `function ${functionName}:${aliasName} failed in ${worst} requests of callers in a minute, and ${allowed} are allowed`
      : undefined;
  }

  /**
   * One look: a line if green was slower than `latencyTimesBlue` allows while blue served too, else `undefined`. Green was slower if, in 5
   * minutes in which both answered at least 50 requests, its p99 was above 500 ms and above so many times blue's.
   */
  async lookSlowerThanBlue(green: Version, blue: Version, since: Date): Promise<string | undefined> {
    const { latencyTimesBlue: factor } = this.inputs;
    if (factor === undefined) {
      return undefined;
    }
    const latency = (id: string, of: Version, stat: string) =>
      query(id, this.latency(of), stat, LATENCY_PERIOD_SECONDS);
    const series = await this.data.read(
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
          `release ${green.release} answered with a p99 of ${Math.round(greenMs)} ms (${greenCount} requests), more than ${factor} times ` +
          `the ${Math.round(blueMs)} ms of release ${blue.release} at the same time (${blueCount} requests)`
        );
      }
    }
    return undefined;
  }

  /** One look: a line if green refuses more of the callers' rows than `refusalsPercentAboveBlue` allows, else `undefined`. */
  async lookRefusesMoreThanBlue(green: Version, blue: Version, since: Date): Promise<string | undefined> {
    const { refusalsPercentAboveBlue: percent } = this.inputs;
    if (percent === undefined) {
      return undefined;
    }
    const queries = (id: "green" | "blue", { release }: Version) => {
      const refusals = this.ofRelease(METRICS.modelRefusals, release);
      return [query(`${id}Asked`, refusals, "SampleCount", MINUTE_SECONDS), inMinutes(`${id}Refused`, refusals)];
    };
    const series = await this.data.read([...queries("green", green), ...queries("blue", blue)], since);
    const tally = (id: "green" | "blue", at: number): Tally | undefined => {
      const asked = series(`${id}Asked`).get(at);
      return asked === undefined ? undefined : { asked, refused: series(`${id}Refused`).get(at) ?? 0 };
    };
    const times = [...new Set([...series("greenAsked").keys(), ...series("blueAsked").keys()])].sort((a, b) => a - b);
    const more = refusesMore(
      times.map((at) => ({ green: tally("green", at), blue: tally("blue", at) })),
      percent,
    );
    return (
      more &&
      `release ${green.release} refused ${more.green.refused} of ${more.green.asked} requests of callers, release ${blue.release} ` +
        `${more.blue.refused} of ${more.blue.asked} at the same time`
    );
  }

  /** Blue gets no probes, so only a function's requests through the alias can be compared. */
  private latency({ release, version }: Version): Metric {
    const { kind } = this.inputs;
    const name = NAMES[kind].latency;
    return kind === "api" ? this.ofRelease(name, release) : this.ofAlias(name, { ExecutedVersion: version });
  }

  /**
   * What a release's count is added up from. Lambda counts direct calls of a version, such as probes, separately. Of an alias it tells which
   * version answered only while there are two; once there is one, all its requests are that one's.
   * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
   */
  private parts(what: "requests" | "faults", { release, version }: Version): readonly Part[] {
    const { kind, functionName } = this.inputs;
    const name = NAMES[kind][what];
    return kind === "api"
      ? [{ metric: this.ofRelease(name, release), when: "always" }]
      : [
          { metric: this.ofAlias(name, { ExecutedVersion: version }), when: "shifting" },
          { metric: this.ofLambda(name, { Resource: `${functionName}:${version}` }), when: "always" },
          { metric: this.ofAlias(name, {}), when: "all traffic" },
        ];
  }

  private ofRelease(name: string, release: string): Metric {
    return { namespace: METRICS.namespace, name, dimensions: releaseDimensions(this.inputs.functionName, release) };
  }

  private ofAlias(name: string, version: { readonly ExecutedVersion?: string } = {}): Metric {
    const { functionName, aliasName } = this.inputs;
    return this.ofLambda(name, { Resource: `${functionName}:${aliasName}`, ...version });
  }

  private ofLambda(name: string, dimensions: Readonly<Record<string, string>>): Metric {
    return { namespace: "AWS/Lambda", name, dimensions: { FunctionName: this.inputs.functionName, ...dimensions } };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
