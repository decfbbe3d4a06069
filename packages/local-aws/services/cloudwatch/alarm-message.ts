import type { Metric, MetricDataQuery, Statistic } from "@aws-sdk/client-cloudwatch";
import type { Account } from "../../core/account";
import type { AlarmChange } from "./alarm";
import { isoText } from "./alarm-reason";

/** Longest subject that SNS takes. */
const MAX_SUBJECT = 100;

/** Names of statistics in messages, which are older than those of the API. */
const STATISTICS: Readonly<Record<Statistic, string>> = {
  Average: "AVERAGE",
  Maximum: "MAXIMUM",
  Minimum: "MINIMUM",
  SampleCount: "SAMPLE_COUNT",
  Sum: "SUM",
};

/** Such as `ALARM: "errors" in US East (N. Virginia)`. */
export function alarmSubject({ definition, state }: AlarmChange, regionName: string): string {
  const subject = `${state.value}: "${definition.input.AlarmName}" in ${regionName}`;
  return subject.length > MAX_SUBJECT ? `${subject.slice(0, MAX_SUBJECT - 3)}...` : subject;
}

/** What CloudWatch publishes to a topic: JSON, in the words of an API that was before today's. */
export function alarmMessage(
  { alarmArn, alarm, definition, previous, state }: AlarmChange,
  { accountId }: Account,
  regionName: string,
): string {
  return JSON.stringify({
    AlarmName: definition.input.AlarmName,
    AlarmDescription: alarm.AlarmDescription ?? null,
    AWSAccountId: accountId,
    AlarmConfigurationUpdatedTimestamp:
      alarm.AlarmConfigurationUpdatedTimestamp && isoText(alarm.AlarmConfigurationUpdatedTimestamp),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: isoText(state.updatedAt),
    Region: regionName,
    AlarmArn: alarmArn,
    OldStateValue: previous.value,
    OKActions: alarm.OKActions,
    AlarmActions: alarm.AlarmActions,
    InsufficientDataActions: alarm.InsufficientDataActions,
    Trigger: trigger(definition),
  });
}

function trigger({ input, rule, metric, periodSeconds }: AlarmChange["definition"]): object {
  const judged = {
    Period: periodSeconds,
    EvaluationPeriods: rule.evaluationPeriods,
    ...(input.DatapointsToAlarm === undefined ? {} : { DatapointsToAlarm: input.DatapointsToAlarm }),
    ComparisonOperator: rule.comparisonOperator,
    Threshold: rule.threshold,
    TreatMissingData: rule.treatMissingData,
    EvaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile ?? "",
  };
  if (metric === undefined) {
    return { ...judged, Metrics: (input.Metrics ?? []).map(query) };
  }
  const statistic =
    input.Statistic === undefined
      ? { StatisticType: "ExtendedStatistic", ExtendedStatistic: input.ExtendedStatistic }
      : { StatisticType: "Statistic", Statistic: STATISTICS[input.Statistic] };
  return {
    MetricName: metric.key.name,
    Namespace: metric.key.namespace,
    ...statistic,
    Unit: metric.unit ?? null,
    Dimensions: dimensions(input),
    ...judged,
  };
}

function query({ MetricStat, ReturnData = true, ...named }: MetricDataQuery): object {
  if (MetricStat === undefined) {
    return { ...named, ReturnData };
  }
  const { MetricName, Namespace } = MetricStat.Metric ?? {};
  const metric = { MetricName, Namespace, Dimensions: dimensions(MetricStat.Metric ?? {}) };
  return { ...named, MetricStat: { ...MetricStat, Metric: metric }, ReturnData };
}

function dimensions({ Dimensions = [] }: Pick<Metric, "Dimensions">): object[] {
  return Dimensions.map(({ Name, Value }) => ({ value: Value, name: Name }));
}
