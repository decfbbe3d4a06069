import type { MetricAlarm, PutMetricAlarmInput, StateValue } from "@aws-sdk/client-cloudwatch";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Checked } from "../../core/operation";
import type { AlarmRule, ThresholdOperator, TreatMissingData } from "./alarm-evaluation";
import { dimensionsOf } from "./dimensions";
import { metricId } from "./metric-store";
import { parseQueries, periodOf, type MetricQuery, type Query } from "./query";
import { percentileOf, statisticFunction } from "./statistic";

/** What an alarm watches and when it rings. */
export interface AlarmDefinition {
  readonly input: Checked<PutMetricAlarmInput>;
  readonly rule: AlarmRule;
  readonly periodSeconds: number;
  /** All queries, and the one whose numbers are compared. */
  readonly queries: readonly Query[];
  readonly watched: Query;
  /** The metrics that it looks at. */
  readonly metricIds: ReadonlySet<string>;
  /** The metric and statistic, unless the alarm is on an expression. */
  readonly metric: MetricQuery | undefined;
}

const THRESHOLD_OPERATORS: ReadonlyMap<string, ThresholdOperator> = new Map(
  (
    [
      "GreaterThanThreshold",
      "GreaterThanOrEqualToThreshold",
      "LessThanThreshold",
      "LessThanOrEqualToThreshold",
    ] as const
  ).map((operator) => [operator, operator]),
);
const TREATMENTS: ReadonlyMap<string, TreatMissingData> = new Map(
  (["missing", "ignore", "breaching", "notBreaching"] as const).map((treatment) => [treatment, treatment]),
);
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3600;

/** Arguments of alarms that CloudWatch has and that are not built here. */
const UNKNOWN_ARGUMENTS = [
  "ThresholdMetricId",
  "EvaluationCriteria",
  "EvaluationInterval",
  "EvaluationWindow",
  "WarmUpConfiguration",
  "ActionConfiguration",
] as const;

/** Arguments of an alarm on a single metric; one on `Metrics` has them there. */
const METRIC_ARGUMENTS = [
  "MetricName",
  "Namespace",
  "Dimensions",
  "Period",
  "Statistic",
  "ExtendedStatistic",
  "Unit",
] as const;

/**
 * Reads an alarm's definition.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 *
 * @throws AwsError `ValidationException` and its kin where arguments contradict each other, `NotImplemented` for what is not built here
 */
export function defineAlarm(input: Checked<PutMetricAlarmInput>): AlarmDefinition {
  const unknown = UNKNOWN_ARGUMENTS.find((name) => input[name] !== undefined);
  if (unknown !== undefined) {
    throw notImplemented("CloudWatch", `PutMetricAlarm with ${unknown}`);
  }
  const foreign = input.Metrics && METRIC_ARGUMENTS.find((name) => input[name] !== undefined);
  if (foreign !== undefined) {
    throw new AwsError("ValidationException", `${foreign} cannot be specified together with Metrics.`);
  }
  const metric = input.Metrics === undefined ? metricOf(input) : undefined;
  const queries =
    metric === undefined
      ? parseQueries(input.Metrics ?? [])
      : [{ id: "m1", label: metric.key.name, returnData: true, source: metric }];
  const watched = onlyReturned(queries);
  const periodSeconds = periodOf(watched, new Map(queries.map((query) => [query.id, query])));
  const metricIds = new Set(queries.flatMap(({ source }) => ("key" in source ? [metricId(source.key)] : [])));
  return { input, rule: ruleOf(input, metric, periodSeconds), periodSeconds, queries, watched, metricIds, metric };
}

function onlyReturned(queries: readonly Query[]): Query {
  const [watched, ...others] = queries.filter(({ returnData }) => returnData);
  if (watched === undefined || others.length > 0) {
    throw new AwsError("ValidationException", "Exactly one element of the metrics list should return data.");
  }
  return watched;
}

function metricOf(input: Checked<PutMetricAlarmInput>): MetricQuery {
  const { Namespace: namespace, MetricName: name, Period: periodSeconds, Statistic, ExtendedStatistic } = input;
  if (namespace === undefined || name === undefined || periodSeconds === undefined) {
    throw new AwsError(
      "ValidationException",
      "Namespace, MetricName and Period are required for an alarm on a metric.",
    );
  }
  if ((Statistic === undefined) === (ExtendedStatistic === undefined)) {
    throw new AwsError("ValidationException", "Exactly one of Statistic and ExtendedStatistic must be specified.");
  }
  const statistic = Statistic ?? ExtendedStatistic ?? "";
  statisticFunction(statistic);
  const key = { namespace, name, dimensions: dimensionsOf(input.Dimensions) };
  return { key, statistic, periodSeconds, unit: input.Unit };
}

function ruleOf(
  input: Checked<PutMetricAlarmInput>,
  metric: MetricQuery | undefined,
  periodSeconds: number,
): AlarmRule {
  const { Threshold: threshold, EvaluationPeriods: evaluationPeriods } = input;
  if (threshold === undefined || evaluationPeriods === undefined) {
    throw new AwsError("ValidationException", "Threshold and EvaluationPeriods are required.");
  }
  const { DatapointsToAlarm: datapointsToAlarm = evaluationPeriods, TreatMissingData: treatment = "missing" } = input;
  if (![10, 20, 30].includes(periodSeconds) && periodSeconds % 60 !== 0) {
    throw new AwsError("ValidationException", `Period must be 10, 20, 30 or a multiple of 60, got ${periodSeconds}.`);
  }
  const limit = periodSeconds >= HOUR_SECONDS ? 7 * DAY_SECONDS : DAY_SECONDS;
  if (evaluationPeriods * periodSeconds > limit) {
    const days = limit / DAY_SECONDS;
    throw new AwsError(
      "ValidationException",
      `Metrics cannot be checked across more than ${days === 1 ? "a day" : `${days} days`} (EvaluationPeriods * Period must be <= ${limit}).`,
    );
  }
  if (datapointsToAlarm > evaluationPeriods) {
    throw new AwsError(
      "ValidationException",
      `DatapointsToAlarm must be less than or equal to EvaluationPeriods, got ${datapointsToAlarm} of ${evaluationPeriods}.`,
    );
  }
  const treatMissingData = TREATMENTS.get(treatment);
  if (treatMissingData === undefined) {
    throw new AwsError(
      "ValidationException",
      `Option ${treatment} is not supported for TreatMissingData parameter. Supported options are [breaching, notBreaching, ignore, missing].`,
    );
  }
  const comparisonOperator = THRESHOLD_OPERATORS.get(input.ComparisonOperator ?? "");
  if (comparisonOperator === undefined) {
    throw notImplemented(
      "CloudWatch",
      `ComparisonOperator ${input.ComparisonOperator ?? "(none)"} (anomaly detection)`,
    );
  }
  const minimumSamples = minimumSamplesOf(input.EvaluateLowSampleCountPercentile, metric);
  return { threshold, comparisonOperator, evaluationPeriods, datapointsToAlarm, treatMissingData, minimumSamples };
}

/**
 * CloudWatch's rule for when a percentile has enough samples to mean something.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 */
function minimumSamplesOf(treatment: string | undefined, metric: MetricQuery | undefined): number {
  const percent = metric === undefined ? undefined : percentileOf(metric.statistic);
  if (treatment === undefined || treatment === "evaluate" || percent === undefined) {
    return 0;
  }
  if (treatment !== "ignore") {
    throw new AwsError(
      "ValidationException",
      `Option ${treatment} is not supported for EvaluateLowSampleCountPercentile parameter. Supported options are [evaluate, ignore].`,
    );
  }
  const fraction = percent / 100;
  return Math.round(10 / (fraction >= 0.5 ? 1 - fraction : fraction));
}

/** An alarm's state and when it got there. */
export interface AlarmState {
  readonly value: StateValue;
  readonly reason: string;
  readonly reasonData: string | undefined;
  readonly updatedAt: Date;
}

/** An alarm that has changed its state. */
export interface AlarmChange {
  readonly alarmArn: string;
  /** As it is now. */
  readonly alarm: MetricAlarm;
  readonly definition: AlarmDefinition;
  readonly previous: AlarmState;
  readonly state: AlarmState;
}

/** An alarm as `DescribeAlarms` shows it. */
export function describe(definition: AlarmDefinition, arn: string, configuredAt: Date, state: AlarmState): MetricAlarm {
  const members = definition.input;
  return {
    ...members,
    // Refused when the alarm is put.
    EvaluationWindow: undefined,
    EvaluationCriteria: undefined,
    AlarmArn: arn,
    AlarmConfigurationUpdatedTimestamp: configuredAt,
    ActionsEnabled: members.ActionsEnabled ?? true,
    OKActions: members.OKActions ?? [],
    AlarmActions: members.AlarmActions ?? [],
    InsufficientDataActions: members.InsufficientDataActions ?? [],
    Dimensions: members.Metrics === undefined ? (members.Dimensions ?? []) : undefined,
    StateValue: state.value,
    StateReason: state.reason,
    StateReasonData: state.reasonData,
    StateUpdatedTimestamp: state.updatedAt,
    StateTransitionedTimestamp: state.updatedAt,
  };
}
