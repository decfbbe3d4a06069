import { setTimeout as sleep } from "node:timers/promises";
import { StartPipelineExecutionCommand, type StartPipelineExecutionInput } from "@aws-sdk/client-codepipeline";
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  ListArchivesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  TestEventPatternCommand,
  UntagResourceCommand,
  type PutRuleRequest,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { Clock } from "../../core/clock";
import { Faults } from "../../core/faults";
import { signedService, type Service } from "../../core/http";
import { INITIATOR_HEADER } from "../../core/initiator";
import { jsonRpcService } from "../../core/json-rpc";
import type { EventSink, MetricValue } from "../../core/local";
import { operation } from "../../core/operation";
import { eventBridge } from "../../services/events";
import { NO_SESSIONS } from "../no-sessions";
import { serve, type Served } from "../../testing/serve";
import { rejection, silenced } from "../core/support";

/** At this speed, a minute passes in 60 ms. */
const SPEED = 1000;
const PIPELINE = "arn:aws:codepipeline:us-east-1:123456789012:release";
const RULE_ARN = "arn:aws:events:us-east-1:123456789012:rule/retrain";
const ROLE = "arn:aws:iam::123456789012:role/start";
const ALARM = { source: "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change" };
const QUEUE = "arn:aws:sqs:us-east-1:123456789012:lost";

describe("EventBridge", () => {
  let clock: Clock;
  let served: Served;
  let events: EventSink;
  let client: EventBridgeClient;
  let started: (StartPipelineExecutionInput & { readonly by: string })[];
  let queued: Record<string, unknown>[];
  let metrics: string[];
  let assumed: string[];
  let pipelineFails: boolean;

  beforeEach(async () => {
    clock = new Clock(SPEED);
    [started, queued, metrics, assumed, pipelineFails] = [[], [], [], [], false];
    const bridge = eventBridge(clock, LOCAL_ACCOUNT);
    events = bridge.events;
    served = await serve((endpoint) => {
      const local = {
        clock,
        account: LOCAL_ACCOUNT,
        endpoint,
        scratchDir: "",
        python: "",
        metrics: { put: (values: readonly MetricValue[]) => metrics.push(...values.map(({ name }) => name)) },
        logs: { write: () => undefined },
        faults: new Faults(),
        events,
        sessions: {
          ...NO_SESSIONS,
          assumeAs: async (service: string, roleArn: string) => {
            assumed.push(`${service} ${roleArn}`);
            return { ...LOCAL_ACCOUNT, sessionToken: "t" };
          },
        },
      };
      const services = new Map([
        ["events", bridge.service(local, () => false)],
        ["codepipeline", pipelines()],
        ["sqs", queues()],
      ]);
      return (request) => services.get(signedService(request) ?? "");
    });
    client = new EventBridgeClient(served.client);
  });
  afterEach(async () => {
    clock.stop();
    await served.close();
  });

  /** A CodePipeline that records. */
  function pipelines(): Service {
    let by = "";
    const start = operation(StartPipelineExecutionCommand, (input) => {
      if (pipelineFails) {
        throw new AwsError("PipelineNotFoundException", "no such pipeline");
      }
      started.push({ ...input, by });
      return { pipelineExecutionId: "e" };
    });
    const rpc = jsonRpcService("CodePipeline", [start]);
    return {
      ...rpc,
      handle(request) {
        by = request.headers[INITIATOR_HEADER] ?? "";
        return rpc.handle(request);
      },
    };
  }

  /** An SQS that records. */
  function queues(): Service {
    return {
      name: "SQS",
      async handle({ body }) {
        queued.push(JSON.parse(Buffer.from(body).toString()) as Record<string, unknown>);
        return { status: 200, headers: {}, body: "{}" };
      },
    };
  }

  const putRule = (input: Partial<PutRuleRequest> = {}) =>
    client.send(
      new PutRuleCommand({ Name: "retrain", EventPattern: JSON.stringify({ source: ["aws.cloudwatch"] }), ...input }),
    );
  const putTargets = (...Targets: Target[]) => client.send(new PutTargetsCommand({ Rule: "retrain", Targets }));
  const pipelineTarget: Target = { Id: "pipeline", Arn: PIPELINE, RoleArn: ROLE };
  const until = async (condition: () => boolean) => {
    for (let attempt = 0; attempt < 1000 && !condition(); attempt += 1) {
      await sleep(2);
    }
    expect(condition()).to.equal(true);
  };

  it("starts the pipeline that a rule's target names, in the name of the target's role", async () => {
    await putRule();
    await putTargets(pipelineTarget);
    events.put({ ...ALARM, detail: { state: { value: "ALARM" } } });
    events.put({ source: "aws.s3", "detail-type": "Object Created", detail: {} });
    await until(() => started.length > 0);
    await sleep(20);

    expect(started).to.have.length(1);
    expect(started[0])
      .to.include({ name: "release", by: RULE_ARN })
      .and.not.to.have.any.keys("variables", "sourceRevisions");
    expect(assumed).to.deep.equal([`events.amazonaws.com ${ROLE}`]);
    expect(metrics).to.deep.equal(["TriggeredRules", "Invocations"]);
  });

  it("passes variables and source revisions on that an input transformer makes of the event", async () => {
    await putRule();
    const InputTemplate = `{"variables": [{"name": "Reason", "value": <reason>}], "sourceRevisions": [{"actionName": "Data", "revisionType": "S3_OBJECT_VERSION_ID", "revisionValue": "<version>"}]}`;
    const InputPathsMap = { reason: "$.detail.reason", version: "$.detail.version" };
    await putTargets({ ...pipelineTarget, InputTransformer: { InputPathsMap, InputTemplate } });
    events.put({ ...ALARM, detail: { reason: "drift", version: "v1" } });
    await until(() => started.length > 0);

    expect(started[0]).to.deep.include({
      variables: [{ name: "Reason", value: "drift" }],
      sourceRevisions: [{ actionName: "Data", revisionType: "S3_OBJECT_VERSION_ID", revisionValue: "v1" }],
    });
  });

  it("tells a delivery that failed, and keeps its event in the dead-letter queue", async () => {
    pipelineFails = true;
    await putRule();
    await putTargets({ ...pipelineTarget, DeadLetterConfig: { Arn: QUEUE } });
    const { printed } = await silenced(async () => {
      events.put({ ...ALARM, detail: {} });
      await until(() => queued.length > 0);
    });

    expect(printed).to.deep.equal([
      `local AWS: EventBridge could not deliver an event of rule retrain to ${PIPELINE}: PipelineNotFoundException: no such pipeline`,
    ]);
    expect(JSON.parse(String(queued[0]?.MessageBody))).to.deep.include({
      ...ALARM,
      account: "123456789012",
      region: "us-east-1",
    });
    expect(queued[0]?.MessageAttributes).to.have.nested.property("RULE_ARN.StringValue", RULE_ARN);
    expect(metrics).to.include("FailedInvocations");
  });

  it("delivers to a topic or a function only what its own policy allows", async () => {
    await putRule();
    await putTargets({ Id: "fn", Arn: "arn:aws:lambda:us-east-1:123456789012:function:f" });
    const { printed } = await silenced(async () => {
      events.put({ ...ALARM, detail: {} });
      await until(() => metrics.includes("FailedInvocations"));
    });
    expect(printed).to.have.length(1);
  });

  it("is due by schedule again and again, in AWS's time, until the rule is disabled", async () => {
    const schedule = { EventPattern: undefined, ScheduleExpression: "rate(1 minute)" };
    await putRule(schedule);
    await putTargets(pipelineTarget);
    await until(() => started.length >= 2);
    await client.send(new DisableRuleCommand({ Name: "retrain" }));
    await sleep(20);
    const soFar = started.length;
    await sleep(150);
    expect(started).to.have.length(soFar);

    await client.send(new EnableRuleCommand({ Name: "retrain" }));
    await until(() => started.length > soFar);
  });

  it("delivers nothing of a rule that is disabled", async () => {
    await putRule({ State: "DISABLED" });
    await putTargets(pipelineTarget);
    events.put({ ...ALARM, detail: {} });
    await client.send(new EnableRuleCommand({ Name: "retrain" }));
    events.put({ ...ALARM, detail: {} });
    await until(() => started.length > 0);
    await sleep(20);
    expect(started).to.have.length(1);
  });

  it("takes events of one's own, and says of each that it does not take why", async () => {
    await putRule({ EventPattern: JSON.stringify({ source: ["own"], detail: { kind: ["new-data"] } }) });
    await putTargets(pipelineTarget);
    const entry = { Source: "own", DetailType: "t", Detail: '{"kind":"new-data"}' };
    const { Entries = [], FailedEntryCount } = await client.send(
      new PutEventsCommand({
        Entries: [entry, { ...entry, Detail: "[]" }, { ...entry, Source: "aws.s3" }, { Source: "own", Detail: "{}" }],
      }),
    );
    await until(() => started.length === 1);

    expect(FailedEntryCount).to.equal(3);
    expect(Entries.map(({ ErrorCode }) => ErrorCode)).to.deep.equal([
      undefined,
      "MalformedDetail",
      "NotAuthorizedForSource",
      "InvalidArgument",
    ]);
    expect(Entries[0]?.EventId).to.match(/^[0-9a-f-]{36}$/);
  });

  it("keeps rules, targets and tags as they were put", async () => {
    const { RuleArn } = await putRule({ Description: "on drift", Tags: [{ Key: "a", Value: "1" }] });
    const target = { ...pipelineTarget, RetryPolicy: { MaximumRetryAttempts: 2 }, DeadLetterConfig: { Arn: QUEUE } };
    await putTargets(target);
    await client.send(new TagResourceCommand({ ResourceARN: RuleArn, Tags: [{ Key: "b", Value: "2" }] }));
    await client.send(new UntagResourceCommand({ ResourceARN: RuleArn, TagKeys: ["a"] }));
    await putRule({ Description: "again" });

    const rule = { Name: "retrain", Arn: RULE_ARN, State: "ENABLED", Description: "again", EventBusName: "default" };
    expect(await client.send(new DescribeRuleCommand({ Name: "retrain" }))).to.deep.include(rule);
    expect((await client.send(new ListRulesCommand({ NamePrefix: "re" }))).Rules?.[0]).to.deep.include(rule);
    expect((await client.send(new ListRulesCommand({ NamePrefix: "x" }))).Rules).to.deep.equal([]);
    expect((await client.send(new ListTargetsByRuleCommand({ Rule: "retrain" }))).Targets).to.deep.equal([target]);
    expect((await client.send(new ListRuleNamesByTargetCommand({ TargetArn: PIPELINE }))).RuleNames).to.deep.equal([
      "retrain",
    ]);
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: RuleArn }));
    expect(Tags).to.deep.equal([{ Key: "b", Value: "2" }]);
  });

  it("deletes a rule only without targets", async () => {
    await putRule();
    await putTargets(pipelineTarget);
    const remove = () => client.send(new DeleteRuleCommand({ Name: "retrain" }));
    expect((await rejection(remove())).message).to.equal("Rule can't be deleted since it has targets.");
    const removed = await client.send(new RemoveTargetsCommand({ Rule: "retrain", Ids: ["pipeline", "none"] }));
    expect(removed.FailedEntries?.map(({ TargetId }) => TargetId)).to.deep.equal(["none"]);
    await remove();
    await remove();
    const gone = await rejection(client.send(new DescribeRuleCommand({ Name: "retrain" })));
    expect(gone.name).to.equal("ResourceNotFoundException");
  });

  it("refuses by name what it does not do", async () => {
    await putRule();
    const refused = async (call: Promise<unknown>) => (await rejection(call)).message;
    expect(await refused(putRule({ EventBusName: "other" }))).to.include("Event bus other does not exist");
    expect(await refused(putRule({ EventPattern: undefined }))).to.include(
      "EventPattern or ScheduleExpression must be",
    );
    expect(await refused(putRule({ EventPattern: '{"source": "x"}' }))).to.include("must be an object or an array");
    expect(await refused(putRule({ ScheduleExpression: "rate(1 minutes)" }))).to.include(
      "ScheduleExpression is not valid",
    );
    const state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    expect(await refused(putRule({ State: state }))).to.include(
      `NotImplemented: EventBridge.PutRule with State ${state}`,
    );
    const machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    expect(await refused(putTargets({ Id: "m", Arn: machine }))).to.include(`PutTargets with the target ${machine}`);
    expect(await refused(putTargets({ ...pipelineTarget, SqsParameters: { MessageGroupId: "g" } }))).to.include(
      "SqsParameters",
    );
    expect(await refused(putTargets({ Id: "p", Arn: PIPELINE }))).to.equal(
      `RoleArn is required for target ${PIPELINE}.`,
    );
    const six = Array.from({ length: 6 }, (_, i) => ({ ...pipelineTarget, Id: String(i) }));
    expect(await refused(putTargets(...six))).to.include("exceeds the maximum number allowed");
    expect(await refused(client.send(new ListArchivesCommand({})))).to.include(
      "NotImplemented: EventBridge.ListArchives",
    );
    expect((await client.send(new ListTargetsByRuleCommand({ Rule: "retrain" }))).Targets).to.deep.equal([]);
  });

  it("tries a pattern out on an event", async () => {
    const attempt = (Event: string) =>
      client.send(new TestEventPatternCommand({ EventPattern: '{"source": [{"prefix": "aws."}]}', Event }));
    expect((await attempt('{"source": "aws.s3"}')).Result).to.equal(true);
    expect((await attempt('{"source": "own"}')).Result).to.equal(false);
    expect((await rejection(attempt("[]"))).name).to.equal("InvalidEventPatternException");
  });
});
