import { GetDashboardCommand, PutDashboardCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { failure, Fixture } from "./fixture";

describe("a CloudWatch dashboard", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  const put = (body: unknown) =>
    fixture.client.send(new PutDashboardCommand({ DashboardName: "d", DashboardBody: JSON.stringify(body) }));
  /** Puts a widget with these properties. */
  const putWidget = (properties: unknown, rest = {}) =>
    put({ widgets: [{ type: "metric", x: 0, y: 0, width: 8, height: 6, ...rest, properties }] });
  /** The problems of a body, `<path>: <message>` each. */
  const problems = async (call: Promise<unknown>) => {
    const message = await failure(call);
    expect(message).to.match(
      /^DashboardInvalidInputError: The dashboard body is invalid, there are \d+ validation errors:\n/,
    );
    const list = JSON.parse(message.slice(message.indexOf("\n"))) as { dataPath: string; message: string }[];
    return list.map((one) => `${one.dataPath}: ${one.message}`);
  };
  const ERRORS = ["AWS/Lambda", "Errors", "FunctionName", "api"];

  it("keeps a body with widgets of each kind as it was put", async () => {
    const body = {
      start: "-PT6H",
      periodOverride: "inherit",
      widgets: [
        {
          type: "metric",
          x: 0,
          y: 0,
          width: 24,
          height: 6,
          properties: {
            region: "us-east-1",
            title: "Errors",
            view: "timeSeries",
            stacked: false,
            stat: "Sum",
            period: 60,
            yAxis: { left: { min: 0, label: "Count", showUnits: false } },
            metrics: [
              [...ERRORS, { id: "m1", color: "#d62728" }],
              ["...", "other", { yAxis: "right", visible: false }],
              [".", "Duration", ".", "."],
              [{ expression: "SUM(METRICS())", label: "all", id: "e1" }],
            ],
            annotations: {
              horizontal: [{ value: 3, label: "limit", fill: "above" }, [{ value: 1 }, { value: 2 }]],
              vertical: [{ value: "2026-11-30T08:00:00Z", label: "release" }],
            },
          },
        },
        { type: "metric", properties: { annotations: { alarms: ["arn:aws:cloudwatch:us-east-1:1:alarm:a"] } } },
        { type: "text", properties: { markdown: "# hello" } },
        { type: "log", properties: { region: "us-east-1", query: "SOURCE 'a' | fields @message" } },
        { type: "alarm", properties: { alarms: ["arn:aws:cloudwatch:us-east-1:1:alarm:a"], sortBy: "timestamp" } },
      ],
    };
    expect((await put(body)).DashboardValidationMessages).to.deep.equal([]);
    const { DashboardBody = "" } = await fixture.client.send(new GetDashboardCommand({ DashboardName: "d" }));
    expect(JSON.parse(DashboardBody)).to.deep.equal(body);
  });

  it("is refused where its body is no JSON", async () => {
    const call = fixture.client.send(new PutDashboardCommand({ DashboardName: "d", DashboardBody: "{" }));
    expect(await failure(call)).to.match(
      /^DashboardInvalidInputError: The field DashboardBody must be a valid JSON object/,
    );
  });

  it("is refused with everything that is wrong with the places of its widgets", async () => {
    expect(await problems(put({}))).to.deep.equal(["/: Should have required property 'widgets'"]);
    const widgets = [
      { type: "metric", x: 24, y: -1, width: 25, height: 0, properties: { region: "r", metrics: [ERRORS] } },
      { type: "text" },
      { type: "tex", properties: {} },
    ];
    expect(await problems(put({ widgets }))).to.deep.equal([
      "/widgets/0/height: Should be >= 1",
      "/widgets/0/width: Should be <= 24",
      "/widgets/0/x: Should be <= 23",
      "/widgets/0/y: Should be >= 0",
      "/widgets/1: Should have required property 'properties'",
      "/widgets/2/type: Should be equal to one of the allowed values: metric, text, log, alarm",
    ]);
  });

  it("is refused where a metric cannot be read, in AWS's words", async () => {
    const metrics = [
      "AWS/Lambda",
      ["AWS/Lambda", "Errors", { stat: "Sum" }, { FunctionName: "api" }],
      ["AWS/Lambda", "Errors", { FunctionName: "api" }],
      ["AWS/Lambda", "Errors", "FunctionName", ""],
      ["AWS/Lambda", "Errors", "FunctionName"],
    ];
    const at = "/widgets/0/properties/metrics";
    expect(await problems(putWidget({ region: "r", metrics }))).to.deep.equal([
      `${at}/0: Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as last element`,
    ]);
    expect(await problems(putWidget({ region: "r", metrics: metrics.slice(1) }))).to.deep.equal([
      `${at}/0/3: The "FunctionName" property is not one that a metric is drawn by`,
      `${at}/0/2: Invalid metric field type, only "String" type is allowed`,
      `${at}/1/2: The "FunctionName" property is not one that a metric is drawn by`,
      `${at}/2/3: Invalid metric field type, only "String" type is allowed`,
      `${at}/3: Should be a namespace, a name, and pairs of a dimension and its value, got ["AWS/Lambda","Errors","FunctionName"]`,
    ]);
  });

  it("is refused where an abbreviation of a metric stands for nothing, or two have one id", async () => {
    const metrics = [
      ["...", "api"],
      [".", "Errors"],
      ["A", "B", { id: "m" }],
      [".", "C", ".", "."],
      [".", "C", { id: "m" }],
    ];
    const at = "/widgets/0/properties/metrics";
    expect(await problems(putWidget({ region: "r", metrics }))).to.deep.equal([
      `${at}/0: ["...","api"] refers to more than the metric before it has`,
      `${at}/1: [".","Errors"] refers to more than the metric before it has`,
      `${at}/3: [".","C",".","."] refers to more than the metric before it has`,
      `${at}/4/2/id: The id "m" is used by more than one metric`,
    ]);
  });

  it("is refused where a graph has no source, no region, or annotations that cannot be drawn", async () => {
    const source =
      "/widgets/0/properties: The metric widget should have specified a region and a data source or an alarm annotation";
    expect(await problems(putWidget({ region: "r" }))).to.deep.equal([source]);
    expect(await problems(putWidget({ metrics: [ERRORS] }))).to.deep.equal([source]);
    const annotations = {
      horizontal: [{ value: "1", fill: "over" }, [{ value: 1 }, {}]],
      vertical: [{ value: "noon" }],
    };
    const graph = { region: "r", metrics: [[...ERRORS, { color: "red" }]], period: 7, annotations };
    expect(await problems(putWidget(graph))).to.deep.equal([
      "/widgets/0/properties/annotations/horizontal/0/value: Should be number",
      "/widgets/0/properties/annotations/horizontal/0/fill: Should be equal to one of the allowed values: above, below, between, none",
      "/widgets/0/properties/annotations/horizontal/1/1: Should have required property 'value'",
      "/widgets/0/properties/annotations/vertical/0/value: Should be a time of ISO 8601",
      "/widgets/0/properties/metrics/0/4/color: Should be a color of six hexadecimal digits, such as #d62728",
      "/widgets/0/properties/period: Should be 1, 5, 10, 30, or a multiple of 60",
    ]);
  });

  it("warns of what it does not know, and keeps the rest", async () => {
    const { DashboardValidationMessages } = await putWidget({ region: "r", metrics: [ERRORS], colour: 1 }, { z: 1 });
    const ignored = (name: string) =>
      `The "${name}" property is not expected to be part of a widget definition, will be ignored`;
    expect(DashboardValidationMessages).to.deep.equal([
      { DataPath: "/widgets/0/properties", Message: ignored("colour") },
      { DataPath: "/widgets/0", Message: ignored("z") },
    ]);
    await fixture.client.send(new GetDashboardCommand({ DashboardName: "d" }));
  });

  it("names what AWS has and this one has not", async () => {
    expect(await failure(put({ widgets: [{ type: "explorer", properties: {} }] }))).to.contain(
      "a widget of type explorer",
    );
    expect(await failure(put({ widgets: [], variables: [] }))).to.contain("PutDashboard with variables");
  });
});
