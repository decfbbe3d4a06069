import type { ServiceEvent } from "../../core/local";
import type { AlarmDefinition, AlarmState } from "./alarm";
import { isoText } from "./alarm-reason";

/**
 * The event by which EventBridge learns that an alarm has changed its state.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
export function stateChangeEvent(
  alarmArn: string,
  definition: AlarmDefinition,
  previous: AlarmState,
  state: AlarmState,
): ServiceEvent {
  return {
    source: "aws.cloudwatch",
    "detail-type": "CloudWatch Alarm State Change",
    resources: [alarmArn],
    detail: stateChangeDetail(definition, previous, state),
  };
}

/** What has changed, as events and functions are told. */
export function stateChangeDetail(
  { input, queries }: AlarmDefinition,
  previous: AlarmState,
  state: AlarmState,
): object {
  return {
    alarmName: input.AlarmName,
    state: shown(state),
    previousState: shown(previous),
    configuration: { description: input.AlarmDescription, metrics: queries.map((query) => metric(query, input)) },
  };
}

function shown({ value, reason, reasonData, updatedAt }: AlarmState) {
  return { value, reason, reasonData, timestamp: isoText(updatedAt) };
}

function metric(
  { id, label, returnData, source }: AlarmDefinition["queries"][number],
  { Metrics = [] }: AlarmDefinition["input"],
) {
  if (!("key" in source)) {
    return { id, expression: Metrics.find(({ Id }) => Id === id)?.Expression, label, returnData };
  }
  const { namespace, name, dimensions } = source.key;
  const of = { namespace, name, dimensions };
  return {
    id,
    metricStat: { metric: of, period: source.periodSeconds, stat: source.statistic, unit: source.unit },
    returnData,
  };
}
