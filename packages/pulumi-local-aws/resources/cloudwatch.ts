import {
  CloudWatchClient,
  ComparisonOperator,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  type Dimension,
  GetDashboardCommand,
  ListTagsForResourceCommand,
  type MetricDataQuery,
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
import { block, boolean, json, map, number, oneOf, set, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { fromTagList, tagList, tagsArgument } from "../tags";

const cloudWatch = (aws: Aws) => aws.client(CloudWatchClient);

/** A metric, or an expression over the ids of others; one of them returns the data that is watched. */
const metricQuery = block({
  id: required(text),
  accountId: optional(text),
  expression: optional(text),
  label: optional(text),
  period: optional(number),
  returnData: withDefault(boolean, false),
  metric: optional(
    block({
      metricName: required(text),
      namespace: optional(text),
      period: required(number),
      stat: required(text),
      unit: optional(oneOf(StandardUnit)),
      dimensions: optional(map(text)),
    }),
  ),
});

const alarmArguments = {
  name: autoNamed(text, { maxLength: 255 }),
  alarmDescription: optional(text),
  comparisonOperator: required(oneOf(ComparisonOperator)),
  evaluationPeriods: required(number),
  datapointsToAlarm: optional(number),
  metricName: optional(text),
  namespace: optional(text),
  period: optional(number),
  statistic: optional(oneOf(Statistic)),
  extendedStatistic: optional(text),
  evaluateLowSampleCountPercentiles: optional(text, { computed: true }),
  threshold: required(number),
  dimensions: optional(map(text)),
  metricQueries: optional(set(metricQuery)),
  treatMissingData: withDefault(text, "missing"),
  actionsEnabled: withDefault(boolean, true),
  alarmActions: optional(set(text)),
  okActions: optional(set(text)),
  insufficientDataActions: optional(set(text)),
  unit: optional(oneOf(StandardUnit)),
  tags: tagsArgument,
};

type AlarmArguments = Arguments<typeof alarmArguments>;

/** An update puts the whole alarm again; only its tags are then left as they are. */
function alarmInput(inputs: AlarmArguments): Omit<PutMetricAlarmCommandInput, "Tags"> {
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
    EvaluateLowSampleCountPercentile: inputs.evaluateLowSampleCountPercentiles,
    Threshold: inputs.threshold,
    Dimensions: dimensionList(inputs.dimensions),
    Metrics: inputs.metricQueries?.map(queryInput),
    TreatMissingData: inputs.treatMissingData,
    ActionsEnabled: inputs.actionsEnabled,
    AlarmActions: inputs.alarmActions ?? [],
    OKActions: inputs.okActions ?? [],
    InsufficientDataActions: inputs.insufficientDataActions ?? [],
    Unit: inputs.unit,
  };
}

function queryInput(query: NonNullable<AlarmArguments["metricQueries"]>[number]): MetricDataQuery {
  const { metric } = query;
  return {
    Id: query.id,
    AccountId: query.accountId,
    Expression: query.expression,
    Label: query.label,
    Period: query.period,
    ReturnData: query.returnData,
    MetricStat: metric && {
      Metric: {
        MetricName: metric.metricName,
        Namespace: metric.namespace,
        Dimensions: dimensionList(metric.dimensions),
      },
      Period: metric.period,
      Stat: metric.stat,
      Unit: metric.unit,
    },
  };
}

function queryArgument({ MetricStat: stat, ...query }: MetricDataQuery) {
  return {
    id: query.Id,
    accountId: query.AccountId,
    expression: query.Expression,
    label: query.Label,
    period: query.Period,
    returnData: query.ReturnData,
    metric: stat && {
      metricName: stat.Metric?.MetricName,
      namespace: stat.Metric?.Namespace,
      period: stat.Period,
      stat: stat.Stat,
      unit: stat.Unit,
      dimensions: dimensionMap(stat.Metric?.Dimensions),
    },
  };
}

const dimensionList = (dimensions: Readonly<Record<string, string>> | undefined) =>
  dimensions && Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const dimensionMap = (list: readonly Dimension[] = []) =>
  Object.fromEntries(list.map(({ Name = "", Value = "" }) => [Name, Value]));

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
        evaluateLowSampleCountPercentiles: alarm.EvaluateLowSampleCountPercentile,
        threshold: alarm.Threshold,
        dimensions: dimensionMap(alarm.Dimensions),
        metricQueries: alarm.Metrics?.map(queryArgument),
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
