import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  StopPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { DecisionRecord, handler as governor } from "../../../handlers/retrain";
import { startLocalAws, type LocalAws } from "local-aws";
import { clientConfig } from "local-aws/core/local";
import { inbox, type Inbox } from "local-aws/testing/inbox";
import { openRole } from "local-aws/testing/role";
import { testPython } from "pulumi-engine/testing/python";
import { withOutput } from "../../unit/handlers/lambda";
import { waitingPipeline } from "./waiting-pipeline";
import { Wire } from "./wire";

const NAME = "release";
const BUCKET = "models";
const KEY = "data-source.zip";

/**
 * The handler against the local AWS. Between the two is a wire that can be cut: from a given request on nothing gets through any more, as if
 * the function had been killed.
 */
describe("the retrain governor against the local AWS", function () {
  this.timeout(120_000);
  let aws: LocalAws;
  let told: Inbox;
  let wire: Wire;
  let handler: typeof governor;
  let codePipeline: CodePipelineClient;
  let s3: S3Client;
  let folder = "";
  const restored = { ...process.env };

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    await openRole(aws, "any");
    told = await inbox(aws, "told");
    wire = await Wire.to(aws.endpoint);
    Object.assign(process.env, aws.environment, { AWS_ENDPOINT_URL: wire.endpoint, AWS_MAX_ATTEMPTS: "1" });
    ({ handler } = await import("../../../handlers/retrain.js"));
    codePipeline = new CodePipelineClient(clientConfig(aws));
    s3 = new S3Client({ ...clientConfig(aws), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
    const VersioningConfiguration = { Status: "Enabled" as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));
    await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: "data" }));
    await codePipeline.send(new CreatePipelineCommand({ pipeline: waitingPipeline(NAME, BUCKET) }));
    await stopAll();
  });
  after(async () => {
    await wire.close();
    await told.close();
    await aws.close();
    for (const name of Object.keys(process.env)) {
      Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, restored);
  });

  /** Each test has a ledger of its own. */
  let tests = 0;
  const begin = (over: object = {}) => {
    folder = `decisions-${++tests}`;
    process.env.GOVERNOR = JSON.stringify({
      ...{ pipelineName: NAME, dataBucket: BUCKET, dataKey: KEY, dataAction: "Data", rolloutApplication: "none-yet" },
      ...{ decisionsUri: `s3://${BUCKET}/${folder}`, topicArn: told.topicArn },
      ...{ cooldownHours: 24, maximumPerDay: 1, requireNewData: false, settleMinutes: 60 },
      ...{ alarmNames: ["mlops-nyctaxi-drift"], ...over },
    });
  };
  const executions = async () => {
    const listed = await codePipeline.send(new ListPipelineExecutionsCommand({ pipelineName: NAME }));
    return listed.pipelineExecutionSummaries ?? [];
  };
  async function stopAll(): Promise<void> {
    for (const { pipelineExecutionId, status } of await executions()) {
      if (status === "InProgress") {
        const stop = { pipelineName: NAME, pipelineExecutionId, abandon: true };
        await codePipeline.send(new StopPipelineExecutionCommand(stop));
      }
    }
  }
  afterEach(stopAll);

  const functionName = "mlops-nyctaxi-pipeline-retrain";
  const logged = (event: unknown, awsRequestId = "i-1") =>
    withOutput(() => handler(event, { awsRequestId, functionName }));
  const call = async (event: unknown, awsRequestId?: string) => (await logged(event, awsRequestId)).result!;
  const alarm = (id: string) => ({
    ...{ id, time: "2026-11-30T11:00:00Z", source: "aws.cloudwatch", "detail-type": "CloudWatch Alarm State Change" },
    detail: { alarmName: "mlops-nyctaxi-drift", state: { value: "ALARM", reason: "Threshold Crossed" } },
  });
  const kept = async () => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: `${folder}/` }));
    const keys = Contents.flatMap(({ Key = "" }) => (Key.endsWith("/ledger.json") ? [] : [Key]));
    const records = keys.map(async (Key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      return [Key, JSON.parse((await Body?.transformToString()) ?? "") as DecisionRecord] as const;
    });
    return Object.fromEntries(await Promise.all(records));
  };
  const reasonOf = async (pipelineExecutionId: string) => {
    const found = await codePipeline.send(new GetPipelineExecutionCommand({ pipelineName: NAME, pipelineExecutionId }));
    return found.pipelineExecution?.variables?.map(({ resolvedValue }) => resolvedValue);
  };

  it("counts what it has started and refused, by metrics in its log", async () => {
    begin();
    const started = await logged(alarm("a-1"));
    const refused = await logged(alarm("a-2"));

    const counts = [started, refused].map(({ lines }) => {
      const all = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      return all.filter((line) => "_aws" in line);
    });
    const by = { FunctionName: functionName };
    expect(counts.map(([first, ...others]) => [first, others.length])).to.deep.equal([
      [{ _aws: counts[0]?.[0]?._aws, ...by, RetrainingsStarted: 1, RetrainingsRefused: 0 }, 0],
      [{ _aws: counts[1]?.[0]?._aws, ...by, RetrainingsStarted: 0, RetrainingsRefused: 1 }, 0],
    ]);
  });

  it("starts the pipeline with the reason, keeps the decision and tells it", async () => {
    begin();
    const before = (await executions()).length;
    const messages = told.messages.length;

    const decision = await call(alarm("a-1"));

    expect(await executions()).to.have.length(before + 1);
    expect(decision).to.deep.include({ decision: "retrain", reason: "alarm mlops-nyctaxi-drift", source: "alarm" });
    expect(await reasonOf(decision.executionId ?? "")).to.deep.equal(["alarm mlops-nyctaxi-drift"]);
    expect(await kept()).to.deep.equal({ [`${folder}/20261130T110000Z-a-1.json`]: decision });
    expect(told.messages.slice(messages).map(({ Subject, Message }) => [Subject, Message.split("\n")])).to.deep.equal([
      [
        "release: retraining started",
        [
          "Pipeline release was asked for a retraining by alarm mlops-nyctaxi-drift.",
          "Threshold Crossed",
          `Execution ${decision.executionId} was started: ${decision.why}.`,
        ],
      ],
    ]);
  });

  it("says why it does not, and keeps that too", async () => {
    begin();
    const first = await call({ reason: "new tariffs" }, "i-1");
    const second = await call({ reason: "me too" }, "i-2");
    await stopAll();
    const third = await call(alarm("a-3"));

    expect(second).to.include({ decision: "none", why: `execution ${first.executionId} is under way` });
    expect(third.why).to.match(/^a retraining was started at .*, less than 24 hours ago$/);
    expect(third).not.to.have.property("executionId");
    expect(Object.keys(await kept())).to.have.length(3);
    expect(told.messages.at(-1)?.Subject).to.equal("release: no retraining");
  });

  it("asks for new data where the rules do", async () => {
    begin({ requireNewData: true, cooldownHours: 0, maximumPerDay: 9 });
    expect((await call(alarm("a-1"))).why).to.match(/^version .* would be the first one that is trained on$/);
    begin({ requireNewData: true, dataKey: "none.zip" });
    await stopAll();
    expect(await call(alarm("a-2"))).to.include({ decision: "none", why: "there is no data-source.zip" });
  });

  it("makes one retraining of a storm of alarms, and a decision about each", async () => {
    begin();
    const before = (await executions()).length;

    const decisions = await withOutput(() =>
      Promise.all(
        Array.from({ length: 20 }, (_, index) => handler(alarm(`a-${index}`), { awsRequestId: "i", functionName })),
      ),
    );

    expect(await executions()).to.have.length(before + 1);
    expect(decisions.result.filter((one) => one?.decision === "retrain")).to.have.length(1);
    expect(Object.keys(await kept())).to.have.length(20);
  });

  it("answers the same event twice with the same retraining", async () => {
    begin();
    const before = (await executions()).length;
    const first = await call(alarm("a-1"));
    await stopAll();

    expect(await call(alarm("a-1"))).to.deep.equal(first);
    expect(await executions()).to.have.length(before + 1);
  });

  it("neither doubles a retraining nor loses one, wherever it is killed, and whoever asks next", async () => {
    const requests = await wire.count(async () => {
      begin();
      await call(alarm("a-1"));
    });
    expect(requests).to.be.within(8, 20);
    // Where a request has not reached AWS, it makes no difference whether the same event comes again or another.
    const ends = [
      { reached: true, next: "a-1" },
      { reached: true, next: "a-2" },
      { reached: false, next: "a-2" },
    ];
    for (const { reached, next } of ends) {
      for (let cut = 0; cut < requests; cut++) {
        await stopAll();
        begin();
        const before = (await executions()).length;
        const where = `killed ${reached ? "after" : "before"} request ${cut}, then ${next}`;

        wire.cut(cut, reached);
        const isKilled = await call(alarm("a-1")).then(
          () => false,
          () => true,
        );
        wire.mend();
        const decision = await call(alarm(next));

        expect(isKilled, where).to.equal(true);
        expect(await executions(), where).to.have.length(before + 1);
        if (next === "a-1") {
          expect(decision, where).to.include({ decision: "retrain" });
          expect(decision.executionId, where).to.equal((await executions())[0]?.pipelineExecutionId);
        }
        expect(
          Object.values(await kept()).map(({ id }) => id),
          where,
        ).to.include(next);
      }
    }
  });
});
