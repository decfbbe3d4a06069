import { METRICS } from "../lib/contract";
import type { Metric } from "./emf";
import { countOutside, type Range } from "./rows";

/** How a request went. */
export interface Outcome {
  /** What was made of the rows; `unread` if the request had none that could be read. */
  readonly kind: "unread" | "refused" | "fault" | "predictions";
  /** Number of rows, if they could be read. */
  readonly rows?: number;
  /** Whether a value of the rows lies outside of the training data's range. */
  readonly isUnusual?: boolean;
  readonly modelLatencyMs?: number;
  readonly predictions?: readonly string[];
}

/** So many rows of one request are judged, so that a large one does not outweigh all others. More take a model longer than is usual. */
const MOST_JUDGED_ROWS = 100;

/** A metric of each request, by its name. */
type Values = Readonly<Record<string, Metric>>;

/** The metrics of every request. */
export function allMetrics(outcome: Outcome, range: Range | undefined): Values {
  return {
    ...counts({
      [METRICS.requests]: 1,
      [METRICS.modelFaults]: Number(outcome.kind === "fault"),
      [METRICS.modelRefusals]: Number(outcome.kind === "refused"),
      [METRICS.unusualRequests]: Number(outcome.isUnusual === true),
    }),
    ...latency(outcome),
    ...counts(predicted(outcome, range)),
  };
}

/**
 * The metrics by which a release is judged. A caller must not be able to spoil them: they have no request that could not be read, no latency of
 * a request that was not answered or that was large, and nothing of a request with unusual values. Metrics of which a share is taken are
 * always written together, so that none of them is missing in a minute.
 */
export function judgedMetrics(outcome: Outcome, range: Range | undefined, isProbe: boolean): Values {
  const { kind, rows = 0, isUnusual = false } = outcome;
  if (kind === "unread" || kind === "refused" || isUnusual) {
    return {};
  }
  const ofCaller = Number(!isProbe);
  const faults = Number(kind === "fault");
  const { [METRICS.predictedRows]: predictedRows = 0, [METRICS.predictionsOutOfRange]: outside = 0 } = predicted(
    outcome,
    range,
  );
  return {
    ...counts({
      [METRICS.requests]: 1,
      [METRICS.modelFaults]: faults,
      [METRICS.callerRequests]: ofCaller,
      [METRICS.callerFaults]: ofCaller * faults,
    }),
    ...(rows <= MOST_JUDGED_ROWS ? latency(outcome) : {}),
    ...(predictedRows === 0
      ? {}
      : counts({
          [METRICS.predictedRows]: predictedRows,
          [METRICS.predictionsOutOfRange]: outside,
          [METRICS.callerRows]: ofCaller * predictedRows,
          [METRICS.callerRowsOutOfRange]: ofCaller * outside,
        })),
  };
}

/**
 * The metric by which two releases are compared: 1 or 0 for rows of a caller that were refused or answered. It has all requests of a caller,
 * however many: a limit would leave out another share of them for each release.
 */
export function comparedMetrics({ kind, isUnusual = false }: Outcome, isProbe: boolean): Values {
  const isCompared = !isProbe && !isUnusual && (kind === "refused" || kind === "predictions");
  return isCompared ? counts({ [METRICS.modelRefusals]: Number(kind === "refused") }) : {};
}

function latency({ kind, modelLatencyMs }: Outcome): Values {
  return kind === "predictions" && modelLatencyMs !== undefined
    ? { [METRICS.modelLatency]: { value: modelLatencyMs, unit: "Milliseconds" } }
    : {};
}

/** How many predictions were looked at, and how many are not plausible. */
function predicted({ predictions }: Outcome, range: Range | undefined): Readonly<Record<string, number>> {
  const judged = predictions?.slice(0, MOST_JUDGED_ROWS);
  return judged === undefined || range === undefined
    ? {}
    : { [METRICS.predictedRows]: judged.length, [METRICS.predictionsOutOfRange]: countOutside(judged, range) };
}

function counts(values: Readonly<Record<string, number>>): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, unit: "Count" }]));
}
