import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { dimensions, errorsAlarm, failure, Fixture } from "./fixture";

interface HistoryState {
  readonly stateValue: string;
  readonly stateReason: string;
  readonly stateReasonData: object;
}

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

describe("a CloudWatch alarm", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  it("is created with insufficient data", async () => {
    const slow = await Fixture.start(1);
    await slow.client.send(new PutMetricAlarmCommand(errorsAlarm));
    const { MetricAlarms: [created] = [] } = await slow.client.send(new DescribeAlarmsCommand({}));
    expect([created?.StateValue, created?.StateReason]).to.deep.equal([
      "INSUFFICIENT_DATA",
      "Unchecked: Initial alarm creation",
    ]);
    expect(created?.AlarmArn).to.equal("arn:aws:cloudwatch:us-east-1:123456789012:alarm:errors");
    expect([created?.ActionsEnabled, created?.Dimensions, created?.Statistic]).to.deep.equal([true, dimensions, "Sum"]);
    await slow.close();
  });

  it("goes from insufficient data to what its metric says", async () => {
    await fixture.client.send(new PutMetricAlarmCommand(errorsAlarm));
    const quiet = await fixture.stateBecomes("OK");
    expect(quiet.StateReason).to.equal(
      "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
    );
    fixture.putError(3);
    const ringing = await fixture.stateBecomes("ALARM");
    expect(ringing.StateReason).to.match(
      /^Threshold Crossed: 1 out of the last 1 datapoints \[3\.0 \([\d/]{8} [\d:]{8}\)\] was greater than the threshold \(0\.0\) \(minimum 1 datapoint for OK -> ALARM transition\)\.$/,
    );
    await fixture.stateBecomes("OK");
    const { AlarmHistoryItems } = await fixture.client.send(
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
    await fixture.client.send(new PutMetricAlarmCommand(errorsAlarm));
    await fixture.stateBecomes("OK");
    const fine = setInterval(() => fixture.putError(0), 10);
    await sleep(400);
    const late = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "mlops-nyctaxi-api" } };
    fixture.metrics.put([{ ...late, value: 1, unit: "Count", timestamp: new Date(Date.now() - 250) }]);
    const ringing = await fixture.stateBecomes("ALARM");
    const quiet = await fixture.stateBecomes("OK");
    clearInterval(fine);
    // By the alarm's own times: a busy machine may look at it late.
    const [began, ended] = [ringing, quiet].map((alarm) => alarm.StateTransitionedTimestamp?.getTime() ?? NaN);
    expect(ended! - began!).to.be.at.least(85);
  });

  it("does not fall silent for a value that is told late", async () => {
    await fixture.client.send(new PutMetricAlarmCommand({ ...errorsAlarm, TreatMissingData: "ignore" }));
    fixture.putError(1);
    await fixture.stateBecomes("ALARM");
    const late = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: "mlops-nyctaxi-api" } };
    fixture.metrics.put([{ ...late, value: 0, unit: "Count", timestamp: new Date(Date.now() - 350) }]);
    await sleep(150);
    expect((await fixture.alarm())?.StateValue).to.equal("ALARM");
  });

  it("rings only for exactly its dimensions", async () => {
    await fixture.client.send(new PutMetricAlarmCommand(errorsAlarm));
    await fixture.client.send(
      new PutMetricAlarmCommand({
        ...errorsAlarm,
        AlarmName: "version",
        Dimensions: [...dimensions, { Name: "ExecutedVersion", Value: "2" }],
      }),
    );
    fixture.putError(1, { FunctionName: "mlops-nyctaxi-api", ExecutedVersion: "2" });
    await fixture.stateBecomes("ALARM", "version");
    expect((await fixture.alarm())?.StateValue).to.not.equal("ALARM");
  });

  it("rings on a percentile", async () => {
    await fixture.client.send(
      new PutMetricAlarmCommand({
        ...errorsAlarm,
        AlarmName: "p90",
        Statistic: undefined,
        ExtendedStatistic: "p90",
        Threshold: 100,
      }),
    );
    await fixture.stateBecomes("OK", "p90");
    const values = [...Array<number>(8).fill(1), 500, 500];
    const timestamp = new Date();
    fixture.metrics.put(
      values.map((value) => ({
        namespace: "AWS/Lambda",
        name: "Errors",
        dimensions: { FunctionName: "mlops-nyctaxi-api" },
        value,
        timestamp,
      })),
    );
    await fixture.stateBecomes("ALARM", "p90");
  });

  it("rings on a rate of two metrics", async () => {
    const metric = (MetricName: string) => ({ Namespace: "Test", MetricName });
    await fixture.client.send(
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
    await fixture.stateBecomes("OK", "rate");
    const put = (name: string, value: number) =>
      fixture.metrics.put([{ namespace: "Test", name, dimensions: {}, value, timestamp: new Date() }]);
    put("Faults", 2);
    put("Requests", 100);
    await fixture.stateBecomes("ALARM", "rate");
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
    await fixture.client.send(new PutMetricAlarmCommand(definition));
    const put = (name: string, value: number) =>
      fixture.metrics.put([{ namespace: "Test", name, dimensions: {}, value }]);
    await fixture.stateBecomes("OK", "percent");
    put("Faults", 5);
    await sleep(250);
    const silent = await fixture.alarm("percent");
    expect([silent?.StateValue, silent?.StateReason]).to.deep.equal([
      "OK",
      "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].",
    ]);
    // Both at one moment, or a period may end between them.
    const fed = setInterval(() => {
      const at = { namespace: "Test", dimensions: {}, timestamp: new Date() };
      fixture.metrics.put([
        { ...at, name: "Faults", value: 1 },
        { ...at, name: "Requests", value: 20 },
      ]);
    }, 10);
    await fixture.stateBecomes("ALARM", "percent");
    clearInterval(fed);
    expect((await fixture.alarm("percent"))?.Metrics).to.deep.equal(Metrics);
    const { AlarmHistoryItems = [] } = await fixture.client.send(
      new DescribeAlarmHistoryCommand({ AlarmName: "percent", HistoryItemType: "StateUpdate", MaxRecords: 1 }),
    );
    const { newState } = JSON.parse(AlarmHistoryItems[0]?.HistoryData ?? "") as { newState: HistoryState };
    expect(newState.stateValue).to.equal("ALARM");
    expect(newState.stateReason).to.contain("[5.0 (");
    expect(newState.stateReasonData).to.deep.include({ period: 60, recentDatapoints: [5], threshold: 1 });
  });

  it("keeps a state that is set by hand for a minute, then is what its metric says again", async () => {
    await fixture.client.send(new PutMetricAlarmCommand(errorsAlarm));
    await fixture.stateBecomes("OK");
    const set = { AlarmName: "errors", StateValue: "ALARM", StateReason: "rehearsal" } as const;
    await fixture.client.send(new SetAlarmStateCommand(set));
    const start = Date.now();
    expect((await fixture.alarm())?.StateReason).to.equal("rehearsal");
    await fixture.stateBecomes("OK");
    expect(Date.now() - start).to.be.at.least(90);
  });

  it("keeps its state when its definition is replaced", async () => {
    const retaining = { ...errorsAlarm, TreatMissingData: "ignore" };
    await fixture.client.send(new PutMetricAlarmCommand(retaining));
    const set = { AlarmName: "errors", StateValue: "ALARM", StateReason: "rehearsal" } as const;
    await fixture.client.send(new SetAlarmStateCommand(set));
    await fixture.client.send(new PutMetricAlarmCommand({ ...retaining, Threshold: 5, MetricName: "Faults" }));
    const found = await fixture.alarm();
    expect([found?.StateValue, found?.Threshold, found?.MetricName]).to.deep.equal(["ALARM", 5, "Faults"]);
  });

  it("is found by name, prefix, state, metric and page by page", async () => {
    for (const AlarmName of ["a-1", "a-2", "b-1"]) {
      await fixture.client.send(new PutMetricAlarmCommand({ ...errorsAlarm, AlarmName, TreatMissingData: "ignore" }));
    }
    const set = { AlarmName: "a-2", StateValue: "ALARM", StateReason: "rehearsal" } as const;
    await fixture.client.send(new SetAlarmStateCommand(set));
    const names = async (input: object) =>
      (await fixture.client.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);
    expect(await names({ AlarmNames: ["b-1", "absent"] })).to.deep.equal(["b-1"]);
    expect(await names({ AlarmNamePrefix: "a-" })).to.deep.equal(["a-1", "a-2"]);
    expect(await names({ StateValue: "ALARM" })).to.deep.equal(["a-2"]);
    expect(await names({ AlarmTypes: ["CompositeAlarm"] })).to.deep.equal([]);
    const first = await fixture.client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
    expect(await names({ MaxRecords: 2, NextToken: first.NextToken })).to.deep.equal(["b-1"]);
    const metric = { Namespace: "AWS/Lambda", MetricName: "Errors" };
    const byMetric = async (input: object) =>
      (await fixture.client.send(new DescribeAlarmsForMetricCommand({ ...metric, ...input }))).MetricAlarms?.length;
    expect([await byMetric({ Dimensions: dimensions }), await byMetric({})]).to.deep.equal([3, 0]);
    await fixture.client.send(new DisableAlarmActionsCommand({ AlarmNames: ["a-1"] }));
    expect((await fixture.alarm("a-1"))?.ActionsEnabled).to.equal(false);
    await fixture.client.send(new DeleteAlarmsCommand({ AlarmNames: ["a-1", "absent"] }));
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
      expect(await failure(fixture.client.send(new PutMetricAlarmCommand({ ...errorsAlarm, ...change })))).to.contain(
        message,
      );
    });
  }
});
