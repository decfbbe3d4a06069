import {
  isFailure,
  measureKey,
  type BadWindow,
  type PipelineSummary,
  type ReleaseSummary,
  type Summary,
} from "./summary";
import type { Answer } from "../../cli/traffic/caller";

/** What the main job promises. */
export interface Promises {
  /** Share of the requests that a new release gets at first, 0 to 1. */
  readonly canaryShare: number;
  /** Whether a canary watches the API. */
  readonly watched: boolean;
  /** Bounds of a metric of each release's training job, such as `validation:rmse`; absent if data or rows are the user's own. */
  readonly expected?: { readonly metric: string; readonly minimum?: number; readonly maximum?: number };
  /** The column whose traffic shifts, and the target, whose predictions may follow; absent if nothing shifts. */
  readonly shifted?: { readonly column: string; readonly target: string };
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
    ...(summary.pipeline ?? []).flatMap(checksOf),
    ...(promises.watched ? canaryChecks(summary.canary) : []),
    ...driftChecks(summary, promises.shifted),
    ...summary.releases.flatMap((release) => boundsCheck(release, promises.expected)),
  ];
  return checks.filter(([kept]) => !kept).map(([, broken]) => broken);
}

/** Drift is found where the traffic has shifted and nowhere else, and a pipeline trains anew for it. */
function driftChecks({ drift = {}, retrain, pipeline }: Summary, shifted: Promises["shifted"]): Check[] {
  if (shifted === undefined) {
    return [];
  }
  const { column, target } = shifted;
  const others = Object.keys(drift).filter(
    (name) => drift[name]?.violated === true && name !== target && name !== column,
  );
  return [
    [drift[column]?.violated === true, `no drift was found in ${column}, which has shifted`],
    [others.length === 0, `drift was found in ${others.join(", ")}, where nothing has shifted`],
    [
      pipeline === undefined || retrain?.decision === "retrain",
      `the retrain governor has decided ${retrain?.decision ?? "nothing"}, not retrain`,
    ],
  ];
}

/** One release of three is bad, and only for a part of the callers and for a while. */
const LEAST_SUCCESS_PERCENT = 50;

function canaryChecks(canary: Summary["canary"]): Check[] {
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
