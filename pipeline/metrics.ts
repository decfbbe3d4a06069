import { DescribeTrainingJobCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { OutputMap } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { isNoSuchJob, newestAttempt } from "../lib/attempts";

/** A training job's metrics, such as `{ "validation:rmse": 2.7 }`. */
export type Metrics = Readonly<Record<string, number>>;

/** The release that serves. */
export interface LiveRelease {
  readonly release: string;
  readonly metrics: Metrics;
}

/** The metric by which releases are let pass or not: at most `maximum`, at least `minimum`, or both. */
const qualityGate = z.object({
  metricName: z.string(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
});
export type Gate = z.infer<typeof qualityGate>;

/** The gate that stack `train` has judged by, of its outputs. */
export function gateIn(outputs: OutputMap): Gate {
  return qualityGate.parse(outputs.qualityGate?.value);
}

/** Separates the parts of a text for a variable of the pipeline. AWS does not document line breaks in variables, so the text is one line. */
const SEPARATOR = " | ";

/** The last values that the newest attempt at a training job reported; none if the job does not exist. */
export async function trainingMetrics(client: SageMakerClient, jobName: string): Promise<Metrics> {
  const newest = await newestAttempt(
    jobName,
    (TrainingJobName) =>
      client.send(new DescribeTrainingJobCommand({ TrainingJobName })).catch((error: unknown) => {
        if (isNoSuchJob(error)) {
          return undefined;
        }
        throw error;
      }),
    ({ TrainingJobStatus }) => TrainingJobStatus === "Failed",
  );
  return Object.fromEntries(
    (newest?.found.FinalMetricDataList ?? []).flatMap(({ MetricName, Value }) =>
      MetricName === undefined || Value === undefined ? [] : [[MetricName, Value]],
    ),
  );
}

/**
 * A release's metrics next to those of the live one: that of the gate first, then other validation metrics. `validation:auc 0.91, at least 0.8
 * (live 0.9, 1.1 % higher: better) | train:auc 0.95 (live 0.95, the same)`.
 *
 * @param live `undefined` if no release is live
 * @param limit most characters; what does not fit is counted
 */
export function metricsText(own: Metrics, live: LiveRelease | undefined, gate: Gate, limit = 300): string {
  const names = [...new Set([...Object.keys(own), ...Object.keys(live?.metrics ?? {})])];
  const ranks = names.map((name) => ({ name, rank: name === gate.metricName ? 0 : isValidation(name) ? 1 : 2 }));
  const ordered = ranks.toSorted((one, other) => one.rank - other.rank).map(({ name }) => name);
  const parts = ordered.map((name) => compared(name, own[name], live, name === gate.metricName ? gate : undefined));
  const end = live === undefined ? "no release is live yet" : `live is ${live.release}`;
  return fitted(Object.keys(own).length > 0 ? parts : ["training reported no metrics", ...parts], end, limit);
}

const isValidation = (name: string) => name.startsWith("validation");

/** @param gate if it judges by this metric */
function compared(
  name: string,
  own: number | undefined,
  live: LiveRelease | undefined,
  gate: Gate | undefined,
): string {
  const before = live?.metrics[name];
  if (own === undefined) {
    return `${name} not reported (live ${inShort(before)})`;
  }
  const told = [`${name} ${inShort(own)}`, ...limits(gate)].join(", ");
  if (live === undefined) {
    return told;
  }
  return before === undefined
    ? `${told} (live has none)`
    : `${told} (live ${inShort(before)}${differing(own, before)}${verdict(own, before, gate)})`;
}

/** Such as `at least 0.8`. */
function limits({ minimum, maximum }: Partial<Gate> = {}): string[] {
  return [
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(maximum === undefined ? [] : [`at most ${maximum}`]),
  ];
}

/** Which way is better follows from the side of the gate that is closed; nothing does where both are. */
function verdict(own: number, live: number, { minimum, maximum }: Partial<Gate> = {}): string {
  if (own === live || (minimum === undefined) === (maximum === undefined)) {
    return "";
  }
  return own > live === (maximum === undefined) ? ": better" : ": worse";
}

/** Such as `, 1.1 % lower`; empty if a percentage of the live value makes no sense. */
function differing(own: number, live: number): string {
  if (own === live) {
    return ", the same";
  }
  const percent = Math.abs((own - live) / live) * 100;
  if (!Number.isFinite(percent)) {
    return "";
  }
  const share = percent < 0.1 ? "less than 0.1" : percent.toFixed(percent < 10 ? 1 : 0);
  return `, ${share} % ${own < live ? "lower" : "higher"}`;
}

/** Four significant digits. */
const inShort = (value: number | undefined) => String(Number(value?.toPrecision(4)));

/** As many parts as fit, and then the end. */
function fitted(parts: readonly string[], end: string, limit: number): string {
  for (let kept = parts.length; kept >= 0; kept--) {
    const left = parts.length - kept;
    const text = [...parts.slice(0, kept), ...(left > 0 ? [`${left} more`] : []), end].join(SEPARATOR);
    if (text.length <= limit) {
      return text;
    }
  }
  return end.slice(0, limit);
}
