import { expect } from "chai";
import { environment } from "./lambda";
import { ask as askGovernor, FakeAws, HOUR_MS, LEDGER, settings } from "./retrain-fixture";

describe("retrain", () => {
  environment({ GOVERNOR: settings() });
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
  });
  afterEach(() => aws.restore());

  const ask = (awsRequestId: string, event: unknown = { reason: "new tariffs" }) => askGovernor(awsRequestId, event);
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

    expect((await ask("r-1"))?.why).to.match(/^deployment d-1 has ended less than 7200 minutes ago/);
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
