import type { RowWidget, Widget, WidgetMetric } from "@pulumi/awsx/classic/cloudwatch";
import type { Region } from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { METRICS } from "../../lib/contract";
import { DRIFT_METRICS, driftDimensions, monitoringScheduleName, RETRAIN_METRICS } from "../../lib/monitoring-names";
import type { CanaryWidgets, DashboardArgs, DriftWidgets, RetrainWidgets } from "./arguments";
import { Graphs, type Graph, type Search } from "./graphs";

/** What is drawn as the dashboard is opened. */
const START = "-PT6H";

/** The body of a dashboard, as JSON: three widgets in a row. */
export async function dashboardBody(
  args: DashboardArgs,
  region: pulumi.Output<string>,
): Promise<pulumi.Output<string>> {
  const awsx = await import("@pulumi/awsx/classic/cloudwatch/index.js");
  const widgets = new Widgets(args, new Graphs(awsx)).all();
  const rows: RowWidget[] = [];
  for (let at = 0; at < widgets.length; at += 3) {
    rows.push(new awsx.RowWidget(...widgets.slice(at, at + 3)));
  }
  const placed: Parameters<RowWidget["addWidgetJson"]>[0] = [];
  new awsx.ColumnWidget(...rows).addWidgetJson(placed, 0, 0, region.apply(asRegion));
  // Each graph keeps the period that suits it, however long the time is that somebody looks at.
  return pulumi.jsonStringify({ start: START, periodOverride: "inherit", widgets: placed });
}

/** awsx takes the regions that its version knows. */
function asRegion(name: string): Region {
  if (!isRegion(name)) {
    throw new Error(`${name} is not the name of a region`);
  }
  return name;
}

const isRegion = (name: string): name is Region => /^[a-z]{2}(-[a-z]+)+-\d+$/.test(name);

/** The widgets, from what callers meet to what watches the model. */
class Widgets {
  constructor(
    private readonly args: DashboardArgs,
    private readonly graphs: Graphs,
  ) {}

  all(): readonly Widget[] {
    const { rolloutAlarmArns = [], drift, retrain, canary, quality } = this.args;
    const { graphs } = this;
    return [
      ...this.ofFunctions(),
      ...this.ofEndpoints(),
      ...this.ofInstances(),
      this.trafficShare(),
      ...this.ofReleases(),
      ...(rolloutAlarmArns.length === 0 ? [] : [graphs.states("Alarms of the live release", rolloutAlarmArns)]),
      ...(drift === undefined ? [] : this.ofDrift(drift)),
      ...(quality === undefined ? [] : [graphs.ofAlarm("Quality: alarm", quality.alarmArn)]),
      ...(canary === undefined ? [] : this.ofCanary(canary)),
      ...(retrain === undefined ? [] : [this.ofRetraining(retrain)]),
    ];
  }

  private ofFunctions(): readonly Widget[] {
    const { functionName, hookNames = [] } = this.args;
    const graph = (
      title: string,
      metric: Pick<Graph, "unit"> & { name: string; statistic: "Sum" | "Average" },
      all: string,
    ) =>
      this.graphs.graph({
        title,
        unit: metric.unit,
        unitAtRight: `${metric.unit}, all`,
        metrics: [
          ...[functionName, ...hookNames].map((FunctionName, at) =>
            this.graphs.metric({
              namespace: "AWS/Lambda",
              name: metric.name,
              dimensions: { FunctionName },
              statistic: metric.statistic,
              label: FunctionName,
              id: `m${at}`,
            }),
          ),
          this.graphs.expression(all, metric.statistic === "Sum" ? "all" : "average", "right"),
        ],
      });
    return [
      graph("Functions: invocations", { name: "Invocations", statistic: "Sum", unit: "Count" }, "SUM(METRICS())"),
      graph("Functions: duration", { name: "Duration", statistic: "Average", unit: "Milliseconds" }, "AVG(METRICS())"),
      graph("Functions: errors", { name: "Errors", statistic: "Sum", unit: "Count" }, "SUM(METRICS())"),
    ];
  }

  private ofEndpoints(): readonly Widget[] {
    const of = (metricName: string, statistic: "Sum" | "Average", atRight = false) =>
      this.ofVariant("AWS/SageMaker", { metricName, statistic, atRight, label: `${metricName} ${ENDPOINT}` });
    return [
      this.graphs.graph({
        title: "Endpoints: invocations",
        unit: "Count",
        unitAtRight: "Count per instance",
        metrics: [of("Invocations", "Sum"), of("InvocationsPerInstance", "Sum", true)],
      }),
      this.graphs.graph({
        title: "Endpoints: latency",
        unit: "Microseconds",
        metrics: [of("ModelLatency", "Average"), of("OverheadLatency", "Average")],
      }),
      this.graphs.graph({
        title: "Endpoints: errors",
        unit: "Count",
        metrics: [of("Invocation4XXErrors", "Sum"), of("Invocation5XXErrors", "Sum")],
      }),
    ];
  }

  private ofInstances(): readonly Widget[] {
    const utilization = (metricName: string, title: string) =>
      this.graphs.graph({
        title: `Instances: ${title}`,
        unit: "Percent, of each CPU up to 100",
        metrics: [this.ofVariant("/aws/sagemaker/Endpoints", { metricName, statistic: "Average", label: ENDPOINT })],
      });
    return [
      utilization("CPUUtilization", "CPU"),
      utilization("MemoryUtilization", "memory"),
      utilization("DiskUtilization", "disk"),
    ];
  }

  private ofVariant(
    namespace: string,
    search: Pick<Search, "metricName" | "statistic" | "label" | "atRight">,
  ): WidgetMetric {
    const where = { VariantName: this.args.variantName };
    return this.graphs.search({ ...search, namespace, dimensions: ["EndpointName", "VariantName"], where });
  }

  private trafficShare(): Widget {
    return this.graphs.graph({
      title: "Traffic by release",
      unit: "Requests of callers",
      stacked: true,
      metrics: [this.ofRequests(METRICS.requests, "Sum", RELEASE)],
    });
  }

  private ofReleases(): readonly Widget[] {
    return [
      this.graphs.graph({
        title: "Faults of the model by release",
        unit: "Requests of callers",
        metrics: [this.ofRequests(METRICS.modelFaults, "Sum", RELEASE)],
      }),
    ];
  }

  /** Metrics of requests of callers. Those of probes have another `Source`. */
  private ofRequests(metricName: string, statistic: "Sum" | "Average", label: string): WidgetMetric {
    const where = { FunctionName: this.args.functionName, Source: "caller" };
    const dimensions = ["FunctionName", "Release", "Source"];
    return this.graphs.search({ namespace: METRICS.namespace, dimensions, metricName, where, statistic, label });
  }

  private ofDrift({
    monitorName,
    endpoint,
    alarmArn,
    features,
    threshold = 0.2,
    windowSeconds = 3600,
  }: DriftWidgets): readonly Widget[] {
    const scheduleOf = (monitor: string) =>
      endpoint === undefined ? monitor : monitoringScheduleName(monitor, endpoint.release);
    const distances = features.map((feature) =>
      this.graphs.metric({
        namespace: DRIFT_METRICS.namespace,
        name: `${DRIFT_METRICS.distancePrefix}${feature}`,
        dimensions: pulumi
          .all([monitorName, endpoint?.endpointName])
          .apply(([monitor, name]) => ({ ...driftDimensions(scheduleOf(monitor), name) })),
        statistic: "Maximum",
        period: windowSeconds,
        label: feature,
      }),
    );
    return [
      this.graphs.ofAlarm("Drift: alarm", alarmArn),
      this.graphs.graph({
        title: "Drift: distance from the training data",
        unit: "Distance, 0 to 1",
        metrics: distances,
        periodSeconds: windowSeconds,
        annotations: this.graphs.line(threshold, "drift"),
      }),
    ];
  }

  private ofCanary({ canaryName, alarmArn }: CanaryWidgets): readonly Widget[] {
    const metric = (name: string) =>
      this.graphs.metric({
        namespace: "CloudWatchSynthetics",
        name,
        dimensions: { CanaryName: canaryName },
        statistic: "Average",
        period: CANARY_SECONDS,
        label: name,
      });
    return [
      this.graphs.ofAlarm("Canary: alarm", alarmArn),
      this.graphs.graph({
        title: "Canary: duration",
        unit: "Milliseconds",
        periodSeconds: CANARY_SECONDS,
        metrics: [metric("Duration")],
      }),
    ];
  }

  private ofRetraining({ functionName }: RetrainWidgets): Widget {
    const decisions = (name: string, label: string) =>
      this.graphs.metric({
        namespace: RETRAIN_METRICS.namespace,
        name,
        dimensions: { FunctionName: functionName },
        statistic: "Sum",
        period: HOUR_SECONDS,
        label,
      });
    return this.graphs.graph({
      title: "Retraining: decisions",
      unit: "Count",
      periodSeconds: HOUR_SECONDS,
      metrics: [decisions(RETRAIN_METRICS.started, "started"), decisions(RETRAIN_METRICS.refused, "refused")],
    });
  }
}

const HOUR_SECONDS = 3600;
/** A canary runs every ten minutes. */
const CANARY_SECONDS = 600;

/** CloudWatch puts the value of a dimension into a label. */
const ENDPOINT = "${PROP('Dim.EndpointName')}";
const RELEASE = "${PROP('Dim.Release')}";
