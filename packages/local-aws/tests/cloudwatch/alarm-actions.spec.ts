import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DisableAlarmActionsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { AddPermissionCommand, CreateFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { strToU8, zipSync } from "fflate";
import { testPython } from "pulumi-engine/testing/python";
import { clientConfig } from "../../core/local";
import { startLocalAws, type LocalAws } from "../../server";
import { inbox, type Inbox } from "../../testing/inbox";
import { openRole } from "../../testing/role";
import { rejection, silenced, until } from "../core/support";

const ALARM: PutMetricAlarmCommandInput = {
  AlarmName: "errors",
  Namespace: "Test",
  MetricName: "Errors",
  Dimensions: [{ Name: "FunctionName", Value: "api" }],
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  TreatMissingData: "notBreaching",
};

describe("an alarm's actions", function () {
  this.timeout(60_000);
  let aws: LocalAws;
  let cloudwatch: CloudWatchClient;
  let box: Inbox;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600, region: "eu-west-1" });
    cloudwatch = new CloudWatchClient({ ...clientConfig(aws), maxAttempts: 1 });
    box = await inbox(aws, "alarms");
  });
  after(async () => {
    await box.close();
    await aws.close();
  });

  const put = (more: Partial<PutMetricAlarmCommandInput>) =>
    cloudwatch.send(new PutMetricAlarmCommand({ ...ALARM, ...more }));
  const become = (AlarmName: string, StateValue: "ALARM" | "OK" | "INSUFFICIENT_DATA") =>
    cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "by hand" }));
  const told = (name: string) =>
    box.messages
      .map(({ Subject, Message }): Record<string, unknown> => ({ Subject, ...(JSON.parse(Message) as object) }))
      .filter(({ AlarmName }) => AlarmName === name);
  const acted = async (AlarmName: string) => {
    const request = new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: "Action" });
    const { AlarmHistoryItems = [] } = await cloudwatch.send(request);
    return AlarmHistoryItems.map(({ HistorySummary, HistoryData = "" }) => ({
      HistorySummary,
      data: JSON.parse(HistoryData) as Record<string, unknown>,
    }));
  };

  it("tell a topic, in AWS's words, that a metric has crossed its threshold and is back", async () => {
    await put({ AlarmActions: [box.topicArn], OKActions: [box.topicArn], AlarmDescription: "Too many" });
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: "Test",
        MetricData: [{ MetricName: "Errors", Dimensions: ALARM.Dimensions, Value: 2, Unit: "Count" }],
      }),
    );
    await until(() => told("errors").some(({ NewStateValue }) => NewStateValue === "ALARM"));
    const ring = told("errors").find(({ NewStateValue }) => NewStateValue === "ALARM");
    expect(ring).to.deep.include({
      Subject: 'ALARM: "errors" in Europe (Ireland)',
      AlarmName: "errors",
      AlarmDescription: "Too many",
      AWSAccountId: "123456789012",
      NewStateValue: "ALARM",
      Region: "Europe (Ireland)",
      AlarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:errors",
      OKActions: [box.topicArn],
      AlarmActions: [box.topicArn],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: "Errors",
        Namespace: "Test",
        StatisticType: "Statistic",
        Statistic: "SUM",
        Unit: null,
        Dimensions: [{ value: "api", name: "FunctionName" }],
        Period: 60,
        EvaluationPeriods: 1,
        ComparisonOperator: "GreaterThanOrEqualToThreshold",
        Threshold: 1,
        TreatMissingData: "notBreaching",
        EvaluateLowSampleCountPercentile: "",
      },
    });
    expect(ring?.NewStateReason).to.match(/^Threshold Crossed: 1 out of the last 1 datapoints \[2\.0 \(/);
    expect(ring?.StateChangeTime).to.match(/^\d{4}-\d\d-\d\dT[\d:.]+\+0000$/);
    await until(() => told("errors").some(({ OldStateValue }) => OldStateValue === "ALARM"));
    expect(told("errors").find(({ OldStateValue }) => OldStateValue === "ALARM")?.Subject).to.equal(
      'OK: "errors" in Europe (Ireland)',
    );
  });

  it("tell of an alarm on an expression by its queries", async () => {
    const Metric = { Namespace: "Test", MetricName: "Errors", Dimensions: ALARM.Dimensions };
    const own = {
      MetricName: undefined,
      Namespace: undefined,
      Dimensions: undefined,
      Statistic: undefined,
      Period: undefined,
    };
    await put({
      ...own,
      AlarmName: "share",
      InsufficientDataActions: [],
      AlarmActions: [box.topicArn],
      Metrics: [
        { Id: "errors", MetricStat: { Metric, Period: 60, Stat: "Sum" }, ReturnData: false },
        { Id: "share", Expression: "errors / 2", Label: "Share" },
      ],
    });
    await become("share", "ALARM");
    await until(() => told("share").length > 0);
    expect(told("share")[0]?.Trigger).to.deep.include({
      Period: 60,
      Metrics: [
        {
          Id: "errors",
          MetricStat: {
            Metric: { MetricName: "Errors", Namespace: "Test", Dimensions: [{ value: "api", name: "FunctionName" }] },
            Period: 60,
            Stat: "Sum",
          },
          ReturnData: false,
        },
        { Id: "share", Expression: "errors / 2", Label: "Share", ReturnData: true },
      ],
    });
  });

  it("are kept in the history, with what was published", async () => {
    await put({ AlarmName: "kept", AlarmActions: [box.topicArn] });
    await become("kept", "ALARM");
    await until(async () => (await acted("kept")).length > 0);
    const [item] = await acted("kept");
    expect(item?.HistorySummary).to.equal(`Successfully executed action ${box.topicArn}`);
    expect(item?.data).to.include({ actionState: "Succeeded", notificationResource: box.topicArn, error: null });
    const published = JSON.parse(String(item?.data.publishedMessage)) as { default: string };
    expect(JSON.parse(published.default)).to.include({ AlarmName: "kept", NewStateValue: "ALARM" });
  });

  it("are left out while they are disabled, or where the state has none", async () => {
    await put({ AlarmName: "quiet", AlarmActions: [box.topicArn], ActionsEnabled: false });
    await put({ AlarmName: "hushed", AlarmActions: [box.topicArn] });
    await cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ["hushed"] }));
    await put({ AlarmName: "last", AlarmActions: [box.topicArn] });
    for (const name of ["quiet", "hushed"]) {
      await become(name, "ALARM");
    }
    await become("last", "OK");
    await become("last", "ALARM");
    await until(() => told("last").length > 0);
    expect([...told("quiet"), ...told("hushed")]).to.deep.equal([]);
    expect(told("last").map(({ NewStateValue }) => NewStateValue)).to.deep.equal(["ALARM"]);
  });

  it("fail where the topic's policy does not let CloudWatch in, and the history says so", async () => {
    const other = await inbox(aws, "closed");
    const AttributeValue = JSON.stringify({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sns:Publish",
        Resource: "*",
      },
    });
    await new SNSClient(clientConfig(aws)).send(
      new SetTopicAttributesCommand({ TopicArn: other.topicArn, AttributeName: "Policy", AttributeValue }),
    );
    await put({ AlarmName: "refused", AlarmActions: [other.topicArn] });
    const { printed } = await silenced(async () => {
      await become("refused", "ALARM");
      await until(async () => (await acted("refused")).length > 0);
    });
    const [item] = await acted("refused");
    expect(item?.HistorySummary).to.match(
      /^Failed to execute action arn:aws:sns:\S+:closed\. Received error: "cloudwatch\.amazonaws\.com is not authorized/,
    );
    expect(item?.data).to.include({ actionState: "Failed", publishedMessage: null });
    expect(printed[0]).to.match(/alarm refused could not execute its action arn:aws:sns/);
    expect(other.messages).to.deep.equal([]);
    await other.close();
  });

  it("call a function that lets CloudWatch, with AWS's event", async () => {
    const lambda = new LambdaClient(clientConfig(aws));
    const code = "exports.handler = async (event) => console.log(JSON.stringify(event));";
    const { FunctionArn = "" } = await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "heals",
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Role: await openRole(aws, "heals"),
        Code: { ZipFile: zipSync({ "index.js": strToU8(code) }) },
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName: "heals",
        StatementId: "alarms",
        Action: "lambda:InvokeFunction",
        Principal: "lambda.alarms.cloudwatch.amazonaws.com",
        SourceArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:heal",
      }),
    );
    await put({ AlarmName: "heal", AlarmActions: [FunctionArn] });
    await become("heal", "ALARM");
    const logs = new CloudWatchLogsClient({ ...clientConfig(aws), maxAttempts: 1 });
    const seen = async () => {
      const request = new FilterLogEventsCommand({ logGroupName: "/aws/lambda/heals" });
      const { events = [] } = await logs.send(request).catch(() => ({ events: [] }));
      return events.map(({ message = "" }) => message).find((message) => message.includes("alarmData"));
    };
    await until(async () => (await seen()) !== undefined);
    const [, event = ""] = /(\{.*\})/s.exec((await seen()) ?? "") ?? [];
    expect(JSON.parse(event)).to.deep.include({
      source: "aws.cloudwatch",
      alarmArn: "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:heal",
      accountId: "123456789012",
      region: "eu-west-1",
    });
    expect(JSON.parse(event)).to.have.nested.property("alarmData.state.value", "ALARM");
    expect(JSON.parse(event)).to.have.nested.property("alarmData.configuration.metrics[0].metricStat.stat", "Sum");
  });

  it("that the local AWS has not are refused by name when the alarm is put", async () => {
    for (const action of [
      "arn:aws:automate:eu-west-1:ec2:stop",
      "arn:aws:sns:eu-west-1:123456789012:ordered.fifo",
      "arn:aws:sns:eu-west-1:999999999999:theirs",
    ]) {
      const refused = await rejection(put({ AlarmName: "no", OKActions: [action] }));
      expect(refused.name).to.equal("NotImplemented");
      expect(refused.message).to.contain(`CloudWatch.PutMetricAlarm with the action ${action}`);
    }
    const elsewhere = await rejection(
      put({ AlarmName: "no", OKActions: ["arn:aws:sns:us-east-1:123456789012:there"] }),
    );
    expect(elsewhere.message).to.equal("Invalid region us-east-1 specified. Only eu-west-1 is supported.");
  });
});
