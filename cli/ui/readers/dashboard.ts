import {
  CloudWatchClient,
  DashboardNotFoundError,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  type ComparisonOperator,
  type MetricAlarm,
} from "@aws-sdk/client-cloudwatch";
import { monitoringNames } from "../../../lib/monitoring-names";
import type { WidgetShown } from "../shown";
import type { Watched } from "../watched";
import { metricQuery, seriesOf, type Asked } from "./metrics";
import { metricsOf, widgetsOf, type Widget } from "./widget-body";

/** The widgets of the model's dashboard with what they have to show; none if there is no dashboard. */
export async function readDashboard(watched: Watched): Promise<WidgetShown[]> {
  const client = new CloudWatchClient(watched.aws);
  const { dashboard: DashboardName } = monitoringNames(watched.prefix);
  try {
    const { DashboardBody = '{"widgets":[]}' } = await client.send(new GetDashboardCommand({ DashboardName }));
    return await Promise.all(widgetsOf(DashboardBody).map((widget) => shown(watched, client, widget)));
  } catch (error) {
    if (error instanceof DashboardNotFoundError || (error instanceof Error && error.name === "ResourceNotFound")) {
      return [];
    }
    throw error;
  }
}

async function shown(watched: Watched, client: CloudWatchClient, widget: Widget): Promise<WidgetShown> {
  const { title, stacked, yAxis, annotations = {}, alarms } = widget.properties;
  const watching = annotations.alarms ?? [];
  const ofAlarms = watching.length === 0 ? [] : await alarmsAt(client, watching);
  const asked = [...askedBy(widget), ...ofAlarms.flatMap(askedByAlarm)];
  return {
    title,
    unit: yAxis?.left?.label ?? ofAlarms[0]?.MetricName ?? "",
    unitAtRight: yAxis?.right?.label,
    isStacked: stacked,
    series: asked.length === 0 ? [] : await seriesOf(watched, asked),
    lines: [
      ...(annotations.horizontal ?? []).flat().map(({ value, label = "" }) => ({ value, label })),
      ...ofAlarms.flatMap(({ Threshold, ComparisonOperator }) =>
        Threshold === undefined ? [] : [{ value: Threshold, label: firesAt(Threshold, ComparisonOperator) }],
      ),
    ],
    alarms: [...alarms, ...watching].map(nameIn),
  };
}

/** On which side of its threshold an alarm fires. */
export function firesAt(threshold: number, operator: ComparisonOperator | undefined): string {
  return `alarm ${operator?.startsWith("LessThan") === true ? "below" : "above"} ${threshold}`;
}

/** All queries of a widget, since its expressions may be about all of its metrics. */
function askedBy(widget: Widget): Asked[] {
  const { period, stat } = widget.properties;
  return metricsOf(widget).map((metric, at) => {
    const id = metric.id ?? `q${at}`;
    const query =
      metric.expression === undefined
        ? metricQuery(id, metric, metric.stat ?? stat, metric.period ?? period)
        : { Id: id, Expression: metric.expression };
    const { label: Label, visible: ReturnData } = metric;
    return { query: { ...query, Label, ReturnData }, isAtRight: metric.yAxis === "right" };
  });
}

/** What an alarm watches. */
function askedByAlarm(alarm: MetricAlarm): Asked[] {
  const { Namespace = "", MetricName = "", Dimensions = [], Metrics = [], Statistic, ExtendedStatistic } = alarm;
  if (Metrics.length > 0) {
    return Metrics.map((query) => ({ query }));
  }
  const dimensions = Object.fromEntries(Dimensions.map(({ Name = "", Value = "" }) => [Name, Value]));
  const metric = { namespace: Namespace, name: MetricName, dimensions };
  return [{ query: metricQuery("alarm", metric, Statistic ?? ExtendedStatistic ?? "Average", alarm.Period ?? 60) }];
}

async function alarmsAt(client: CloudWatchClient, arns: readonly string[]): Promise<MetricAlarm[]> {
  const { MetricAlarms = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: arns.map(nameIn) }));
  return MetricAlarms;
}

/** `arn:aws:cloudwatch:<region>:<account>:alarm:<name>` */
const nameIn = (arn: string) => arn.split(":").slice(6).join(":");
