import type { CanarySummary } from "../../cli/canary/runs";
import { inShort } from "../../cli/support/numbers";
import type { StageSummary } from "../../cli/pipeline/stages";
import type { StepSeconds } from "./steps";
import type { Answer } from "../../cli/traffic/caller";

/**
 * How good a release is: the metrics of its training job, such as `trainRmse` and `validationRmse`, and that of its dev endpoint's answers to
 * the test split, such as `devTestRmse`.
 */
export type Measures = Readonly<Record<MeasureKey, number>>;
type MeasureKey = `${Measured}${string}`;
type Measured = "train" | "validation" | "devTest";

/** The key of a metric such as `validation:rmse`, which is `validationRmse`; `undefined` for one of nothing that the summary knows. */
export function measureKey(metric: string): MeasureKey | undefined {
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

/** One execution of the pipeline. */
export interface PipelineSummary {
  /** Its id, which is the release's too. */
  readonly execution: string;
  /** The stages that it has reached, with CodePipeline's words for their results. */
  readonly stages: readonly StageSummary[];
}

/** How far the inputs of a window, and the predictions for them, were from the training data, by column. */
export type DriftSummary = Readonly<Record<string, ColumnDrift>>;

interface ColumnDrift {
  /** Model Monitor's robust distance; `null` if the column had no values. */
  readonly distance: number | null;
  /** Population stability index. */
  readonly psi: number | null;
  readonly violated: boolean;
}

/** What the retrain governor made of the drift. */
interface RetrainSummary {
  readonly decision: "retrain" | "none";
  /** Who asked for it, as the approval says it. */
  readonly reason: string;
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
  /** What was found of the traffic that had shifted, if the model's definition says how. */
  readonly drift?: DriftSummary;
  /** What came of that, if there is a pipeline. */
  readonly retrain?: RetrainSummary;
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

export function isFailure({ status }: Answer): boolean {
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

/** Such as `drift in trip_distance 0.612 (PSI 4.03), none in passenger_count`. */
export function driftInWords(drift: DriftSummary): string {
  const of = (isWanted: boolean) => Object.entries(drift).filter(([, { violated }]) => violated === isWanted);
  const number = (value: number | null) => (value === null ? "none" : String(Number(value.toPrecision(3))));
  const drifted = of(true).map(([name, { distance, psi }]) => `${name} ${number(distance)} (PSI ${number(psi)})`);
  const others = of(false).map(([name]) => name);
  return [
    drifted.length === 0 ? "nothing has drifted" : `drift in ${drifted.join(", ")}`,
    ...(others.length === 0 || drifted.length === 0 ? [] : [`none in ${others.join(", ")}`]),
  ].join(", ");
}
