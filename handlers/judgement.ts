import { METRICS } from "../lib/contract";
import type { Metric } from "./emf";
import type { Sanity } from "./exchange";

/** How a request went. */
export interface Outcome {
  /** What was made of the request; `unread` if it could not be read. */
  readonly kind: "unread" | "refused" | "fault" | "answered";
  /** Number of rows, if they could be read. */
  readonly rows?: number;
  /** Whether a value of the rows is one that the training data did not have. */
  readonly isUnusual?: boolean;
  readonly modelLatencyMs?: number;
  /** @default - nothing is known of which answers are sane */
  readonly sanity?: Sanity;
}

/** The latency of a request with more rows is not judged: they take a model longer than is usual. */
const MOST_JUDGED_ROWS = 100;

/** A metric of each request, by its name. */
type Values = Readonly<Record<string, Metric>>;

/** The metrics of every request. */
export function allMetrics(outcome: Outcome): Values {
  return {
    ...counts({
      [METRICS.requests]: 1,
      [METRICS.modelFaults]: Number(outcome.kind === "fault"),
      [METRICS.modelRefusals]: Number(outcome.kind === "refused"),
      [METRICS.unusualRequests]: Number(outcome.isUnusual === true),
    }),
    ...latency(outcome),
    ...counts(predicted(outcome)),
  };
}

/**
 * The metrics by which a release is judged. A caller must not be able to spoil them: they have no request that could not be read, no latency of
 * a request that was not answered or that was large, and nothing of a request with unusual values. Metrics of which a share is taken are
 * always written together, so that none of them is missing in a minute.
 */
export function judgedMetrics(outcome: Outcome, isProbe: boolean): Values {
  const { kind, rows = 0, isUnusual = false } = outcome;
  if (kind === "unread" || kind === "refused" || isUnusual) {
    return {};
  }
  const ofCaller = Number(!isProbe);
  const faults = Number(kind === "fault");
  const { looked = 0, wrong = 0 } = outcome.sanity ?? {};
  return {
    ...counts({
      [METRICS.requests]: 1,
      [METRICS.modelFaults]: faults,
      [METRICS.callerRequests]: ofCaller,
      [METRICS.callerFaults]: ofCaller * faults,
    }),
    ...(rows <= MOST_JUDGED_ROWS ? latency(outcome) : {}),
    ...(looked === 0
      ? {}
      : counts({
          [METRICS.predictedRows]: looked,
          [METRICS.predictionsOutOfRange]: wrong,
          [METRICS.callerRows]: ofCaller * looked,
          [METRICS.callerRowsOutOfRange]: ofCaller * wrong,
        })),
  };
}

/**
 * The metric by which two releases are compared: 1 or 0 for rows of a caller that were refused or answered. It has all requests of a caller,
 * however many: a limit would leave out another share of them for each release.
 */
export function comparedMetrics({ kind, isUnusual = false }: Outcome, isProbe: boolean): Values {
  const isCompared = !isProbe && !isUnusual && (kind === "refused" || kind === "answered");
  return isCompared ? counts({ [METRICS.modelRefusals]: Number(kind === "refused") }) : {};
}

function latency({ kind, modelLatencyMs }: Outcome): Values {
  return kind === "answered" && modelLatencyMs !== undefined
    ? { [METRICS.modelLatency]: { value: modelLatencyMs, unit: "Milliseconds" } }
    : {};
}

/** How many predictions were looked at, and how many are not plausible. */
function predicted({ sanity }: Outcome): Readonly<Record<string, number>> {
  return sanity === undefined
    ? {}
    : { [METRICS.predictedRows]: sanity.looked, [METRICS.predictionsOutOfRange]: sanity.wrong };
}

function counts(values: Readonly<Record<string, number>>): Values {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, unit: "Count" }]));
}
