import { CreateLogGroupCommand, CreateLogStreamCommand, PutLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { jsonRpcService } from "../../core/json-rpc";
import type { MetricValue } from "../../core/local";
import { operation } from "../../core/operation";
import { cloudWatchLogs } from "../../services/cloudwatch/logs";
import { serve, type Served } from "../../testing/serve";

const EMF = JSON.stringify({
  _aws: { Timestamp: 0, CloudWatchMetrics: [{ Namespace: "N", Dimensions: [[]], Metrics: [{ Name: "Requests" }] }] },
  Requests: 1,
});

describe("The log sink", () => {
  let served: Served;
  let calls: string[];
  let metrics: MetricValue[];
  let errors: string[];
  const consoleError = console.error;

  const sink = (endpoint: string) =>
    cloudWatchLogs({
      metrics: { put: (values) => metrics.push(...values) },
      forward: { endpoint, account: LOCAL_ACCOUNT },
    });

  beforeEach(async () => {
    calls = [];
    metrics = [];
    errors = [];
    console.error = (text: string) => errors.push(text);
    served = await serve(
      jsonRpcService("CloudWatchLogs", [
        operation(CreateLogGroupCommand, ({ logGroupName }) => {
          calls.push(`group ${logGroupName}`);
          if (logGroupName === "/there") {
            throw new AwsError("ResourceAlreadyExistsException", "it is there");
          }
          return {};
        }),
        operation(CreateLogStreamCommand, ({ logGroupName, logStreamName }) => {
          calls.push(`stream ${logGroupName} ${logStreamName}`);
          return {};
        }),
        operation(PutLogEventsCommand, ({ logGroupName, logStreamName, logEvents }) => {
          calls.push(`put ${logGroupName} ${logStreamName} ${logEvents.map(({ message }) => message).join("|")}`);
          return {};
        }),
      ]),
    );
  });
  afterEach(async () => {
    console.error = consoleError;
    await served.close();
  });

  it("forwards lines in batches, to a group and stream that it creates once", async () => {
    const logs = sink(served.endpoint);
    logs.write("/a", "s", ["one", ""]);
    logs.write("/a", "s", ["two"]);
    await logs.flush();
    logs.write("/a", "s", ["three"]);
    await logs.flush();
    expect(calls).to.deep.equal(["group /a", "stream /a s", "put /a s one|two", "put /a s three"]);
  });

  it("uses a group that is there", async () => {
    const logs = sink(served.endpoint);
    logs.write("/there", "s", ["one"]);
    await logs.flush();
    expect(calls).to.deep.equal(["group /there", "stream /there s", "put /there s one"]);
    expect(errors).to.deep.equal([]);
  });

  it("reads metrics at once, and forwards their lines as any others", async () => {
    const logs = sink(served.endpoint);
    logs.write("/a", "s", ["text", EMF]);
    expect(metrics.map(({ name, value }) => [name, value])).to.deep.equal([["Requests", 1]]);
    await logs.flush();
    expect(calls.at(-1)).to.equal(`put /a s text|${EMF}`);
  });

  it("tells a failure once, keeps on reading metrics, and never fails the writer", async () => {
    const logs = sink("http://127.0.0.1:9");
    for (let i = 0; i < 3; i += 1) {
      logs.write("/a", `s${i}`, [EMF]);
    }
    await logs.flush();
    expect(metrics).to.have.length(3);
    expect(errors).to.have.length(1);
    expect(errors[0]).to.contain("log lines of /a could not be forwarded to CloudWatch Logs");
  });

  it("keeps the newest lines where more come than can wait", async () => {
    const logs = sink(served.endpoint);
    logs.write(
      "/a",
      "s",
      Array.from({ length: 50_003 }, (_, i) => String(i)),
    );
    await logs.flush();
    const lines = calls
      .filter((call) => call.startsWith("put"))
      .flatMap((call) => call.slice("put /a s ".length).split("|"));
    expect([lines.length, lines[0], lines.at(-1)]).to.deep.equal([50_000, "3", "50002"]);
    expect(errors).to.have.length(1);
  });
});
