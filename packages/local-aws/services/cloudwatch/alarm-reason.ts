import type { StateValue } from "@aws-sdk/client-cloudwatch";
import { breaches, type AlarmRule, type ThresholdOperator, type Verdict } from "./alarm-evaluation";
import type { Datapoint } from "./query";

const OPERATOR: Readonly<Record<ThresholdOperator, string>> = {
  GreaterThanThreshold: "greater than",
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};
/** Only these two stand in for a missing value; the others leave it out. */
const TREATED_AS = {
  breaching: "Breaching",
  notBreaching: "NonBreaching",
  missing: undefined,
  ignore: undefined,
} as const;

/** The sentence that CloudWatch gives as an alarm's `StateReason`. */
export function stateReason(rule: AlarmRule, verdict: Verdict, previous: StateValue): string {
  const { state, evaluated, missing } = verdict;
  if (state === "INSUFFICIENT_DATA") {
    return `Insufficient Data: ${missing} ${plural("datapoint", missing)} ${was(missing)} unknown.`;
  }
  const treatedAs = TREATED_AS[rule.treatMissingData];
  const treated =
    treatedAs === undefined
      ? ""
      : ` and ${missing} missing ${plural("datapoint", missing)} ${was(missing)} treated as [${treatedAs}]`;
  if (evaluated.length === 0) {
    const periods = `${rule.evaluationPeriods} ${plural("period", rule.evaluationPeriods)}`;
    return `Threshold Crossed: no datapoints were received for ${periods}${treated}.`;
  }
  const alarm = state === "ALARM";
  const telling = missing > 0 ? evaluated : evaluated.filter((point) => breaches(rule, point) === alarm);
  const points = `[${telling.map(pointText).join(", ")}]`;
  const outcome = `${was(telling.length)} ${alarm ? "" : "not "}${OPERATOR[rule.comparisonOperator]} the threshold (${decimal(rule.threshold)})`;
  if (missing > 0) {
    return `Threshold Crossed: ${telling.length} ${plural("datapoint", telling.length)} ${points} ${outcome}${treated}.`;
  }
  const needed = alarm ? rule.datapointsToAlarm : rule.evaluationPeriods - rule.datapointsToAlarm + 1;
  const transition = alarm
    ? `${previous === "ALARM" ? "OK" : previous} -> ALARM`
    : `${previous === "OK" ? "ALARM" : previous} -> OK`;
  const counted = `${telling.length} out of the last ${evaluated.length} datapoints ${points}`;
  return `Threshold Crossed: ${counted} ${outcome} (minimum ${needed} ${plural("datapoint", needed)} for ${transition} transition).`;
}

/** What CloudWatch gives as `StateReasonData`: the same for programs. */
export function stateReasonData(
  rule: AlarmRule,
  verdict: Verdict,
  metric: { readonly statistic?: string; readonly periodSeconds: number; readonly unit?: string },
  queryDate: Date,
): string {
  const oldestFirst = verdict.evaluated.toReversed();
  const [oldest] = oldestFirst;
  return JSON.stringify({
    version: "1.0",
    queryDate: isoText(queryDate),
    startDate: oldest === undefined ? undefined : isoText(new Date(oldest.at)),
    unit: metric.unit,
    statistic: metric.statistic,
    period: metric.periodSeconds,
    recentDatapoints: oldestFirst.map(({ value }) => value),
    threshold: rule.threshold,
    evaluatedDatapoints: verdict.evaluated.map(({ at, sampleCount, value }) => ({
      timestamp: isoText(new Date(at)),
      sampleCount,
      value,
    })),
  });
}

/** CloudWatch's form of a time stamp inside JSON texts, such as `2026-08-16T23:15:15.000+0000`. */
export function isoText(date: Date): string {
  return date.toISOString().replace("Z", "+0000");
}

/** `2.0 (19/06/24 12:00:00)`: day, month, year. */
function pointText({ value, at }: Datapoint): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  return `${decimal(value)} (${day}/${month}/${year.slice(2)} ${time.slice(0, 8)})`;
}

const decimal = (value: number) => (Number.isInteger(value) ? value.toFixed(1) : String(value));
const plural = (noun: string, count: number) => (count === 1 ? noun : `${noun}s`);
const was = (count: number) => (count === 1 ? "was" : "were");
