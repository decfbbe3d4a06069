import { expect } from "chai";
import { Notifications } from "../../../../components/providers/rollout/report";
import { Waiter } from "../../../../components/providers/support/waiter";
import type { Service } from "local-aws/core/http";
import { startAws, type TestAws } from "./test-aws";

const TOPIC = "arn:aws:sns:us-east-1:123456789012:rollouts";
const PUBLISH = "POST /";

describe("the notifications of a rollout", () => {
  let published: Record<string, string>[];
  let refusal: { status: number; code: string; message: string } | undefined;
  let told: string[];
  let aws: TestAws;

  /** SNS speaks forms and XML. */
  const sns: Service = {
    name: "SNS",
    async handle({ body }) {
      const headers = { "content-type": "text/xml" };
      if (refusal !== undefined) {
        const { status, code, message } = refusal;
        const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
        return { status, headers, body: `<ErrorResponse>${error}</ErrorResponse>` };
      }
      published.push(Object.fromEntries(new URLSearchParams(Buffer.from(body).toString())));
      const result = "<PublishResult><MessageId>m-1</MessageId></PublishResult>";
      return { status: 200, headers, body: `<PublishResponse>${result}</PublishResponse>` };
    },
  };

  beforeEach(async () => {
    published = [];
    refusal = undefined;
    told = [];
    aws = await startAws({ sns });
  });
  afterEach(() => aws.close());

  const notifications = (topic: { notificationTopicArn?: string } = { notificationTopicArn: TOPIC }) =>
    new Notifications(
      { region: "us-east-1", ...topic },
      new Waiter("test", { pollSeconds: 0.002, timeoutSeconds: 5 }),
      (line) => told.push(line),
    );

  it("go to the topic, with what happened as an attribute to filter by", async () => {
    await notifications().send("rolled-back", "mlops-nyctaxi-api: R4 is not live", "it failed:\n  10 % of …");

    expect(published).to.have.length(1);
    expect(published[0]).to.include({
      Action: "Publish",
      TopicArn: TOPIC,
      Subject: "mlops-nyctaxi-api: R4 is not live",
      Message: "it failed:\n  10 % of …",
      "MessageAttributes.entry.1.Name": "event",
      "MessageAttributes.entry.1.Value.DataType": "String",
      "MessageAttributes.entry.1.Value.StringValue": "rolled-back",
    });
    expect(told).to.deep.equal([]);
  });

  it("have a subject that SNS takes: one line of fewer than 100 ASCII characters", async () => {
    await notifications().send("started", ` 10 % → R4,\n then\tall ${"x".repeat(100)}`, "message");

    const { Subject = "" } = published[0]!;
    expect(Subject)
      .to.match(/^10 % \? R4, then all x+$/)
      .and.have.length(99);
  });

  it("go nowhere without a topic", async () => {
    await notifications({}).send("started", "subject", "message");

    expect(aws.calls).to.deep.equal([]);
    expect(told).to.deep.equal([]);
  });

  it("are sent again where the connection breaks", async () => {
    aws.trouble(PUBLISH, "dropped");

    await notifications().send("succeeded", "subject", "message");

    expect(published).to.have.length(1);
    expect(told).to.deep.equal([]);
  });

  it("say what went wrong, and fail nothing, where the topic takes no message", async () => {
    refusal = { status: 404, code: "NotFound", message: "Topic does not exist" };

    await notifications().send("failed", "subject", "message");

    expect(told).to.deep.equal([
      `the message "failed" could not be sent to ${TOPIC} (NotFoundException: Topic does not exist)`,
    ]);
    expect(aws.calls).to.have.length(1);
  });

  it("are given up after a few attempts where AWS's trouble does not pass", async () => {
    refusal = { status: 503, code: "ServiceUnavailable", message: "later" };

    await notifications().send("failed", "subject", "message");

    expect(told).to.deep.equal([`the message "failed" could not be sent to ${TOPIC} (ServiceUnavailable: later)`]);
    expect(aws.calls).to.have.length(3);
  });
});
