import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListDashboardsCommand,
  ListMetricsCommand,
  ListTagsForResourceCommand,
  PutCompositeAlarmCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import type { MetricSink } from "../../core/local";
import { cloudWatch } from "../../services/cloudwatch";
import { serve, type Served } from "../../testing/serve";

interface HistoryState {
  readonly stateValue: string;
  readonly stateReason: string;
  readonly stateReasonData: object;
}

/** At this speed, CloudWatch's minute takes 100 ms. */
const SPEED = 600;
const dimensions = [{ Name: "FunctionName", Value: "mlops-nyctaxi-api" }];
const errorsAlarm: PutMetricAlarmCommandInput = {
  AlarmName: "errors",
  Namespace: "AWS/Lambda",
  MetricName: "Errors",
  Dimensions: dimensions,
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 0,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData: "notBreaching",
};

/** Takes the place of the metric of `errorsAlarm` by an expression over a metric of the id `id`. */
function onMetrics(expression: string, id: string): Partial<PutMetricAlarmCommandInput> {
  const nothing = { Namespace: undefined, MetricName: undefined, Dimensions: undefined, Statistic: undefined };
  const MetricStat = { Metric: { Namespace: "Test", MetricName: "M" }, Period: 60, Stat: "Sum" };
  const Metrics = [
    { Id: "e", Expression: expression },
    { Id: id, MetricStat, ReturnData: false },
  ];
  return { ...nothing, Period: undefined, Metrics };
}

describe("CloudWatch", () => {
  let clock: Clock;
  let served: Served;
  let client: CloudWatchClient;
  let metrics: MetricSink;

  beforeEach(async () => {
    clock = new Clock(SPEED);
    const made = cloudWatch(clock, LOCAL_ACCOUNT);
    metrics = made.metrics;
    served = await serve(made.service);
    client = new CloudWatchClient(served.client);
  });
  afterEach(async () => {
    clock.stop();
    client.destroy();
    await served.close();
  });

  const failure = async (call: Promise<unknown>) => {
    try {
      await call;
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
    return "no error";
  };
  const putError = (value = 1, by: Record<string, string> = { FunctionName: "mlops-nyctaxi-api" }) =>
    metrics.put([{ namespace: "AWS/Lambda", name: "Errors", dimensions: by, value, unit: "Count" }]);
  const alarm = async (name = "errors") =>
    (await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0];
  const stateBecomes = async (state: string, name = "errors") => {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const found = await alarm(name);
      if (found?.StateValue === state) {
        return found;
      }
      await sleep(5);
    }
    throw new Error(`alarm ${name} did not become ${state} but is ${(await alarm(name))?.StateValue ?? "gone"}`);
  };

  describe("metrics", () => {
    const lastHour = () => ({ StartTime: new Date(Date.now() - 5000), EndTime: new Date(Date.now() + 1000) });

    it("takes values, counts and statistic sets, and gives their statistics", async () => {
      const at = new Date(Math.floor(Date.now() / 100) * 100 - 1000);
      const metric = { MetricName: "Latency", Dimensions: dimensions, Timestamp: at, Unit: "Milliseconds" as const };
      const data = [
        { ...metric, Value: 10 },
        { ...metric, Values: [1, 5], Counts: [2, 1] },
        { ...metric, StatisticValues: { SampleCount: 4, Sum: 100, Minimum: 20, Maximum: 30 } },
      ];
      await client.send(new PutMetricDataCommand({ Namespace: "Test", MetricData: data }));
      const { Label, Datapoints } = await client.send(
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
        client.send(
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
      const { MetricDataResults } = await client.send(
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
      await client.send(new PutMetricDataCommand({ Namespace: "Many", MetricData }));
      const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: "Many" }));
      expect(Metrics).to.have.length(500);
    });

    it("lists metrics by namespace, name and dimensions", async () => {
      putError();
      putError(1, { FunctionName: "other", Resource: "other:live" });
      const list = async (input: object) =>
        (await client.send(new ListMetricsCommand(input))).Metrics?.map((metric) => metric.Dimensions?.length);
      expect(await list({ Namespace: "AWS/Lambda" })).to.deep.equal([1, 2]);
      expect(await list({ MetricName: "Errors", Dimensions: [{ Name: "Resource" }] })).to.deep.equal([2]);
      expect(await list({ Dimensions: dimensions })).to.deep.equal([1]);
      expect(await list({ Namespace: "AWS/SageMaker" })).to.deep.equal([]);
    });

    it("refuses a datum with two kinds of value, and an unknown unit's counts", async () => {
      const put = (datum: object) =>
        client.send(new PutMetricDataCommand({ Namespace: "Test", MetricData: [{ MetricName: "M", ...datum }] }));
      expect(await failure(put({ Value: 1, Values: [1] }))).to.contain(
        "exactly one of Value, Values and StatisticValues",
      );
      expect(await failure(put({ Values: [1], Counts: [1, 2] }))).to.contain("must be of the same size");
    });
  });

  describe("an alarm", () => {
    it("is created with insufficient data", async () => {
      const unhurried = new Clock(1);
      const slow = await serve(cloudWatch(unhurried, LOCAL_ACCOUNT).service);
      const slowClient = new CloudWatchClient(slow.client);
      await slowClient.send(new PutMetricAlarmCommand(errorsAlarm));
      const { MetricAlarms: [created] = [] } = await slowClient.send(new DescribeAlarmsCommand({}));
      expect([created?.StateValue, created?.StateReason]).to.deep.equal([
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
      ]);
      expect(created?.AlarmArn).to.equal("arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors");
      expect([created?.ActionsEnabled, created?.Dimensions, created?.Statistic]).to.deep.equal([
        true,
        dimensions,
        "Sum",
      ]);
      unhurried.stop();
      slowClient.destroy();
      await slow.close();
    });

    it("goes from insufficient data to what its metric says", async () => {
      await client.send(new PutMetricAlarmCommand(errorsAlarm));
      const quiet = await stateBecomes("OK");
      expect(quiet.StateReason).to.equal(
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
      );
      putError(3);
      const ringing = await stateBecomes("ALARM");
      expect(ringing.StateReason).to.match(
        /^Threshold Crossed: 1 out of the last 1 datapoints \[3\.0 \([\d/]{8} [\d:]{8}\)\] was greater than the threshold \(0\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
      );
      await stateBecomes("OK");
      const { AlarmHistoryItems } = await client.send(
        new DescribeAlarmHistoryCommand({ AlarmName: "errors", ScanBy: "TimestampAscending" }),
      );
      expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).to.deep.equal([
        'Alarm "errors" created',
        "Alarm updated from INSUFFICIENT_DATA to OK",
        "Alarm updated from OK to ALARM",
        "Alarm updated from ALARM to OK",
      ]);
    });

    it("rings for a breach that is told late, though newer values are fine, and for a minute at least", async () => {
      await client.send(new PutMetricAlarmCommand(errorsAlarm));
      await stateBecomes("OK");
      const fine = setInterval(() => putError(0), 10);
      await sleep(400);
      const late = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "mlops-nyctaxi-api" } };
      metrics.put([{ ...late, value: 1, unit: "Count", timestamp: new Date(Date.now() - 250) }]);
      await stateBecomes("ALARM");
      const start = Date.now();
      await stateBecomes("OK");
      clearInterval(fine);
      expect(Date.now() - start).to.be.at.least(85);
    });

    it("does not fall silent for a value that is told late", async () => {
      await client.send(new PutMetricAlarmCommand({ ...errorsAlarm, TreatMissingData: "ignore" }));
      putError(1);
      await stateBecomes("ALARM");
      const late = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "mlops-nyctaxi-api" } };
      metrics.put([{ ...late, value: 0, unit: "Count", timestamp: new Date(Date.now() - 350) }]);
      await sleep(150);
      expect((await alarm())?.StateValue).to.equal("ALARM");
    });

    it("rings only for exactly its dimensions", async () => {
      await client.send(new PutMetricAlarmCommand(errorsAlarm));
      await client.send(
        new PutMetricAlarmCommand({
          ...errorsAlarm,
          AlarmName: "version",
          Dimensions: [...dimensions, { Name: "ExecutedVersion", Value: "2" }],
        }),
      );
      putError(1, { FunctionName: "mlops-nyctaxi-api", ExecutedVersion: "2" });
      await stateBecomes("ALARM", "version");
      expect((await alarm())?.StateValue).to.not.equal("ALARM");
    });

    it("rings on a percentile", async () => {
      await client.send(
        new PutMetricAlarmCommand({
          ...errorsAlarm,
          AlarmName: "p90",
          Statistic: undefined,
          ExtendedStatistic: "p90",
          Threshold: 100,
        }),
      );
      await stateBecomes("OK", "p90");
      const values = [...Array<number>(8).fill(1), 500, 500];
      const timestamp = new Date();
      metrics.put(
        values.map((value) => ({
          namespace: "AWS/Lambda",
          name: "Errors",
          dimensions: { FunctionName: "mlops-nyctaxi-api" },
          value,
          timestamp,
        })),
      );
      await stateBecomes("ALARM", "p90");
    });

    it("rings on a rate of two metrics", async () => {
      const metric = (MetricName: string) => ({ Namespace: "Test", MetricName });
      await client.send(
        new PutMetricAlarmCommand({
          AlarmName: "rate",
          EvaluationPeriods: 1,
          Threshold: 1,
          ComparisonOperator: "GreaterThanThreshold",
          TreatMissingData: "notBreaching",
          Metrics: [
            { Id: "f", MetricStat: { Metric: metric("Faults"), Period: 60, Stat: "Sum" }, ReturnData: false },
            { Id: "n", MetricStat: { Metric: metric("Requests"), Period: 60, Stat: "Sum" }, ReturnData: false },
            { Id: "rate", Expression: "IF(n >= 20, 100 * f / n, 0)" },
          ],
        }),
      );
      await stateBecomes("OK", "rate");
      const put = (name: string, value: number) =>
        metrics.put([{ namespace: "Test", name, dimensions: {}, value, timestamp: new Date() }]);
      put("Faults", 2);
      put("Requests", 100);
      await stateBecomes("ALARM", "rate");
    });

    it("on a percentage tells in its history what made it ring, and has no value where one side has none", async () => {
      const metric = (MetricName: string) => ({
        MetricStat: { Metric: { Namespace: "Test", MetricName }, Period: 60, Stat: "Sum" },
      });
      const Metrics = [
        { Id: "percent", Expression: "100 * faults / requests", ReturnData: true },
        { Id: "faults", ...metric("Faults"), ReturnData: false },
        { Id: "requests", ...metric("Requests"), ReturnData: false },
      ];
      const rest = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanThreshold" } as const;
      const definition = { AlarmName: "percent", ...rest, TreatMissingData: "notBreaching", Metrics };
      await client.send(new PutMetricAlarmCommand(definition));
      const put = (name: string, value: number) => metrics.put([{ namespace: "Test", name, dimensions: {}, value }]);
      await stateBecomes("OK", "percent");
      put("Faults", 5);
      await sleep(250);
      const silent = await alarm("percent");
      expect([silent?.StateValue, silent?.StateReason]).to.deep.equal([
        "OK",
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
      ]);
      const fed = setInterval(() => {
        put("Faults", 1);
        put("Requests", 20);
      }, 10);
      await stateBecomes("ALARM", "percent");
      clearInterval(fed);
      expect((await alarm("percent"))?.Metrics).to.deep.equal(Metrics);
      const { AlarmHistoryItems = [] } = await client.send(
        new DescribeAlarmHistoryCommand({ AlarmName: "percent", HistoryItemType: "StateUpdate", MaxRecords: 1 }),
      );
      const { newState } = JSON.parse(AlarmHistoryItems[0]?.HistoryData ?? "") as { newState: HistoryState };
      expect(newState.stateValue).to.equal("ALARM");
      expect(newState.stateReason).to.contain("[5.0 (");
      expect(newState.stateReasonData).to.deep.include({ period: 60, recentDatapoints: [5], threshold: 1 });
    });

    it("keeps a state that is set by hand for a minute, then is what its metric says again", async () => {
      await client.send(new PutMetricAlarmCommand(errorsAlarm));
      await stateBecomes("OK");
      const set = { AlarmName: "errors", StateValue: "ALARM", StateReason: "rehearsal" } as const;
      await client.send(new SetAlarmStateCommand(set));
      const start = Date.now();
      expect((await alarm())?.StateReason).to.equal("rehearsal");
      await stateBecomes("OK");
      expect(Date.now() - start).to.be.at.least(90);
    });

    it("keeps its state when its definition is replaced", async () => {
      const retaining = { ...errorsAlarm, TreatMissingData: "ignore" };
      await client.send(new PutMetricAlarmCommand(retaining));
      const set = { AlarmName: "errors", StateValue: "ALARM", StateReason: "rehearsal" } as const;
      await client.send(new SetAlarmStateCommand(set));
      await client.send(new PutMetricAlarmCommand({ ...retaining, Threshold: 5, MetricName: "Faults" }));
      const found = await alarm();
      expect([found?.StateValue, found?.Threshold, found?.MetricName]).to.deep.equal(["ALARM", 5, "Faults"]);
    });

    it("is found by name, prefix, state, metric and page by page", async () => {
      for (const AlarmName of ["a-1", "a-2", "b-1"]) {
        await client.send(new PutMetricAlarmCommand({ ...errorsAlarm, AlarmName, TreatMissingData: "ignore" }));
      }
      const set = { AlarmName: "a-2", StateValue: "ALARM", StateReason: "rehearsal" } as const;
      await client.send(new SetAlarmStateCommand(set));
      const names = async (input: object) =>
        (await client.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);
      expect(await names({ AlarmNames: ["b-1", "absent"] })).to.deep.equal(["b-1"]);
      expect(await names({ AlarmNamePrefix: "a-" })).to.deep.equal(["a-1", "a-2"]);
      expect(await names({ StateValue: "ALARM" })).to.deep.equal(["a-2"]);
      expect(await names({ AlarmTypes: ["CompositeAlarm"] })).to.deep.equal([]);
      const first = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
      expect(await names({ MaxRecords: 2, NextToken: first.NextToken })).to.deep.equal(["b-1"]);
      const metric = { Namespace: "AWS/Lambda", MetricName: "Errors" };
      const byMetric = async (input: object) =>
        (await client.send(new DescribeAlarmsForMetricCommand({ ...metric, ...input }))).MetricAlarms?.length;
      expect([await byMetric({ Dimensions: dimensions }), await byMetric({})]).to.deep.equal([3, 0]);
      await client.send(new DisableAlarmActionsCommand({ AlarmNames: ["a-1"] }));
      expect((await alarm("a-1"))?.ActionsEnabled).to.equal(false);
      await client.send(new DeleteAlarmsCommand({ AlarmNames: ["a-1", "absent"] }));
      expect(await names({})).to.deep.equal(["a-2", "b-1"]);
    });

    const refused: readonly (readonly [Partial<PutMetricAlarmCommandInput>, string])[] = [
      [{ DatapointsToAlarm: 2 }, "DatapointsToAlarm must be less than or equal to EvaluationPeriods, got 2 of 1."],
      [{ Period: 45 }, "Period must be 10, 20, 30 or a multiple of 60, got 45."],
      [{ EvaluationPeriods: 1441 }, "Metrics cannot be checked across more than a day"],
      [{ TreatMissingData: "good" }, "Option good is not supported for TreatMissingData parameter."],
      [{ ExtendedStatistic: "p99" }, "Exactly one of Statistic and ExtendedStatistic must be specified."],
      [{ Threshold: undefined }, "Threshold and EvaluationPeriods are required."],
      [{ Dimensions: [...dimensions, ...dimensions] }, "No two dimensions can have the same name."],
      [{ Metrics: [{ Id: "m", Expression: "1" }] }, "MetricName cannot be specified together with Metrics."],
      [onMetrics("a / b", "a"), "Error in expression 'e': 'b' is not the Id of a query."],
      [onMetrics("e + 1", "a"), "Error in expression 'e': it depends on itself."],
      [{ ThresholdMetricId: "ad1" }, "NotImplemented: CloudWatch.PutMetricAlarm with ThresholdMetricId"],
    ];
    for (const [change, message] of refused) {
      it(`is refused with ${JSON.stringify(change)}`, async () => {
        expect(await failure(client.send(new PutMetricAlarmCommand({ ...errorsAlarm, ...change })))).to.contain(
          message,
        );
      });
    }

    it("that does not exist cannot be set", async () => {
      const set = { AlarmName: "absent", StateValue: "OK", StateReason: "" } as const;
      expect(await failure(client.send(new SetAlarmStateCommand(set)))).to.contain("Alarm absent does not exist");
    });
  });

  describe("dashboards and tags", () => {
    const body = JSON.stringify({ widgets: [{ type: "text", width: 6, properties: { markdown: "hello" } }] });

    it("keeps dashboards", async () => {
      await client.send(new PutDashboardCommand({ DashboardName: "mlops", DashboardBody: body }));
      const found = await client.send(new GetDashboardCommand({ DashboardName: "mlops" }));
      expect(found.DashboardBody).to.equal(body);
      expect(found.DashboardArn).to.equal("arn:aws:cloudwatch::123456789012:dashboard/mlops");
      const { DashboardEntries } = await client.send(new ListDashboardsCommand({ DashboardNamePrefix: "ml" }));
      expect(DashboardEntries?.map(({ DashboardName, Size }) => [DashboardName, Size])).to.deep.equal([
        ["mlops", body.length],
      ]);
      await client.send(new DeleteDashboardsCommand({ DashboardNames: ["mlops"] }));
      expect(await failure(client.send(new GetDashboardCommand({ DashboardName: "mlops" })))).to.equal(
        "ResourceNotFound: Dashboard mlops does not exist",
      );
    });

    it("refuses a body that is no JSON or has no widgets, saying where", async () => {
      const put = (DashboardBody: string) =>
        client.send(new PutDashboardCommand({ DashboardName: "d", DashboardBody }));
      expect(await failure(put("{"))).to.contain("DashboardInvalidInputError");
      expect(await failure(put('{"widgets":[{"type":"text"}]}'))).to.contain("/widgets/0/properties");
    });

    it("keeps tags of alarms and dashboards", async () => {
      await client.send(new PutMetricAlarmCommand({ ...errorsAlarm, Tags: [{ Key: "release", Value: "r1" }] }));
      const ResourceARN = (await alarm())?.AlarmArn;
      await client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: "team", Value: "ml" }] }));
      await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ["release"] }));
      const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
      expect(Tags).to.deep.equal([{ Key: "team", Value: "ml" }]);
      const absent = client.send(new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN ?? ""}-absent` }));
      expect(await failure(absent)).to.contain("ResourceNotFoundException");
    });
  });

  it("names what it does not have", async () => {
    const composite = client.send(new PutCompositeAlarmCommand({ AlarmName: "c", AlarmRule: "ALARM(errors)" }));
    expect(await failure(composite)).to.contain("NotImplemented: CloudWatch.PutCompositeAlarm");
  });
});
