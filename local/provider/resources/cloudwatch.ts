import {
  CloudWatchClient,
  ComparisonOperator,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListTagsForResourceCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  StandardUnit,
  Statistic,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { boolean, json, map, number, oneOf, set, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { fromTagList, tagList, tagsArgument } from "../tags";

const cloudWatch = (aws: Aws) => aws.client(CloudWatchClient);

const alarmArguments = {
  name: autoNamed(text, { maxLength: 255 }),
  alarmDescription: optional(text),
  comparisonOperator: required(oneOf(ComparisonOperator)),
  evaluationPeriods: required(number),
  datapointsToAlarm: optional(number),
  metricName: required(text),
  namespace: required(text),
  period: required(number),
  statistic: optional(oneOf(Statistic)),
  extendedStatistic: optional(text),
  threshold: required(number),
  dimensions: optional(map(text)),
  treatMissingData: withDefault(text, "missing"),
  actionsEnabled: withDefault(boolean, true),
  alarmActions: optional(set(text)),
  okActions: optional(set(text)),
  insufficientDataActions: optional(set(text)),
  unit: optional(oneOf(StandardUnit)),
  tags: tagsArgument,
};

/** An update puts the whole alarm again; only its tags are then left as they are. */
function alarmInput(inputs: Arguments<typeof alarmArguments>): Omit<PutMetricAlarmCommandInput, "Tags"> {
  const { dimensions = {} } = inputs;
  return {
    AlarmName: inputs.name,
    AlarmDescription: inputs.alarmDescription,
    ComparisonOperator: inputs.comparisonOperator,
    EvaluationPeriods: inputs.evaluationPeriods,
    DatapointsToAlarm: inputs.datapointsToAlarm,
    MetricName: inputs.metricName,
    Namespace: inputs.namespace,
    Period: inputs.period,
    Statistic: inputs.statistic,
    ExtendedStatistic: inputs.extendedStatistic,
    Threshold: inputs.threshold,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    TreatMissingData: inputs.treatMissingData,
    ActionsEnabled: inputs.actionsEnabled,
    AlarmActions: inputs.alarmActions ?? [],
    OKActions: inputs.okActions ?? [],
    InsufficientDataActions: inputs.insufficientDataActions ?? [],
    Unit: inputs.unit,
  };
}

const metricAlarm = resource({
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  inputs: alarmArguments,
  outputs: ["arn"],
  identity: ["name"],
  tagging: {
    put: ({ aws, arn: ResourceARN }, tags) =>
      cloudWatch(aws).send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) })),
    remove: ({ aws, arn: ResourceARN }, TagKeys) =>
      cloudWatch(aws).send(new UntagResourceCommand({ ResourceARN, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    await cloudWatch(aws).send(new PutMetricAlarmCommand({ ...alarmInput(inputs), Tags: tagList(tags) }));
    return inputs.name;
  },
  async read({ aws, id }) {
    const request = new DescribeAlarmsCommand({ AlarmNames: [id], AlarmTypes: ["MetricAlarm"] });
    const { MetricAlarms: [alarm] = [] } = await cloudWatch(aws).send(request);
    if (alarm === undefined) {
      return undefined;
    }
    const { Tags } = await cloudWatch(aws).send(new ListTagsForResourceCommand({ ResourceARN: alarm.AlarmArn }));
    return {
      inputs: {
        name: alarm.AlarmName,
        alarmDescription: alarm.AlarmDescription,
        comparisonOperator: alarm.ComparisonOperator,
        evaluationPeriods: alarm.EvaluationPeriods,
        datapointsToAlarm: alarm.DatapointsToAlarm,
        metricName: alarm.MetricName,
        namespace: alarm.Namespace,
        period: alarm.Period,
        statistic: alarm.Statistic,
        extendedStatistic: alarm.ExtendedStatistic,
        threshold: alarm.Threshold,
        dimensions: Object.fromEntries((alarm.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
        treatMissingData: alarm.TreatMissingData ?? "missing",
        actionsEnabled: alarm.ActionsEnabled,
        alarmActions: alarm.AlarmActions,
        okActions: alarm.OKActions,
        insufficientDataActions: alarm.InsufficientDataActions,
        unit: alarm.Unit,
      },
      outputs: { arn: alarm.AlarmArn },
      tags: fromTagList(Tags),
    };
  },
  async update({ aws, inputs }) {
    await cloudWatch(aws).send(new PutMetricAlarmCommand(alarmInput(inputs)));
  },
  async delete({ aws, id }) {
    // An alarm that is gone is no error to AWS.
    await cloudWatch(aws).send(new DeleteAlarmsCommand({ AlarmNames: [id] }));
  },
});

const dashboard = resource({
  type: "aws:cloudwatch/dashboard:Dashboard",
  inputs: { dashboardName: required(text, { replaces: true }), dashboardBody: required(json) },
  outputs: ["dashboardArn"],
  identity: ["dashboardName"],
  async create({ aws, inputs: { dashboardName: DashboardName, dashboardBody: DashboardBody } }) {
    await cloudWatch(aws).send(new PutDashboardCommand({ DashboardName, DashboardBody }));
    return DashboardName;
  },
  async read({ aws, id: DashboardName }) {
    const found = await unlessGone(DASHBOARD_GONE, () =>
      cloudWatch(aws).send(new GetDashboardCommand({ DashboardName })),
    );
    return (
      found && {
        inputs: { dashboardName: found.DashboardName, dashboardBody: found.DashboardBody },
        outputs: { dashboardArn: found.DashboardArn },
      }
    );
  },
  async update({ aws, id: DashboardName, inputs: { dashboardBody: DashboardBody } }) {
    await cloudWatch(aws).send(new PutDashboardCommand({ DashboardName, DashboardBody }));
  },
  async delete({ aws, id }) {
    const request = new DeleteDashboardsCommand({ DashboardNames: [id] });
    await unlessGone(DASHBOARD_GONE, () => cloudWatch(aws).send(request));
  },
});

const DASHBOARD_GONE = ["ResourceNotFound", "DashboardNotFoundError"];

export const resources = [metricAlarm, dashboard];
