import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type DescribeAlarmsInput,
  type MetricAlarm,
} from "@aws-sdk/client-cloudwatch";
import { AwsError, notImplemented } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import type { Alarms } from "./alarms";
import { dimensionsOf, sameDimensions } from "./dimensions";
import { page } from "./paging";
import type { Tags } from "./tags";

/** The operations on alarms. */
export function alarmOperations(alarms: Alarms, tags: Tags): readonly Operation[] {
  return [
    operation(PutMetricAlarmCommand, (input) => {
      const isNew = !alarms.has(input.AlarmName);
      alarms.put(input);
      if (isNew) {
        // AWS takes an alarm's tags only when it is created.
        tags.set(alarms.arnOf(input.AlarmName), input.Tags ?? []);
      }
      return {};
    }),

    operation(DescribeAlarmsCommand, (input) => {
      const { items, nextToken } = page(select(alarms.list(), input), input.MaxRecords ?? 50, input.NextToken);
      return { MetricAlarms: items, CompositeAlarms: [], NextToken: nextToken };
    }),

    operation(DescribeAlarmsForMetricCommand, (input) => {
      const dimensions = dimensionsOf(input.Dimensions);
      const matching = alarms
        .list()
        .filter(
          (alarm) =>
            alarm.Namespace === input.Namespace &&
            alarm.MetricName === input.MetricName &&
            sameDimensions(alarmDimensions(alarm), dimensions) &&
            (input.Statistic === undefined || alarm.Statistic === input.Statistic) &&
            (input.ExtendedStatistic === undefined || alarm.ExtendedStatistic === input.ExtendedStatistic) &&
            (input.Period === undefined || alarm.Period === input.Period) &&
            (input.Unit === undefined || alarm.Unit === input.Unit),
        );
      return { MetricAlarms: matching };
    }),

    operation(DescribeAlarmHistoryCommand, (input) => {
      const { AlarmName: name, HistoryItemType: type, StartDate: start, EndDate: end, AlarmTypes: types } = input;
      const found = alarms
        .historyItems()
        .filter(
          (item) =>
            (name === undefined || item.AlarmName === name) &&
            (type === undefined || item.HistoryItemType === type) &&
            (types === undefined || types.length === 0 || types.includes("MetricAlarm")) &&
            isBetween(item.Timestamp, start, end),
        );
      const ordered = input.ScanBy === "TimestampAscending" ? found : found.toReversed();
      const { items, nextToken } = page(ordered, input.MaxRecords ?? 100, input.NextToken);
      return { AlarmHistoryItems: items, NextToken: nextToken };
    }),

    operation(DeleteAlarmsCommand, (input) => {
      // AWS deletes those that exist and says nothing of the others.
      for (const name of input.AlarmNames) {
        alarms.delete(name);
        tags.forget(alarms.arnOf(name));
      }
      return {};
    }),

    operation(SetAlarmStateCommand, (input) => {
      alarms.setState(input.AlarmName, input.StateValue, input.StateReason, input.StateReasonData);
      return {};
    }),

    operation(EnableAlarmActionsCommand, (input) => {
      input.AlarmNames.forEach((name) => alarms.enableActions(name, true));
      return {};
    }),

    operation(DisableAlarmActionsCommand, (input) => {
      input.AlarmNames.forEach((name) => alarms.enableActions(name, false));
      return {};
    }),
  ];
}

type ListedAlarm = ReturnType<Alarms["list"]>[number];

function select(all: readonly ListedAlarm[], input: Checked<DescribeAlarmsInput>): readonly MetricAlarm[] {
  const { AlarmNames: names, AlarmNamePrefix: prefix, StateValue: state, ActionPrefix: action } = input;
  if (input.ChildrenOfAlarmName !== undefined || input.ParentsOfAlarmName !== undefined) {
    throw notImplemented("CloudWatch", "DescribeAlarms of composite alarms' children and parents");
  }
  if (names !== undefined && prefix !== undefined) {
    throw new AwsError(
      "InvalidParameterCombinationException",
      "AlarmNames and AlarmNamePrefix are mutually exclusive: specify one of them.",
    );
  }
  // Without AlarmTypes, AWS answers metric alarms only; with them, those of the types.
  if (input.AlarmTypes !== undefined && input.AlarmTypes.length > 0 && !input.AlarmTypes.includes("MetricAlarm")) {
    return [];
  }
  return all.filter(
    (alarm) =>
      (names === undefined || names.length === 0 || names.includes(alarm.AlarmName)) &&
      (prefix === undefined || alarm.AlarmName.startsWith(prefix)) &&
      (state === undefined || alarm.StateValue === state) &&
      (action === undefined || actionsOf(alarm).some((arn) => arn.startsWith(action))),
  );
}

function actionsOf(alarm: MetricAlarm): readonly string[] {
  return [...(alarm.AlarmActions ?? []), ...(alarm.OKActions ?? []), ...(alarm.InsufficientDataActions ?? [])];
}

function alarmDimensions(alarm: MetricAlarm): Readonly<Record<string, string>> {
  return Object.fromEntries((alarm.Dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));
}

function isBetween(time: Date | undefined, start: Date | undefined, end: Date | undefined): boolean {
  return time !== undefined && (start === undefined || time >= start) && (end === undefined || time <= end);
}
