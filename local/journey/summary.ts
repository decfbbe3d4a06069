import type { StepSeconds } from "./steps";
import type { Answer } from "./traffic";

/**
 * How good a release is: the metrics of its training job, such as `trainRmse` and `validationRmse`, and that of its dev endpoint's answers to
 * the test split, such as `devTestRmse`.
 */
export type Measures = Readonly<Record<MeasureKey, number>>;
type MeasureKey = `${Measured}${string}`;
type Measured = "train" | "validation" | "devTest";

/** The key of a metric such as `validation:rmse`, which is `validationRmse`; `undefined` for one of nothing that the summary knows. */
function measureKey(metric: string): MeasureKey | undefined {
  const { of, what = "" } = /^(?<of>\w+):(?<what>\w+)$/.exec(metric)?.groups ?? {};
  return of === "train" || of === "validation" || of === "devTest"
    ? `${of}${what.slice(0, 1).toUpperCase()}${what.slice(1)}`
    : undefined;
}

/** Metrics by their names, as the summary has them. */
export function measuresOf(metrics: Readonly<Record<string, number>>): Measures {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([metric, value]) => {
      const key = measureKey(metric);
      return key === undefined ? [] : [[key, value] as const];
    }),
  );
}

/** The result of one release. */
export interface ReleaseSummary extends Measures {
  readonly id: string;
  readonly outcome: "live" | "replaced" | "rolled-back";
  /** Why it was rolled back; `null` for the others. */
  readonly reason: string | null;
  /** Name of its production endpoint. */
  readonly endpoint: string;
  /** From the start of its training to the end of its rollout. */
  readonly seconds: number;
}

/** The client's requests, counted. */
export interface TrafficSummary {
  readonly sent: number;
  readonly failed: number;
  readonly byEndpoint: Readonly<Record<string, { readonly ok: number; readonly failed: number }>>;
  readonly failedBeforeBadRelease: number;
  readonly failedAfterRollback: number;
}

/** The runs of the API's canary. */
export interface CanarySummary {
  readonly runs: number;
  /** Runs that found all well. During the bad release a few may not. */
  readonly successPercent: number;
}

/** One execution of the pipeline. */
export interface PipelineSummary {
  /** Its id, which is the release's too. */
  readonly execution: string;
  /** The stages that it has reached, with CodePipeline's words for their results. */
  readonly stages: readonly StageSummary[];
}

export interface StageSummary {
  readonly name: string;
  readonly status: string;
  readonly seconds: number;
}

/** The result of the main job, as written to `.local/summary.json`. */
export interface Summary {
  readonly releases: readonly ReleaseSummary[];
  readonly live: { readonly release: string; readonly endpoint: string };
  readonly traffic: TrafficSummary;
  /** Names of all endpoints that exist at the end. */
  readonly endpoints: readonly string[];
  /** The releases' executions, if they went through the pipeline. */
  readonly pipeline?: readonly PipelineSummary[];
  /** Absent if there is no canary, or it has not run. */
  readonly canary?: CanarySummary;
  readonly seconds: StepSeconds;
}

/** When the bad release's update began and ended, in milliseconds since 1970. */
export interface BadWindow {
  readonly from: number;
  readonly to: number;
}

export function summarizeTraffic(answers: readonly Answer[], bad: BadWindow): TrafficSummary {
  const failures = answers.filter(isFailure);
  const byEndpoint: Record<string, { ok: number; failed: number }> = {};
  for (const answer of answers) {
    const counts = (byEndpoint[answer.endpoint === "" ? "(none)" : answer.endpoint] ??= { ok: 0, failed: 0 });
    counts[isFailure(answer) ? "failed" : "ok"] += 1;
  }
  return {
    sent: answers.length,
    failed: failures.length,
    byEndpoint,
    failedBeforeBadRelease: failures.filter(({ sentAt }) => sentAt < bad.from).length,
    failedAfterRollback: failures.filter(({ sentAt }) => sentAt > bad.to).length,
  };
}

function isFailure({ status }: Answer): boolean {
  return status !== 200;
}

/** Such as `validation rmse 2.758`. */
export function measuresInWords(release: ReleaseSummary): string[] {
  return Object.entries(release)
    .filter(([key]) => /^(train|validation|devTest)/.test(key))
    .map(
      ([key, value]) => `${key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)} ${inShort(Number(value))}`,
    );
}

/** Four significant digits. */
export const inShort = (value: number) => String(Number(value.toPrecision(4)));

/** What the main job promises. */
export interface Promises {
  /** Share of the requests that a new release gets at first, 0 to 1. */
  readonly canaryShare: number;
  /** Whether a canary watches the API. */
  readonly watched: boolean;
  /** Bounds of a metric of each release's training job, such as `validation:rmse`; absent if data or rows are the user's own. */
  readonly expected?: { readonly metric: string; readonly minimum?: number; readonly maximum?: number };
}

/** Whether a promise was kept, and the message if it was not. */
type Check = readonly [boolean, string];

/** Every broken promise, in words; empty if all were kept. */
export function brokenPromises(
  summary: Summary,
  answers: readonly Answer[],
  bad: BadWindow,
  promises: Promises,
): string[] {
  const [first, second, third] = summary.releases;
  const inWindow = answers.filter(({ sentAt }) => sentAt >= bad.from && sentAt <= bad.to);
  const lost = inWindow.filter(isFailure).length;
  const allowed = Math.ceil(inWindow.length * promises.canaryShare);
  const checks: readonly Check[] = [
    [first?.outcome === "replaced", `release 1 is ${first?.outcome ?? "missing"}, not replaced`],
    [second?.outcome === "live", `release 2 is ${second?.outcome ?? "missing"}, not live`],
    [third?.outcome === "rolled-back", `release 3 is ${third?.outcome ?? "missing"}, not rolled-back`],
    [(third?.reason ?? "") !== "", "release 3 was rolled back without a reason"],
    [summary.live.release === second?.id, `live is ${summary.live.release}, not release 2`],
    [
      summary.traffic.failedBeforeBadRelease === 0,
      `${summary.traffic.failedBeforeBadRelease} requests failed before the bad release`,
    ],
    [
      summary.traffic.failedAfterRollback === 0,
      `${summary.traffic.failedAfterRollback} requests failed after the rollback`,
    ],
    [lost > 0, "no request failed during the bad release: it got no traffic, and nothing was proved"],
    [
      lost <= allowed,
      `${lost} of ${inWindow.length} requests failed during the bad release, more than the canary's ${allowed}`,
    ],
    [
      !summary.endpoints.includes(first?.endpoint ?? ""),
      `release 1's endpoint ${first?.endpoint ?? ""} is still there`,
    ],
    [
      !summary.endpoints.includes(third?.endpoint ?? ""),
      `release 3's endpoint ${third?.endpoint ?? ""} is still there`,
    ],
    [summary.endpoints.includes(second?.endpoint ?? ""), `release 2's endpoint ${second?.endpoint ?? ""} is gone`],
    ...(promises.watched ? canaryChecks(summary.canary) : []),
    ...(summary.pipeline ?? []).flatMap(checksOf),
    ...summary.releases.flatMap((release) => boundsCheck(release, promises.expected)),
  ];
  return checks.filter(([kept]) => !kept).map(([, broken]) => broken);
}

/** One release of three is bad, and only for a part of the callers and for a while. */
const LEAST_SUCCESS_PERCENT = 50;

function canaryChecks(canary: CanarySummary | undefined): Check[] {
  const { runs = 0, successPercent = 0 } = canary ?? {};
  return [
    [runs > 0, "the canary has not run"],
    [
      runs === 0 || successPercent > LEAST_SUCCESS_PERCENT,
      `the canary found all well in ${successPercent} % of its ${runs} runs`,
    ],
  ];
}

function boundsCheck(release: ReleaseSummary, expected: Promises["expected"]): Check[] {
  if (expected === undefined) {
    return [];
  }
  const { metric, minimum = -Infinity, maximum = Infinity } = expected;
  const key = measureKey(metric);
  const value = key === undefined ? NaN : release[key];
  return [
    [
      value !== undefined && value >= minimum && value <= maximum,
      `release ${release.id} has a ${metric} of ${value ?? "nothing"}, which is not ${limitsInWords(expected)}`,
    ],
  ];
}

function limitsInWords({ minimum, maximum }: { readonly minimum?: number; readonly maximum?: number }): string {
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ].join(" and ");
}

function checksOf({ execution, stages }: PipelineSummary): Check[] {
  return [
    [stages.length > 0, `execution ${execution} has reached no stage`],
    ...stages.flatMap(({ name, status, seconds }): Check[] => [
      [status !== "", `stage ${name} of execution ${execution} has no status`],
      [Number.isFinite(seconds) && seconds >= 0, `stage ${name} of execution ${execution} took ${seconds} s`],
    ]),
  ];
}
