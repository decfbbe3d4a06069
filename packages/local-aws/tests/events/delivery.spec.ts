import { setTimeout as sleep } from "node:timers/promises";
import { DisableRuleCommand, EnableRuleCommand, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { silenced } from "../core/support";
import { ALARM, Fixture, PIPELINE, pipelineTarget, QUEUE, ROLE, RULE_ARN } from "./fixture";

describe("EventBridge", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  it("starts the pipeline that a rule's target names, in the name of the target's role", async () => {
    await fixture.putRule();
    await fixture.putTargets(pipelineTarget);
    fixture.events.put({ ...ALARM, detail: { state: { value: "ALARM" } } });
    fixture.events.put({ source: "aws.s3", "detail-type": "Object Created", detail: {} });
    await fixture.until(() => fixture.started.length > 0);
    await sleep(20);

    expect(fixture.started).to.have.length(1);
    expect(fixture.started[0])
      .to.include({ name: "release", by: RULE_ARN })
      .and.not.to.have.any.keys("variables", "sourceRevisions");
    expect(fixture.assumed).to.deep.equal([`events.amazonaws.com ${ROLE}`]);
    expect(fixture.metrics).to.deep.equal(["TriggeredRules", "Invocations"]);
  });

  it("passes variables and source revisions on that an input transformer makes of the event", async () => {
    await fixture.putRule();
    const InputTemplate = `{"variables": [{"name": "Reason", "value": <reason>}], "sourceRevisions": [{"actionName": "Data", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "<version>"}]}`;
    const InputPathsMap = { reason: "$.detail.reason", version: "$.detail.version" };
    await fixture.putTargets({ ...pipelineTarget, InputTransformer: { InputPathsMap, InputTemplate } });
    fixture.events.put({ ...ALARM, detail: { reason: "drift", version: "v1" } });
    await fixture.until(() => fixture.started.length > 0);

    expect(fixture.started[0]).to.deep.include({
      variables: [{ name: "Reason", value: "drift" }],
      sourceRevisions: [{ actionName: "Data", revisionType: "S3_OBJECT_VERSION_ID", revisionValue: "v1" }],
    });
  });

  it("tells a delivery that failed, and keeps its event in the dead-letter queue", async () => {
    fixture.pipelineFails = true;
    await fixture.putRule();
    await fixture.putTargets({ ...pipelineTarget, DeadLetterConfig: { Arn: QUEUE } });
    const { printed } = await silenced(async () => {
      fixture.events.put({ ...ALARM, detail: {} });
      await fixture.until(() => fixture.queued.length > 0);
    });

    expect(printed).to.deep.equal([
      `local AWS: EventBridge could not deliver an event of rule retrain to ${PIPELINE}: PipelineNotFoundException: no such pipeline`,
    ]);
    expect(JSON.parse(String(fixture.queued[0]?.MessageBody))).to.deep.include({
      ...ALARM,
      account: "123456789012",
      region: "us-east-1",
    });
    expect(fixture.queued[0]?.MessageAttributes).to.have.nested.property("RULE_ARN.StringValue", RULE_ARN);
    expect(fixture.metrics).to.include("FailedInvocations");
  });

  it("delivers to a topic or a function only what its own policy allows", async () => {
    await fixture.putRule();
    await fixture.putTargets({ Id: "fn", Arn: "arn:aws:lambda:us-east-1:123456789012:function:f" });
    const { printed } = await silenced(async () => {
      fixture.events.put({ ...ALARM, detail: {} });
      await fixture.until(() => fixture.metrics.includes("FailedInvocations"));
    });
    expect(printed).to.have.length(1);
  });

  it("is due by schedule again and again, in AWS's time, until the rule is disabled", async () => {
    const schedule = { EventPattern: undefined, ScheduleExpression: "rate(1 minute)" };
    await fixture.putRule(schedule);
    await fixture.putTargets(pipelineTarget);
    await fixture.until(() => fixture.started.length >= 2);
    await fixture.client.send(new DisableRuleCommand({ Name: "retrain" }));
    await sleep(20);
    const soFar = fixture.started.length;
    await sleep(150);
    expect(fixture.started).to.have.length(soFar);

    await fixture.client.send(new EnableRuleCommand({ Name: "retrain" }));
    await fixture.until(() => fixture.started.length > soFar);
  });

  it("delivers nothing of a rule that is disabled", async () => {
    await fixture.putRule({ State: "DISABLED" });
    await fixture.putTargets(pipelineTarget);
    fixture.events.put({ ...ALARM, detail: {} });
    await fixture.client.send(new EnableRuleCommand({ Name: "retrain" }));
    fixture.events.put({ ...ALARM, detail: {} });
    await fixture.until(() => fixture.started.length > 0);
    await sleep(20);
    expect(fixture.started).to.have.length(1);
  });

  it("takes events of one's own, and says of each that it does not take why", async () => {
    await fixture.putRule({ EventPattern: JSON.stringify({ source: ["own"], detail: { kind: ["new-data"] } }) });
    await fixture.putTargets(pipelineTarget);
    const entry = { Source: "own", DetailType: "t", Detail: '{"kind":"new-data"}' };
    const { Entries = [], FailedEntryCount } = await fixture.client.send(
      new PutEventsCommand({
        Entries: [entry, { ...entry, Detail: "[]" }, { ...entry, Source: "aws.s3" }, { Source: "own", Detail: "{}" }],
      }),
    );
    await fixture.until(() => fixture.started.length === 1);

    expect(FailedEntryCount).to.equal(3);
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).to.deep.equal([
      undefined,
      "MalformedDetail",
      "NotAuthorizedForSource",
      "InvalidArgument",
    ]);
    expect(Entries[0]?.EventId).to.match(/^[0-9a-f-]{36}$/);
  });
});
