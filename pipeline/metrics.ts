import { DescribeTrainingJobCommand, type SageMakerClient } from "@aws-sdk/client-sagemaker";
import { isNoSuchJob, newestAttempt } from "../lib/attempts";

/** A training job's metrics, such as `{ "validation:rmse": 2.7 }`. */
export type Metrics = Readonly<Record<string, number>>;

/** The release that serves. */
export interface LiveRelease {
  readonly release: string;
  readonly metrics: Metrics;
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
 * A release's metrics next to those of the live one, validation metrics first: `validation:rmse 2.71 (live 2.74, 1.1 % lower) | train:rmse
 * 2.5 (live 2.5, the same)`.
 *
 * @param live `undefined` if no release is live
 * @param limit most characters; what does not fit is counted
 */
export function metricsText(own: Metrics, live: LiveRelease | undefined, limit = 300): string {
  const names = [...new Set([...Object.keys(own), ...Object.keys(live?.metrics ?? {})])];
  const [validation, others] = [names.filter(isValidation), names.filter((name) => !isValidation(name))];
  const parts = [...validation, ...others].map((name) => compared(name, own[name], live));
  const end = live === undefined ? "no release is live yet" : `live is ${live.release}`;
  return fitted(Object.keys(own).length > 0 ? parts : ["training reported no metrics", ...parts], end, limit);
}

const isValidation = (name: string) => name.startsWith("validation");

function compared(name: string, own: number | undefined, live: LiveRelease | undefined): string {
  const before = live?.metrics[name];
  if (own === undefined) {
    return `${name} not reported (live ${inShort(before)})`;
  }
  if (live === undefined) {
    return `${name} ${inShort(own)}`;
  }
  return `${name} ${inShort(own)} (${before === undefined ? "live has none" : `live ${inShort(before)}${differing(own, before)}`})`;
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
