import { AwsError, notImplemented } from "../../core/aws-error";
import type { Distribution } from "./distribution";

/** How one number is made of the values of a period. `undefined` if the values do not tell it. */
export type StatisticFunction = (values: Distribution) => number | undefined;

const SIMPLE: Readonly<Record<string, StatisticFunction>> = {
  SampleCount: (values) => values.sampleCount,
  Sum: (values) => values.sum,
  Average: (values) => values.sum / values.sampleCount,
  Minimum: (values) => values.minimum,
  Maximum: (values) => values.maximum,
};

/** Percentiles as CloudWatch writes them: `p50`, `p99`, `p99.9`. */
const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;
/** The other extended statistics: trimmed mean and the like, percentile rank, interquartile mean. */
const OTHER_EXTENDED = /^(?:(?:tm|wm|tc|ts)\d|(?:TM|WM|TC|TS|PR)\(|IQM$)/;

/**
 * The function for a statistic by CloudWatch's name, such as `Sum` or `p99`.
 *
 * @throws AwsError `InvalidParameterValueException` for a name that CloudWatch does not know, `NotImplemented` for trimmed means
 * and the like
 */
export function statisticFunction(name: string): StatisticFunction {
  const simple = Object.hasOwn(SIMPLE, name) ? SIMPLE[name] : undefined;
  if (simple !== undefined) {
    return simple;
  }
  const percent = percentileOf(name);
  if (percent !== undefined) {
    return (values) => values.percentile(percent);
  }
  if (OTHER_EXTENDED.test(name)) {
    throw notImplemented("CloudWatch", `statistic ${name}`);
  }
  throw new AwsError(
    "InvalidParameterValueException",
    `The value ${name} for parameter Stat is not supported: use SampleCount, Sum, Average, Minimum, Maximum or a percentile such as p99.`,
  );
}

/** 99.9 for `p99.9`, `undefined` for what is no percentile. */
export function percentileOf(name: string): number | undefined {
  const match = PERCENTILE.exec(name);
  return match === null ? undefined : Number(match[1]);
}
