import { GetMetricWidgetImageCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import type { Account } from "../../core/account";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { messageOf } from "../../core/failure";
import { operation, type Checked, type Operation } from "../../core/operation";
import { drawChart, type ChartMark, type ChartSeries } from "./chart";
import { graphProperties, messagesOf } from "./dashboard-body";
import { dimensionList } from "./dimensions";
import { metricData } from "./metric-data";
import type { MetricStore } from "./metric-store";
import type { Datapoint } from "./query";
import { isSearch } from "./search";
import type { WidgetMetric } from "./widget-metrics";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Metric-Widget-Structure.html */
const metricWidget = z.strictObject({
  ...graphProperties,
  height: z.int().min(1).max(2000).default(400),
  metrics: graphProperties.metrics.unwrap(),
  view: z.enum(["timeSeries", "singleValue", "gauge", "bar", "pie"]).default("timeSeries"),
  width: z.int().min(1).max(2000).default(600),
});
type MetricWidget = z.output<typeof metricWidget>;

const PERIOD_SECONDS = 300;

/** A graph as a picture: what the metrics and expressions of a widget have now, with title, axes, legend and annotations. */
export function widgetImageOperations(clock: Clock, account: Account, metrics: MetricStore): readonly Operation[] {
  return [
    operation(GetMetricWidgetImageCommand, async ({ MetricWidget: text, OutputFormat: format = "png" }) => {
      const widget = parsed(text);
      refuse(widget, format, account);
      const now = clock.now();
      const [start, end] = [timeOf(widget.start ?? "-PT3H", now, clock), timeOf(widget.end ?? "-PT0H", now, clock)];
      const { legend, stacked = false, title, width, height, yAxis: axes = {} } = widget;
      const MetricWidgetImage = await drawChart({
        ...{ title, width, height, stacked, axes, start: start.getTime(), end: end.getTime() },
        legend: legend?.position ?? "bottom",
        series: seriesOf(widget, metrics, clock, start, end),
        marks: marksOf(widget),
      });
      return { MetricWidgetImage };
    }),
  ];
}

function parsed(text: string): MetricWidget {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AwsError("InvalidParameterValueException", `MetricWidget must be JSON: ${messageOf(error)}`);
  }
  const { problems, warnings } = messagesOf(metricWidget, value);
  const all = [...problems, ...warnings].map(({ DataPath: path, Message: message }) => `${path}: ${message}`);
  const { data } = metricWidget.safeParse(value);
  if (data === undefined) {
    throw new AwsError("InvalidParameterValueException", `MetricWidget is invalid: ${all.join("; ")}`);
  }
  return data;
}

/** @throws AwsError `NotImplemented` for what AWS would draw */
function refuse({ view, timezone, region, annotations, metrics }: MetricWidget, format: string, account: Account) {
  const elsewhere = [region, ...metrics.map((one) => one.region)].find(
    (one) => (one ?? account.region) !== account.region,
  );
  const missing = [
    ...(format === "png" ? [] : [`OutputFormat ${format}`]),
    ...(view === "timeSeries" ? [] : [`view ${view}`]),
    ...((timezone ?? "+0000") === "+0000" ? [] : [`timezone ${timezone}`]),
    ...(annotations?.alarms === undefined ? [] : ["annotations.alarms"]),
    ...(elsewhere === undefined ? [] : [`metrics of region ${elsewhere}`]),
    ...(metrics.some(({ accountId }) => accountId !== undefined) ? ["metrics of another account"] : []),
  ];
  if (missing.length > 0) {
    throw notImplemented("CloudWatch", `GetMetricWidgetImage with ${missing.join(", ")}`);
  }
}

/** A time of ISO 8601; or a duration before now, which passes as fast as AWS's. */
function timeOf(text: string, now: Date, clock: Clock): Date {
  const { weeks, days, hours, minutes, seconds } =
    /^-P(?:(?<weeks>\d+)W)?(?:(?<days>\d+)D)?(?:T(?:(?<hours>\d+)H)?(?:(?<minutes>\d+)M)?(?:(?<seconds>\d+)S)?)?$/.exec(
      text,
    )?.groups ?? {};
  if (!text.startsWith("-P")) {
    return new Date(text);
  }
  const parts = [
    [weeks, 604_800],
    [days, 86_400],
    [hours, 3600],
    [minutes, 60],
    [seconds, 1],
  ] as const;
  const ago = parts.reduce((sum, [count = "0", length]) => sum + Number(count) * length, 0);
  if (parts.every(([count]) => count === undefined)) {
    throw notImplemented("CloudWatch", `GetMetricWidgetImage with the time ${text}`);
  }
  return new Date(now.getTime() - clock.real(ago * 1000));
}

/** The queries of a widget's metrics. Those without an id get one that nobody can have given. */
function queriesOf(widget: MetricWidget): readonly Checked<MetricDataQuery>[] {
  return widget.metrics.map((metric, at) => ({
    Id: metric.id ?? `#${at}`,
    Label: metric.label ?? (isSearch(metric.expression ?? "") ? undefined : metric.expression),
    ReturnData: metric.visible ?? true,
    ...(metric.key === undefined
      ? { Expression: metric.expression }
      : { MetricStat: statOf(metric.key, metric, widget) }),
  }));
}

function statOf(key: NonNullable<WidgetMetric["key"]>, { period, stat }: WidgetMetric, widget: MetricWidget) {
  const { namespace, name, dimensions } = key;
  return {
    Metric: { Namespace: namespace, MetricName: name, Dimensions: dimensionList(dimensions) },
    Period: period ?? widget.period ?? PERIOD_SECONDS,
    Stat: stat ?? widget.stat ?? "Average",
  };
}

function seriesOf(
  widget: MetricWidget,
  store: MetricStore,
  clock: Clock,
  start: Date,
  end: Date,
): readonly ChartSeries[] {
  const queries = queriesOf(widget);
  const drawn = new Map(queries.map(({ Id: id }, at) => [id, widget.metrics[at]]));
  const results = metricData(store, clock, queries, start, end);
  return results.map(({ id, label, periodSeconds, points }) => {
    const { color, yAxis: axis = "left" } = drawn.get(id) ?? {};
    return { label, color, axis, points: withGaps(points, clock.real(periodSeconds * 1000)) };
  });
}

/** A time without a value where periods are missing, so that the line is broken there. */
function withGaps(points: readonly Datapoint[], period: number): ChartSeries["points"] {
  return points.flatMap(({ at, value }, i) => {
    const next = points[i + 1]?.at ?? at;
    return next - at > 1.5 * period
      ? [[at, value] as const, [at + period, undefined] as const]
      : [[at, value] as const];
  });
}

function marksOf({ annotations: { horizontal = [], vertical = [] } = {} }: MetricWidget): readonly ChartMark[] {
  const ofValues = horizontal.map((mark): ChartMark | false => {
    const [first, second] = [mark].flat();
    const { value = 0, yAxis: of = "left", fill, visible = true, label, color } = first ?? {};
    const ends = { above: Infinity, below: -Infinity, between: second?.value, none: undefined };
    return visible && { from: value, to: second?.value ?? ends[fill ?? "none"], of, label, color };
  });
  const ofTimes = vertical.map((mark): ChartMark | false => {
    const [first, second] = [mark].flat();
    const { value = "", fill, visible = true, label, color } = first ?? {};
    const until = second === undefined ? undefined : Date.parse(second.value);
    const ends = { before: -Infinity, after: Infinity, between: until, none: undefined };
    return visible && { from: Date.parse(value), to: until ?? ends[fill ?? "none"], of: "time", label, color };
  });
  return [...ofValues, ...ofTimes].filter((mark) => mark !== false);
}
