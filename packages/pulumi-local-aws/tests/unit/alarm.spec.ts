import { expect } from "chai";
import { cloudWatch } from "local-aws/services/cloudwatch/index";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { Clock } from "local-aws/core/clock";
import { serve, type Served } from "local-aws/testing/serve";
import { type CallFailed, type Plugin, awsEnvironment, startPlugin, withEnvironment } from "./plugin";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

describe("the provider plugin makes an alarm on several metrics", () => {
  const clock = new Clock(1);
  let served: Served;
  let plugin: Plugin;
  let restore: () => void;

  before(async () => {
    served = await serve(cloudWatch(clock, LOCAL_ACCOUNT).service);
    restore = withEnvironment(awsEnvironment(served.endpoint));
    plugin = await startPlugin();
  });
  after(async () => {
    plugin.close();
    restore();
    clock.stop();
    await served.close();
  });

  const sum = (id: string, metricName: string) => ({
    id,
    metric: { metricName, namespace: "Test", period: 60, stat: "Sum", dimensions: { FunctionName: "f", Release: "r" } },
  });
  const rate = { id: "rate", expression: "100 * faults / requests", label: "Faults", returnData: true };
  const inputs = {
    name: "faults",
    comparisonOperator: "GreaterThanThreshold",
    evaluationPeriods: 1,
    threshold: 1,
    treatMissingData: "notBreaching",
    metricQueries: [rate, sum("faults", "ModelFaults"), sum("requests", "Requests")],
    __defaults: [],
  };

  it("that reads back as the program has it, in whatever order", async () => {
    const { id, outputs } = await plugin.create(ALARM, inputs);
    expect((await plugin.read(ALARM, id, inputs, outputs)).inputs).to.deep.equal(inputs);
    const turned = { ...inputs, metricQueries: inputs.metricQueries.toReversed() };
    expect((await plugin.diff(ALARM, inputs, turned, outputs)).some).to.equal(false);
    expect((await plugin.read(ALARM, id)).inputs).to.deep.include({ threshold: 1, name: "faults" });
  });

  it("whose change is an update", async () => {
    const [, faults, requests] = inputs.metricQueries;
    const news = { ...inputs, metricQueries: [{ ...rate, expression: "faults / requests" }, faults, requests] };
    expect((await plugin.diff(ALARM, inputs, news)).detail).to.deep.equal({ metricQueries: "UPDATE" });
    const outputs = await plugin.update(ALARM, "faults", inputs, news);
    expect(outputs.metricQueries).to.deep.equal(news.metricQueries);
  });

  it("which CloudWatch refuses where it is told of a single metric, too", async () => {
    const both = { ...inputs, name: "both", namespace: "Test" };
    const error = (await plugin.create(ALARM, both).catch((failed: unknown) => failed)) as CallFailed;
    expect(error.message).to.contain("Namespace cannot be specified together with Metrics");
  });

  it("or on a percentile of one", async () => {
    const percentile = {
      name: "latency",
      comparisonOperator: "GreaterThanThreshold",
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      metricName: "ModelLatency",
      namespace: "Test",
      period: 60,
      extendedStatistic: "p99",
      threshold: 3000,
      __defaults: [],
    };
    const { id, outputs } = await plugin.create(ALARM, percentile);
    expect((await plugin.read(ALARM, id, percentile, outputs)).inputs).to.deep.equal(percentile);
  });
});
