import {
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { dimensions, failure, Fixture } from "./fixture";

describe("CloudWatch metrics", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  const lastHour = () => ({ StartTime: new Date(Date.now() - 5000), EndTime: new Date(Date.now() + 1000) });

  it("takes values, counts and statistic sets, and gives their statistics", async () => {
    const at = new Date(Math.floor(Date.now() / 100) * 100 - 1000);
    const metric = { MetricName: "Latency", Dimensions: dimensions, Timestamp: at, Unit: "Milliseconds" as const };
    const data = [
      { ...metric, Value: 10 },
      { ...metric, Values: [1, 5], Counts: [2, 1] },
      { ...metric, StatisticValues: { SampleCount: 4, Sum: 100, Minimum: 20, Maximum: 30 } },
    ];
    await fixture.client.send(new PutMetricDataCommand({ Namespace: "Test", MetricData: data }));
    const { Label, Datapoints } = await fixture.client.send(
      new GetMetricStatisticsCommand({
        Namespace: "Test",
        MetricName: "Latency",
        Dimensions: dimensions,
        Period: 60,
        Statistics: ["SampleCount", "Sum", "Average", "Minimum", "Maximum"],
        ...lastHour(),
      }),
    );
    expect(Label).to.equal("Latency");
    expect(Datapoints).to.deep.equal([
      { Timestamp: at, SampleCount: 8, Sum: 117, Average: 14.625, Minimum: 1, Maximum: 30, Unit: "Milliseconds" },
    ]);
  });

  it("gives percentiles, and a rate by metric math", async () => {
    const at = new Date(Math.floor(Date.now() / 100) * 100 - 1000);
    const put = (MetricName: string, Values: number[]) =>
      fixture.client.send(
        new PutMetricDataCommand({ Namespace: "Test", MetricData: [{ MetricName, Values, Timestamp: at }] }),
      );
    await put(
      "Latency",
      Array.from({ length: 100 }, (_, i) => i + 1),
    );
    await put("Faults", [1, 1]);
    const query = (MetricName: string, Stat: string) => ({
      MetricStat: { Metric: { Namespace: "Test", MetricName }, Period: 60, Stat },
    });
    const { MetricDataResults } = await fixture.client.send(
      new GetMetricDataCommand({
        MetricDataQueries: [
          { Id: "p", Label: "p99", ...query("Latency", "p99") },
          { Id: "n", ...query("Latency", "SampleCount"), ReturnData: false },
          { Id: "f", ...query("Faults", "Sum"), ReturnData: false },
          { Id: "rate", Expression: "100 * f / n" },
        ],
        ...lastHour(),
      }),
    );
    expect(MetricDataResults).to.deep.equal([
      { Id: "p", Label: "p99", Timestamps: [at], Values: [99], StatusCode: "Complete" },
      { Id: "rate", Label: "rate", Timestamps: [at], Values: [2], StatusCode: "Complete" },
    ]);
  });

  it("takes what the client compresses", async () => {
    const MetricData = Array.from({ length: 500 }, (_, i) => ({ MetricName: `Metric${i}`, Value: i }));
    await fixture.client.send(new PutMetricDataCommand({ Namespace: "Many", MetricData }));
    const { Metrics } = await fixture.client.send(new ListMetricsCommand({ Namespace: "Many" }));
    expect(Metrics).to.have.length(500);
  });

  it("lists metrics by namespace, name and dimensions", async () => {
    fixture.putError();
    fixture.putError(1, { FunctionName: "other", Resource: "other:live" });
    const list = async (input: object) =>
      (await fixture.client.send(new ListMetricsCommand(input))).Metrics?.map((metric) => metric.Dimensions?.length);
    expect(await list({ Namespace: "AWS/Lambda" })).to.deep.equal([1, 2]);
    expect(await list({ MetricName: "Errors", Dimensions: [{ Name: "Resource" }] })).to.deep.equal([2]);
    expect(await list({ Dimensions: dimensions })).to.deep.equal([1]);
    expect(await list({ Namespace: "AWS/SageMaker" })).to.deep.equal([]);
  });

  it("refuses a datum with two kinds of value, and an unknown unit's counts", async () => {
    const put = (datum: object) =>
      fixture.client.send(new PutMetricDataCommand({ Namespace: "Test", MetricData: [{ MetricName: "M", ...datum }] }));
    expect(await failure(put({ Value: 1, Values: [1] }))).to.contain(
      "exactly one of Value, Values and StatisticValues",
    );
    expect(await failure(put({ Values: [1], Counts: [1, 2] }))).to.contain("must be of the same size");
  });
});
