import type { StepSeconds } from "./steps";
import type { Answer } from "./traffic";

/** The result of one release. */
export interface ReleaseSummary {
  readonly id: string;
  readonly outcome: "live" | "replaced" | "rolled-back";
  /** Why it was rolled back; `null` for the others. */
  readonly reason: string | null;
  /** Root mean square errors in dollars: of the training job, and of the dev endpoint's answers to the test split. */
  readonly trainRmse: number;
  readonly validationRmse: number;
  readonly devTestRmse: number;
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

/** What the main job promises. */
export interface Promises {
  /** Share of the requests that a new release gets at first, 0 to 1. */
  readonly canaryShare: number;
  /** Bounds of the default model's validation RMSE in dollars; absent if data or rows are the user's own. */
  readonly validationRmse?: { readonly minimum: number; readonly maximum: number };
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
  const { validationRmse: bounds } = promises;
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
    ...(bounds === undefined
      ? []
      : summary.releases.map(
          ({ id, validationRmse }) =>
            [
              validationRmse >= bounds.minimum && validationRmse <= bounds.maximum,
              `release ${id} has a validation RMSE of ${validationRmse}, not between ${bounds.minimum} and ${bounds.maximum}`,
            ] as const,
        )),
  ];
  return checks.filter(([kept]) => !kept).map(([, broken]) => broken);
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
