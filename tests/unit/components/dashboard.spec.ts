import { expect } from "chai";
import { checkBody } from "local-aws/services/cloudwatch/dashboard-body";
import { Dashboard, type DashboardArgs } from "../../../components";
import { record, valueOf } from "../../support/recorder";

const alarm = (name: string) => `arn:aws:cloudwatch:eu-west-1:123456789012:alarm:${name}`;
const ofModel = (model: string): DashboardArgs => ({
  dashboardName: `mlops-${model}`,
  functionName: `mlops-${model}-api`,
  hookNames: [`CodeDeployHook_mlops-${model}-api-pre-traffic`, `CodeDeployHook_mlops-${model}-api-post-traffic`],
  variantName: `prd-mlops-${model}`,
});
const bare = ofModel("nyctaxi");
const full: DashboardArgs = {
  ...bare,
  rolloutAlarmArns: [alarm("model-faults"), alarm("alias-errors")],
  drift: {
    monitorName: "mlops-nyctaxi-pms",
    alarmArn: alarm("mlops-nyctaxi-drift"),
    features: ["total_amount", "trip_distance"],
  },
  retrain: { functionName: "mlops-nyctaxi-pipeline-retrain" },
  canary: { canaryName: "mlops-nyctaxi", alarmArn: alarm("mlops-nyctaxi-canary") },
  quality: { alarmArn: alarm("mlops-nyctaxi-quality") },
};

interface Widget {
  readonly type: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly properties: {
    readonly title: string;
    readonly region?: string;
    readonly period?: number;
    readonly stacked?: boolean;
    readonly alarms?: string[];
    readonly metrics?: unknown[][];
    readonly annotations?: { readonly alarms?: string[]; readonly horizontal?: unknown[] };
    readonly yAxis?: Readonly<Record<"left" | "right", { readonly label: string }>>;
  };
}

async function bodyOf(args: DashboardArgs) {
  const { find, result } = await record(() => new Dashboard("dashboard", args));
  const { inputs } = find("aws:cloudwatch/dashboard:Dashboard");
  const body = JSON.parse(inputs.dashboardBody as string) as { readonly widgets: readonly Widget[] };
  const titled = (title: string) => body.widgets.find(({ properties }) => properties.title === title)!.properties;
  return { body, inputs, result, titled };
}
const refusal = (over: object) =>
  record(() => new Dashboard("dashboard", { ...full, ...over })).then(
    () => "nothing was refused",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe("Dashboard", () => {
  it("has three widgets in a row, from what callers meet to what watches the model", async () => {
    const { body } = await bodyOf(full);
    const rows = [...new Set(body.widgets.map(({ y }) => y))].map((y) =>
      body.widgets.filter((widget) => widget.y === y).map(({ properties }) => properties.title),
    );

    expect(rows).to.deep.equal([
      ["Functions: invocations", "Functions: duration", "Functions: errors"],
      ["Endpoints: invocations", "Endpoints: latency", "Endpoints: errors"],
      ["Instances: CPU", "Instances: memory", "Instances: disk"],
      ["Traffic by release", "Faults of the model by release", "Alarms of the live release"],
      ["Drift: alarm", "Drift: distance from the training data", "Quality: alarm"],
      ["Canary: alarm", "Canary: duration", "Retraining: decisions"],
    ]);
    expect(body.widgets.map(({ x, width }) => `${x} ${width}`)).to.deep.equal(
      Array.from({ length: 6 }, () => ["0 8", "8 8", "16 8"]).flat(),
    );
  });

  it("is accepted by CloudWatch without a warning, whatever of it there is", async () => {
    const parts = ["rolloutAlarmArns", "drift", "retrain", "canary", "quality"] as const;
    for (const args of [full, bare, ...parts.map((part) => ({ ...bare, [part]: full[part] }))]) {
      const { body } = await bodyOf(args);
      expect(checkBody(body), JSON.stringify(body)).to.deep.equal({ problems: [], warnings: [] });
    }
  });

  it("has for each graph a title, a region, a period and the units of its axes", async () => {
    const { body } = await bodyOf(full);
    const graphs = body.widgets.filter(({ properties }) => properties.metrics !== undefined);

    expect(graphs).to.have.length(14);
    for (const { properties } of graphs) {
      expect(properties.region).to.equal("us-east-1");
      expect(properties.period! % 60).to.equal(0);
      expect(properties.yAxis?.left.label, properties.title).to.match(/\w+/);
      const atRight = properties.metrics!.some((row) => (row.at(-1) as { yAxis?: string }).yAxis === "right");
      expect(properties.yAxis?.right !== undefined, properties.title).to.equal(atRight);
    }
  });

  it("draws the function and its hooks by their names, and all of them together", async () => {
    const { titled } = await bodyOf(bare);
    const names = [bare.functionName, ...bare.hookNames!];

    for (const [title, metric, stat, all] of [
      ["Functions: invocations", "Invocations", "Sum", "SUM(METRICS())"],
      ["Functions: duration", "Duration", "Average", "AVG(METRICS())"],
      ["Functions: errors", "Errors", "Sum", "SUM(METRICS())"],
    ] as const) {
      const { metrics = [] } = titled(title);
      expect(metrics.slice(0, 3).map((row) => row.slice(0, 4))).to.deep.equal(
        names.map((name) => ["AWS/Lambda", metric, "FunctionName", name]),
      );
      expect(metrics.slice(0, 3).map((row) => (row[4] as { stat: string }).stat)).to.deep.equal([stat, stat, stat]);
      expect(metrics[3]).to.deep.equal([
        { expression: all, label: stat === "Sum" ? "all" : "average", yAxis: "right" },
      ]);
    }
  });

  it("looks for endpoints, instances and releases by what all releases have in common", async () => {
    const { titled } = await bodyOf(bare);
    const expressions = (title: string) =>
      titled(title).metrics!.map(([row]) => (row as { readonly expression: string }).expression);
    const search = (namespace: string, metric: string, statistic: string) =>
      `SEARCH('{${namespace},EndpointName,VariantName} MetricName="${metric}" VariantName="prd-mlops-nyctaxi"', '${statistic}', 60)`;
    const ofCallers = (metric: string) =>
      `SEARCH('{SageMakerSafeDeploy,FunctionName,Release,Source} MetricName="${metric}" FunctionName="mlops-nyctaxi-api" Source="caller"', 'Sum', 60)`;

    expect(expressions("Endpoints: latency")).to.deep.equal([
      search("AWS/SageMaker", "ModelLatency", "Average"),
      search("AWS/SageMaker", "OverheadLatency", "Average"),
    ]);
    expect(expressions("Instances: memory")).to.deep.equal([
      search("/aws/sagemaker/Endpoints", "MemoryUtilization", "Average"),
    ]);
    expect(expressions("Traffic by release")).to.deep.equal([ofCallers("Requests")]);
    expect(titled("Traffic by release").stacked).to.equal(true);
    expect(expressions("Faults of the model by release")).to.deep.equal([ofCallers("ModelFaults")]);
  });

  it("draws drift as Model Monitor tells it of an endpoint", async () => {
    const endpoint = { endpointName: "mlops-nyctaxi-prd-r1", release: "r1" };
    const { titled } = await bodyOf({ ...full, drift: { ...full.drift!, endpoint } });
    const [row = []] = titled("Drift: distance from the training data").metrics ?? [];

    expect(row.slice(2, -1)).to.have.members([
      "MonitoringSchedule",
      "mlops-nyctaxi-pms-r1",
      "Endpoint",
      "mlops-nyctaxi-prd-r1",
    ]);
  });

  it("draws drift, retrainings and the canary by the metrics that these write, and what their alarms watch", async () => {
    const { titled } = await bodyOf({ ...full, drift: { ...full.drift!, threshold: 0.3, windowSeconds: 7200 } });
    const drift = titled("Drift: distance from the training data");
    const rows = ({ metrics = [] }: Widget["properties"]) => metrics.map((row) => row.slice(0, -1));
    const DISTANCE = "aws/sagemaker/Endpoints/data-metrics feature_baseline_drift";

    expect(rows(drift).map((row) => row.join(" "))).to.deep.equal([
      `${DISTANCE}_total_amount MonitoringSchedule mlops-nyctaxi-pms`,
      `${DISTANCE}_trip_distance MonitoringSchedule mlops-nyctaxi-pms`,
    ]);
    expect(drift.period).to.equal(7200);
    expect(drift.annotations?.horizontal).to.deep.equal([{ label: "drift", value: 0.3 }]);
    expect(rows(titled("Retraining: decisions"))).to.deep.equal([
      ["SageMakerSafeDeploy", "RetrainingsStarted", "FunctionName", "mlops-nyctaxi-pipeline-retrain"],
      ["SageMakerSafeDeploy", "RetrainingsRefused", "FunctionName", "mlops-nyctaxi-pipeline-retrain"],
    ]);
    expect(rows(titled("Canary: duration"))).to.deep.equal([
      ["CloudWatchSynthetics", "Duration", "CanaryName", "mlops-nyctaxi"],
    ]);
    for (const watcher of ["drift", "canary", "quality"] as const) {
      const title = `${watcher[0]!.toUpperCase()}${watcher.slice(1)}: alarm`;
      expect(titled(title).annotations?.alarms).to.deep.equal([alarm(`mlops-nyctaxi-${watcher}`)]);
    }
    expect(titled("Alarms of the live release").alarms).to.deep.equal(full.rolloutAlarmArns);
  });

  it("is of its own model and of no other", async () => {
    const { body, inputs } = await bodyOf(ofModel("churn"));

    expect(inputs.dashboardName).to.equal("mlops-churn");
    expect(JSON.stringify(body)).not.to.contain("nyctaxi");
    expect(JSON.stringify(body)).to.contain("CodeDeployHook_mlops-churn-api-pre-traffic");
  });

  it("tells its name and where it is, and can be changed", async () => {
    const { result } = await bodyOf(full);
    expect(await valueOf(result.dashboardName)).to.equal("mlops-nyctaxi");
    expect(await valueOf(result.url)).to.equal(
      "https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#dashboards:name=mlops-nyctaxi",
    );

    const { body } = await bodyOf({ ...full, transform: { dashboard: { dashboardBody: '{"widgets":[]}' } } });
    expect(body.widgets).to.deep.equal([]);
  });

  it("refuses everything that is wrong with its arguments at once", async () => {
    const drift = { ...full.drift, features: [], threshold: 2, windowSeconds: 90, alarmARN: "a" };
    const message = await refusal({ dashboardName: "a b", hooknames: [], drift, canary: { canaryNam: "c" } });

    for (const problem of [
      "hooknames is not an argument: did you mean hookNames?",
      "drift.alarmARN is not an argument: did you mean drift.alarmArn?",
      "canary.canaryNam is not an argument: did you mean canary.canaryName?",
      'dashboardName must be 1 to 255 letters, digits, hyphens and underscores, got "a b"',
      "the number of drift.features must be a whole number from 1 to 100, got 0",
      "drift.threshold must be above 0 and below 1, got 2",
      "drift.windowSeconds must be whole minutes, got 90",
    ]) {
      expect(message).to.contain(problem);
    }
  });
});
