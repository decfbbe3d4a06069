import { BatchGetDeploymentsCommand, CodeDeployClient, ListDeploymentsCommand } from "@aws-sdk/client-codedeploy";
import {
  CodePipelineClient,
  ListPipelineExecutionsCommand,
  StartPipelineExecutionCommand,
} from "@aws-sdk/client-codepipeline";
import {
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import { expect } from "chai";
import { handler, type DecisionRecord } from "../../../handlers/retrain";
import { environment, withOutput } from "./lambda";

const LEDGER = "monitoring/retrain/ledger.json";
const HOUR_MS = 3_600_000;

interface Noted {
  readonly at: string;
  readonly executionId?: string;
}

/** What AWS has, kept by the calls of its clients. */
class FakeAws {
  readonly objects = new Map<string, string>();
  readonly executions: { pipelineExecutionId: string; status: string; reason?: string }[] = [];
  readonly deployments: { deploymentId: string; createTime: Date; completeTime?: Date }[] = [];
  private readonly byToken = new Map<string, string>();
  private readonly mocks = {
    s3: mockClient(S3Client),
    codePipeline: mockClient(CodePipelineClient),
    codeDeploy: mockClient(CodeDeployClient),
    sns: mockClient(SNSClient),
  };

  constructor() {
    const { s3, codePipeline, codeDeploy, sns } = this.mocks;
    s3.on(PutObjectCommand).callsFake((input: { Key: string; Body: string; IfMatch?: string; IfNoneMatch?: string }) =>
      this.put(input),
    );
    s3.on(GetObjectCommand).callsFake(({ Key }: { Key: string }) => {
      const text = this.objects.get(Key) ?? "";
      return { ETag: text, Body: { transformToString: () => Promise.resolve(text) } };
    });
    const version = { Key: "data-source.zip", IsLatest: true, VersionId: "v1" };
    s3.on(ListObjectVersionsCommand).resolves({ Versions: [version] });
    codePipeline
      .on(ListPipelineExecutionsCommand)
      .callsFake(() => ({ pipelineExecutionSummaries: [...this.executions] }));
    codePipeline
      .on(StartPipelineExecutionCommand)
      .callsFake((input: { clientRequestToken: string; variables: { value: string }[] }) => this.start(input));
    codeDeploy.on(ListDeploymentsCommand).callsFake(({ createTimeRange }: { createTimeRange: { start: Date } }) => {
      const found = this.deployments.filter(({ createTime }) => createTime >= createTimeRange.start);
      return { deployments: found.map(({ deploymentId }) => deploymentId) };
    });
    codeDeploy.on(BatchGetDeploymentsCommand).callsFake(({ deploymentIds }: { deploymentIds: string[] }) => ({
      deploymentsInfo: this.deployments.filter(({ deploymentId }) => deploymentIds.includes(deploymentId)),
    }));
    sns.on(PublishCommand).resolves({});
  }

  restore(): void {
    Object.values(this.mocks).forEach((mock) => mock.restore());
  }

  noted(): Noted[] {
    return (JSON.parse(this.objects.get(LEDGER) ?? "") as { retrainings: Noted[] }).retrainings;
  }

  /** As if the function that has noted a retraining had been killed so long ago, before it started it. */
  noteLongAgo(hours: number): void {
    const at = new Date(Date.now() - hours * HOUR_MS).toISOString();
    const one = { id: "killed", reason: "alarm old", why: "new data", at, token: "t-0" };
    this.objects.set(LEDGER, JSON.stringify({ id: "l", count: 1, retrainings: [one] }));
  }

  private put({
    Key,
    Body,
    IfMatch,
    IfNoneMatch,
  }: {
    Key: string;
    Body: string;
    IfMatch?: string;
    IfNoneMatch?: string;
  }) {
    const before = this.objects.get(Key);
    if ((IfNoneMatch !== undefined && before !== undefined) || (IfMatch !== undefined && before !== IfMatch)) {
      const $metadata = { httpStatusCode: 412 };
      throw new S3ServiceException({ name: "PreconditionFailed", $fault: "client", message: "no", $metadata });
    }
    this.objects.set(Key, Body);
    return {};
  }

  private start({ clientRequestToken, variables }: { clientRequestToken: string; variables: { value: string }[] }) {
    const pipelineExecutionId = this.byToken.get(clientRequestToken) ?? `e-${this.executions.length + 1}`;
    if (!this.byToken.has(clientRequestToken)) {
      this.byToken.set(clientRequestToken, pipelineExecutionId);
      this.executions.unshift({ pipelineExecutionId, status: "InProgress", reason: variables[0]?.value });
    }
    return { pipelineExecutionId };
  }
}

const settings = (over: object = {}) =>
  JSON.stringify({
    ...{ pipelineName: "release", dataBucket: "data", dataKey: "data-source.zip", dataAction: "Data" },
    ...{ rolloutApplication: "api", decisionsUri: "s3://data/monitoring/retrain", topicArn: "arn:aws:sns:x" },
    ...{ cooldownHours: 24, maximumPerDay: 1, requireNewData: false, settleMinutes: 60, ...over },
  });

describe("retrain", () => {
  environment({ GOVERNOR: settings() });
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
  });
  afterEach(() => aws.restore());

  const ask = async (awsRequestId: string, event: unknown = { reason: "new tariffs" }): Promise<DecisionRecord> =>
    (await withOutput(() => handler(event, { awsRequestId, functionName: "retrain" }))).result;
  const messageOf = (work: Promise<unknown>) =>
    work.then(
      () => "nothing failed",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );

  it("starts what was noted just now, whoever asks", async () => {
    aws.noteLongAgo(0);

    expect(await ask("r-1")).to.deep.include({ decision: "none", why: "execution e-1 is under way" });
    expect(aws.executions).to.deep.equal([{ pipelineExecutionId: "e-1", status: "InProgress", reason: "alarm old" }]);
  });

  it("decides anew about what was noted long ago and never started: a rollout may be under way by now", async () => {
    aws.noteLongAgo(50);
    aws.deployments.push({ deploymentId: "d-1", createTime: new Date() });

    expect(await ask("r-1")).to.deep.include({ decision: "none", why: "deployment d-1 is under way" });
    expect(aws.executions).to.deep.equal([]);
    expect(aws.noted()).to.deep.equal([]);

    aws.deployments.pop();
    expect(await ask("r-2")).to.deep.include({ decision: "retrain", executionId: "e-1" });
    expect(aws.executions.map(({ reason }) => reason)).to.deep.equal(["a person: new tariffs"]);
  });

  it("takes note of what was noted long ago and has been started since", async () => {
    aws.noteLongAgo(50);
    aws.executions.push({ pipelineExecutionId: "e-0", status: "Failed" });

    expect(await ask("r-1")).to.deep.include({ decision: "retrain" });
    expect(aws.noted().map(({ executionId }) => executionId)).to.deep.equal(["e-2", "e-0"]);
  });

  it("waits for a release to settle as long as it is told, also for days", async () => {
    process.env.GOVERNOR = settings({ settleMinutes: 5 * 24 * 60 });
    const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);
    aws.deployments.push({ deploymentId: "d-1", createTime: ago(73), completeTime: ago(72) });

    expect((await ask("r-1")).why).to.match(/^deployment d-1 has ended less than 7200 minutes ago/);
  });

  for (const [what, text] of [
    ["is no JSON", "{"],
    ["is none", '{"id":7}'],
    [
      "has a time that is none",
      '{"id":"l","count":1,"retrainings":[{"id":"i","reason":"r","why":"w","at":"then","token":"t"}]}',
    ],
  ] as const) {
    it(`says which ledger it cannot read, and what to do, where it ${what}`, async () => {
      aws.objects.set(LEDGER, text);

      expect(await messageOf(ask("r-1"))).to.match(
        /^s3:\/\/data\/monitoring\/retrain\/ledger\.json is no list of retrainings: .*Put back an older version of it, or delete it/s,
      );
      expect(aws.executions).to.deep.equal([]);
    });
  }

  it("says what is wrong with the time of an event", async () => {
    const event = { id: "e", time: "soon", "detail-type": "Scheduled Event" };
    expect(await messageOf(ask("r-1", event))).to.match(/^the event must be .*"time":"soon"/);
  });
});
