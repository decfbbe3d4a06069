import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { signedFetch } from "../../core/signature";
import { startLocalAws, type LocalAws } from "../../server";
import { testPython } from "pulumi-engine/testing/python";

const ACCOUNT = "123456789012";
const QUEUE = `arn:aws:sqs:us-east-1:${ACCOUNT}:seen`;

interface Seen {
  readonly source: string;
  readonly resources: string[];
  readonly detail: Record<string, unknown>;
}

describe("events of the services", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let s3: S3Client;
  let bridge: EventBridgeClient;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    const client = { endpoint: aws.endpoint, region: "us-east-1", credentials: aws.account };
    s3 = new S3Client({ ...client, forcePathStyle: true });
    bridge = new EventBridgeClient(client);
    await sqs("CreateQueue", { QueueName: "seen" });
    const sns = new SNSClient(client);
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "news" }));
    await sns.send(
      new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: QUEUE, Attributes: { RawMessageDelivery: "true" } }),
    );
    const Statement = {
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sns:Publish",
      Resource: TopicArn,
    };
    const AttributeValue = JSON.stringify({ Version: "2012-10-17", Statement });
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
    await rule("all", { source: [{ prefix: "aws." }] }, TopicArn);
  });
  after(() => aws.close());

  async function rule(Name: string, pattern: object, Arn: string): Promise<void> {
    await bridge.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify(pattern) }));
    await bridge.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: "t", Arn }] }));
  }

  async function sqs(
    operation: string,
    input: object,
  ): Promise<{ readonly Messages?: readonly { readonly Body: string; readonly ReceiptHandle: string }[] }> {
    const headers = { "x-amz-target": `AmazonSQS.${operation}`, "content-type": "application/x-amz-json-1.0" };
    const body = JSON.stringify({ QueueUrl: `${aws.endpoint}/${ACCOUNT}/seen`, ...input });
    const by = { ...aws.account, service: "sqs" };
    return (await (await signedFetch(by, aws.endpoint, { method: "POST", headers, body })).json()) as object;
  }

  /** The next events that come. */
  async function seen(count: number): Promise<Seen[]> {
    const found: Seen[] = [];
    for (let attempt = 0; attempt < 400 && found.length < count; attempt += 1) {
      const { Messages = [] } = await sqs("ReceiveMessage", { MaxNumberOfMessages: 1, WaitTimeSeconds: 0 });
      for (const { Body, ReceiptHandle } of Messages) {
        found.push(JSON.parse(Body) as Seen);
        await sqs("DeleteMessage", { ReceiptHandle });
      }
      await sleep(5);
    }
    expect(found).to.have.length(count);
    return found;
  }

  it("tell each new object of a bucket that sends its events, and its version", async () => {
    const at = (Key: string) => ({ Bucket: "data", Key });
    await s3.send(new CreateBucketCommand({ Bucket: "data" }));
    await s3.send(new PutBucketVersioningCommand({ Bucket: "data", VersioningConfiguration: { Status: "Enabled" } }));
    await s3.send(new PutObjectCommand({ ...at("before"), Body: "x" }));
    const NotificationConfiguration = { EventBridgeConfiguration: {} };
    await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: "data", NotificationConfiguration }));

    const { VersionId } = await s3.send(new PutObjectCommand({ ...at("a b/ü.zip"), Body: "12345" }));
    const [put] = await seen(1);
    await s3.send(new PutObjectTaggingCommand({ ...at("before"), Tagging: { TagSet: [{ Key: "k", Value: "v" }] } }));
    await s3.send(new CopyObjectCommand({ ...at("copy"), CopySource: "data/before" }));
    const [copied] = await seen(1);
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at("large")));
    const { ETag } = await s3.send(new UploadPartCommand({ ...at("large"), UploadId, PartNumber: 1, Body: "part" }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...at("large"), UploadId, MultipartUpload }));
    const [large] = await seen(1);

    const configuration = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket: "data" }));
    expect(configuration.EventBridgeConfiguration).to.deep.equal({});
    expect(put).to.deep.include({
      source: "aws.s3",
      resources: ["arn:aws:s3:::data"],
      "detail-type": "Object Created",
    });
    expect(put?.detail).to.deep.include({ version: "0", bucket: { name: "data" }, reason: "PutObject" });
    expect(put?.detail.object).to.deep.include({
      key: "a b/ü.zip",
      size: 5,
      etag: "827ccb0eea8a706c4c34a16891f84e7b",
      "version-id": VersionId,
    });
    expect(copied?.detail).to.deep.include({ reason: "CopyObject" });
    expect(copied?.detail).to.have.nested.property("object.key", "copy");
    expect(large?.detail).to.deep.include({ reason: "CompleteMultipartUpload" });
    expect(large?.detail).to.have.nested.property("object.size", 4);
  });

  it("tell an alarm's change of state, with what it was before and what it watches", async () => {
    const client = new CloudWatchClient({ endpoint: aws.endpoint, region: "us-east-1", credentials: aws.account });
    const alarm = {
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "ignore",
    } as const;
    const Dimensions = [{ Name: "FunctionName", Value: "f" }];
    await client.send(
      new PutMetricAlarmCommand({
        ...alarm,
        AlarmName: "drift",
        AlarmDescription: "d",
        Namespace: "N",
        MetricName: "M",
        Dimensions,
        Period: 60,
        Statistic: "Sum",
      }),
    );
    await client.send(new SetAlarmStateCommand({ AlarmName: "drift", StateValue: "ALARM", StateReason: "a test" }));
    const [changed] = await seen(1);

    expect(changed).to.deep.include({
      source: "aws.cloudwatch",
      "detail-type": "CloudWatch Alarm State Change",
      resources: [`arn:aws:cloudwatch:us-east-1:${ACCOUNT}:alarm:drift`],
    });
    expect(changed?.detail).to.deep.include({ alarmName: "drift" });
    expect(changed?.detail.state).to.deep.include({ value: "ALARM", reason: "a test" });
    expect(changed?.detail.previousState).to.deep.include({ value: "INSUFFICIENT_DATA" });
    expect(changed?.detail.configuration).to.deep.equal({
      description: "d",
      metrics: [
        {
          id: "m1",
          metricStat: {
            metric: { namespace: "N", name: "M", dimensions: { FunctionName: "f" } },
            period: 60,
            stat: "Sum",
          },
          returnData: true,
        },
      ],
    });
  });
});
