import type { ComparisonOperator, StateValue } from "@aws-sdk/client-cloudwatch";
import type { Datapoint } from "./query";

/** What an alarm does with periods that have no value. */
export type TreatMissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** The part of an alarm's definition that decides on its state. */
export interface AlarmRule {
  readonly threshold: number;
  readonly comparisonOperator: ThresholdOperator;
  /** N: how many periods are looked at. */
  readonly evaluationPeriods: number;
  /** M: how many of them must breach. */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
  /** A percentile made of fewer values than this does not change the state (`EvaluateLowSampleCountPercentile: ignore`). @default 0 */
  readonly minimumSamples?: number;
}

/** The comparisons with a fixed threshold; the others compare with a band of an anomaly detector. */
export type ThresholdOperator = Extract<ComparisonOperator, `${string}Than${"" | "OrEqualTo"}Threshold`>;

/** What an evaluation found. */
export interface Verdict {
  readonly state: StateValue;
  /** The data points that decided, newest first. */
  readonly evaluated: readonly Datapoint[];
  /** How many further ones were missing. */
  readonly missing: number;
}

const BREACHES: Readonly<Record<ThresholdOperator, (value: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** Whether a data point violates the threshold. */
export function breaches(rule: AlarmRule, { value }: Datapoint): boolean {
  return BREACHES[rule.comparisonOperator](value, rule.threshold);
}

/**
 * How many periods are fetched: more than are needed, in case some have no value. AWS documents 5 for 3 periods and calls the number
 * dependent on period and resolution.
 */
export function evaluationRange(evaluationPeriods: number): number {
  return evaluationPeriods + 2;
}

/**
 * Decides on an alarm's state as CloudWatch documents it: real data points count before missing ones, and a missing one is filled
 * in only where fewer than N are real.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 *
 * @param range the periods of the evaluation range, oldest first; `undefined` if a period has no value
 */
export function evaluate(rule: AlarmRule, range: readonly (Datapoint | undefined)[], current: StateValue): Verdict {
  const newestFirst = range.toReversed();
  const real = newestFirst.filter((point) => point !== undefined).slice(0, rule.evaluationPeriods);
  const missing = rule.evaluationPeriods - real.length;
  const verdict = (state: StateValue): Verdict => ({ state, evaluated: real, missing });
  if (real.some(({ sampleCount }) => sampleCount < (rule.minimumSamples ?? 0))) {
    return verdict(current);
  }
  const breaching = real.filter((point) => breaches(rule, point)).length;
  if (breaching >= rule.datapointsToAlarm) {
    return verdict("ALARM");
  }
  switch (rule.treatMissingData) {
    case "breaching":
      return verdict(breaching + missing >= rule.datapointsToAlarm ? "ALARM" : "OK");
    case "notBreaching":
      return verdict("OK");
    case "ignore":
      return verdict(missing > 0 && breaching === real.length ? current : "OK");
    case "missing":
      return verdict(withMissing(real, missing, breaching, newestFirst, rule, current));
  }
}

function withMissing(
  real: readonly Datapoint[],
  missing: number,
  breaching: number,
  newestFirst: readonly (Datapoint | undefined)[],
  rule: AlarmRule,
  current: StateValue,
): StateValue {
  if (real.length === 0) {
    return "INSUFFICIENT_DATA";
  }
  if (missing === 0 || breaching < real.length) {
    return "OK";
  }
  // All there is breaches, but there is too little of it. Once the oldest of it is M periods old, no later value can show that
  // it was a false alarm ("premature alarm state"). Until then nothing is concluded: an alarm that rings goes on ringing.
  const age = newestFirst.findLastIndex((point) => point !== undefined) + 1;
  return age >= rule.datapointsToAlarm || current === "ALARM" ? "ALARM" : "OK";
}
