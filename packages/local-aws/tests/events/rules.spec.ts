import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  ListArchivesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { rejection } from "../core/support";
import { Fixture, PIPELINE, pipelineTarget, QUEUE, RULE_ARN } from "./fixture";

describe("EventBridge's rules", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  it("keeps rules, targets and tags as they were put", async () => {
    const { RuleArn } = await fixture.putRule({ Description: "on drift", Tags: [{ Key: "a", Value: "1" }] });
    const target = { ...pipelineTarget, RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: QUEUE } };
    await fixture.putTargets(target);
    await fixture.client.send(new TagResourceCommand({ ResourceARN: RuleArn, Tags: [{ Key: "b", Value: "2" }] }));
    await fixture.client.send(new UntagResourceCommand({ ResourceARN: RuleArn, TagKeys: ["a"] }));
    await fixture.putRule({ Description: "again" });

    const rule = { Name: "retrain", Arn: RULE_ARN, State: "ENABLED", Description: "again", EventBusName: "default" };
    expect(await fixture.client.send(new DescribeRuleCommand({ Name: "retrain" }))).to.deep.include(rule);
    expect((await fixture.client.send(new ListRulesCommand({ NamePrefix: "re" }))).Rules?.[0]).to.deep.include(rule);
    expect((await fixture.client.send(new ListRulesCommand({ NamePrefix: "x" }))).Rules).to.deep.equal([]);
    expect((await fixture.client.send(new ListTargetsByRuleCommand({ Rule: "retrain" }))).Targets).to.deep.equal([
      target,
    ]);
    expect(
      (await fixture.client.send(new ListRuleNamesByTargetCommand({ TargetArn: PIPELINE }))).RuleNames,
    ).to.deep.equal(["retrain"]);
    const { Tags } = await fixture.client.send(new ListTagsForResourceCommand({ ResourceARN: RuleArn }));
    expect(Tags).to.deep.equal([{ Key: "b", Value: "2" }]);
  });

  it("deletes a rule only without targets", async () => {
    await fixture.putRule();
    await fixture.putTargets(pipelineTarget);
    const remove = () => fixture.client.send(new DeleteRuleCommand({ Name: "retrain" }));
    expect((await rejection(remove())).message).to.equal("Rule can't be deleted since it has targets.");
    const removed = await fixture.client.send(new RemoveTargetsCommand({ Rule: "retrain", Ids: ["pipeline", "none"] }));
    expect(removed.FailedEntries?.map(({ TargetId }) => TargetId)).to.deep.equal(["none"]);
    await remove();
    await remove();
    const gone = await rejection(fixture.client.send(new DescribeRuleCommand({ Name: "retrain" })));
    expect(gone.name).to.equal("ResourceNotFoundException");
  });

  it("refuses by name what it does not do", async () => {
    await fixture.putRule();
    const refused = async (call: Promise<unknown>) => (await rejection(call)).message;
    expect(await refused(fixture.putRule({ EventBusName: "other" }))).to.include("Event bus other does not exist");
    expect(await refused(fixture.putRule({ EventPattern: undefined }))).to.include(
      "EventPattern or ScheduleExpression must be",
    );
    expect(await refused(fixture.putRule({ EventPattern: '{"source": "x"}' }))).to.include(
      "must be an object or an array",
    );
    expect(await refused(fixture.putRule({ ScheduleExpression: "rate(1 minutes)" }))).to.include(
      "ScheduleExpression is not valid",
    );
    const state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    expect(await refused(fixture.putRule({ State: state }))).to.include(
      `NotImplemented: EventBridge.PutRule with State ${state}`,
    );
    const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    expect(await refused(fixture.putTargets({ Id: "m", Arn: machine }))).to.include(
      `PutTargets with the target ${machine}`,
    );
    expect(await refused(fixture.putTargets({ ...pipelineTarget, SqsParameters: { MessageGroupId: "g" } }))).to.include(
      "SqsParameters",
    );
    expect(await refused(fixture.putTargets({ Id: "p", Arn: PIPELINE }))).to.equal(
      `RoleArn is required for target ${PIPELINE}.`,
    );
    const six = Array.from({ length: 6 }, (_, i) => ({ ...pipelineTarget, Id: String(i) }));
    expect(await refused(fixture.putTargets(...six))).to.include("exceeds the maximum number allowed");
    expect(await refused(fixture.client.send(new ListArchivesCommand({})))).to.include(
      "NotImplemented: EventBridge.ListArchives",
    );
    expect((await fixture.client.send(new ListTargetsByRuleCommand({ Rule: "retrain" }))).Targets).to.deep.equal([]);
  });

  it("tries a pattern out on an event", async () => {
    const attempt = (Event: string) =>
      fixture.client.send(new TestEventPatternCommand({ EventPattern: '{"source": [{"prefix": "aws."}]}', Event }));
    expect((await attempt('{"source": "aws.s3"}')).Result).to.equal(true);
    expect((await attempt('{"source": "own"}')).Result).to.equal(false);
    expect((await rejection(attempt("[]"))).name).to.equal("InvalidEventPatternException");
  });
});
