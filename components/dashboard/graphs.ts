import type { GraphMetricWidgetArgs, MetricStatistic, Widget, WidgetMetric } from "@pulumi/awsx/classic/cloudwatch";
import type * as awsx from "@pulumi/awsx/classic/cloudwatch";
import * as pulumi from "@pulumi/pulumi";

/** The module of awsx, which a program with a dashboard alone loads: it takes a quarter of a second. */
export type Awsx = typeof awsx;

/** A third of a dashboard's 24 columns. */
const WIDTH = 8;
const HEIGHT = 6;
/** How CloudWatch keeps the metrics of functions, endpoints and requests. */
const MINUTE_SECONDS = 60;

/** A graph over time. */
export interface Graph {
  readonly title: string;
  /** What the axes count, in words or a unit. */
  readonly unit: string;
  readonly unitAtRight?: string;
  readonly metrics: readonly WidgetMetric[];
  /** @default 60 */
  readonly periodSeconds?: number;
  /** Whether the values of each time lie one on the other. @default false */
  readonly stacked?: boolean;
  readonly annotations?: GraphMetricWidgetArgs["annotations"];
}

/** Metrics with the same names in all of their dimensions but one or two, whichever values these have. */
export interface Search {
  readonly namespace: string;
  readonly dimensions: readonly string[];
  readonly metricName: string;
  /** Values that single dimensions must have. */
  readonly where: Readonly<Record<string, pulumi.Input<string>>>;
  readonly statistic: MetricStatistic;
  readonly label: string;
  readonly atRight?: boolean;
}

/** What a dashboard is made of, by awsx's widgets. */
export class Graphs {
  constructor(private readonly cloudwatch: Awsx) {}

  graph({ title, unit, unitAtRight, metrics, periodSeconds = MINUTE_SECONDS, stacked, annotations }: Graph): Widget {
    const args = {
      ...SIZE,
      title,
      period: periodSeconds,
      metrics: [...metrics],
      annotations,
      yAxis: { left: axis(unit), ...(unitAtRight === undefined ? {} : { right: axis(unitAtRight) }) },
    };
    return stacked === true
      ? new this.cloudwatch.StackedAreaGraphMetricWidget(args)
      : new this.cloudwatch.LineGraphMetricWidget(args);
  }

  /** What an alarm watches, with its threshold. */
  ofAlarm(title: string, alarmArn: pulumi.Input<string>): Widget {
    return new this.cloudwatch.LineGraphMetricWidget({
      ...SIZE,
      title,
      annotations: new this.cloudwatch.AlarmAnnotation(alarmArn),
    });
  }

  /** The states of alarms. */
  states(title: string, alarmArns: readonly pulumi.Input<string>[]): Widget {
    return new this.cloudwatch.AlarmWidget({ ...SIZE, title, alarms: [...alarmArns], sortBy: "stateUpdatedTimestamp" });
  }

  line(value: number, label: string) {
    return new this.cloudwatch.HorizontalAnnotation({ aboveEdge: { value, label } });
  }

  metric(args: awsx.MetricArgs): WidgetMetric {
    return new this.cloudwatch.Metric({ period: MINUTE_SECONDS, ...args });
  }

  /**
   * Metrics that CloudWatch looks for whenever the dashboard is drawn, so that those of a new release are there as soon as it has some.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
   */
  search({ namespace, dimensions, metricName, where, statistic, label, atRight = false }: Search): WidgetMetric {
    const terms = pulumi
      .output(where)
      .apply((values) =>
        Object.entries({ MetricName: metricName, ...values }).map(([name, value]) => `${name}="${value}"`),
      );
    const schema = [namespace, ...dimensions].join(",");
    const found = terms.apply((all) => `{${schema}} ${all.join(" ")}`);
    return this.expression(
      pulumi.interpolate`SEARCH('${found}', '${statistic}', ${MINUTE_SECONDS})`,
      label,
      atRight ? "right" : "left",
    );
  }

  /** awsx's own expressions know no axis. */
  expression(expression: pulumi.Input<string>, label: string, yAxis: "left" | "right"): WidgetMetric {
    const drawn = { expression, label, id: undefined, yAxis };
    return { addWidgetJson: (metrics) => metrics.push([drawn]) };
  }
}

const SIZE = { width: WIDTH, height: HEIGHT };

const axis = (label: string) => ({ label, min: 0, showUnits: false });
