import {
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  RetryStageExecutionCommand,
  type ApprovalStatus,
} from "@aws-sdk/client-codepipeline";
import { expect } from "chai";
import { rejection } from "../core/support";
import { approval, build, CONNECTION } from "./declarations";
import { Fixture } from "./fixture";

const stage = (name: string, ...actions: ReturnType<typeof build>[]) => ({ name, actions });

describe("An action of a pipeline", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  const first = async () =>
    (
      await fixture.client.send(new ListPipelineExecutionsCommand({ pipelineName: "release" }))
    ).pipelineExecutionSummaries!.at(-1)!.pipelineExecutionId!;
  const decide = (token: string, status: ApprovalStatus = "Approved", summary = "fine") =>
    fixture.client.send(
      new PutApprovalResultCommand({
        ...{ pipelineName: "release", stageName: "Approve", actionName: "Manual", token, result: { status, summary } },
      }),
    );

  describe("whose build fails", () => {
    const again = (pipelineExecutionId: string, retryMode: "FAILED_ACTIONS" | "ALL_ACTIONS") =>
      fixture.client.send(
        new RetryStageExecutionCommand({ pipelineName: "release", stageName: "Build", pipelineExecutionId, retryMode }),
      );

    beforeEach(() => fixture.createProject("good", ["echo good"]));

    it("fails with the build's reason, lets parallel actions end and starts none after them", async () => {
      await fixture.createProject("bad", ["exit 3"]);
      await fixture.createPipeline([
        stage("Build", build("Bad", "bad"), build("Good", "good"), build("Later", "good", { runOrder: 2 })),
      ]);
      const id = await first();
      expect((await fixture.ended(id)).status).to.equal("Failed");
      const { latestExecution } = await fixture.action("Build", "Bad");
      expect(latestExecution!.errorDetails).to.deep.equal({
        code: "JobFailed",
        message:
          "Build terminated with state: FAILED. Phase: BUILD, Code: COMMAND_EXECUTION_ERROR, Message: Error while executing command: exit 3. Reason: exit status 3",
      });
      expect(latestExecution!.logStreamARN).to.contain("log-group:/aws/codebuild/bad:log-stream:");
      expect((await fixture.action("Build", "Good")).latestExecution!.status).to.equal("Succeeded");
      expect((await fixture.action("Build", "Later")).latestExecution).to.equal(undefined);
      expect(fixture.told(id).slice(-2)).to.deep.equal(["Stage Build FAILED", "Pipeline FAILED"]);
    });

    it("is retried from the failed stage, with its failed actions or all of them", async () => {
      await fixture.createProject("bad", ["exit 3"]);
      await fixture.createPipeline([stage("Build", build("Bad", "bad"), build("Good", "good"))]);
      const id = await first();
      await fixture.ended(id);
      expect((await again(id, "FAILED_ACTIONS")).pipelineExecutionId).to.equal(id);
      await fixture.ended(id);
      const runs = async (name: string) =>
        (await fixture.actionExecutions(id)).filter(({ actionName }) => actionName === name).length;
      expect([await runs("Git"), await runs("Bad"), await runs("Good")]).to.deep.equal([1, 2, 1]);
      expect((await fixture.stage("Build")).retryStageMetadata).to.deep.include({
        manualStageRetryAttempt: 1,
        latestRetryTrigger: "ManualStageRetry",
      });
      await again(id, "ALL_ACTIONS");
      await fixture.ended(id);
      expect([await runs("Git"), await runs("Bad"), await runs("Good")]).to.deep.equal([1, 3, 2]);
      expect(fixture.told(id)).to.include.members(["Pipeline RESUMED", "Stage Build RESUMED"]);
      const next = await fixture.start();
      await fixture.ended(next);
      expect((await rejection(again(id, "ALL_ACTIONS"))).name).to.equal("NotLatestPipelineExecutionException");
    });

    it("is retried once by itself where the stage says so", async () => {
      await fixture.createProject("bad", ["exit 3"]);
      await fixture.createPipeline([{ ...stage("Build", build("Bad", "bad")), onFailure: { result: "RETRY" } }]);
      const id = await first();
      expect((await fixture.ended(id)).status).to.equal("Failed");
      expect((await fixture.actionExecutions(id)).filter(({ actionName }) => actionName === "Bad")).to.have.length(2);
      const { retryStageMetadata } = await fixture.stage("Build");
      expect(retryStageMetadata).to.deep.include({
        autoStageRetryAttempt: 1,
        latestRetryTrigger: "AutomatedStageRetry",
      });
    });
  });

  describe("with an approval", () => {
    const customData = "#{Git.CommitMessage} for #{codepipeline.PipelineExecutionId}";
    const manual = () => ({
      ...approval("Manual", {
        CustomData: customData,
        ExternalEntityLink: "https://example.com/",
        NotificationArn: "arn:aws:sns:us-east-1:123456789012:approvals",
      }),
    });

    it("waits, asks by SNS, and goes on once it is approved", async () => {
      await fixture.createProject("good", ["echo good"]);
      await fixture.createPipeline([stage("Approve", manual()), stage("Deploy", build("Deploy", "good"))]);
      const id = await first();
      const token = await fixture.token("Approve", "Manual");
      const [sent] = fixture.published;
      expect(sent).to.include({
        topic: "arn:aws:sns:us-east-1:123456789012:approvals",
        subject: "APPROVAL NEEDED: AWS CodePipeline release for action Manual",
      });
      const { approval: asked, region } = sent!.message as { approval: Record<string, string>; region: string };
      expect(region).to.equal("us-east-1");
      expect(asked).to.include({
        ...{ pipelineName: "release", stageName: "Approve", actionName: "Manual", token },
        ...{ customData: `a change for ${id}`, externalEntityLink: "https://example.com/" },
      });
      expect(asked.expires).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\dZ$/);
      const wrong = decide("00000000-0000-0000-0000-000000000000");
      expect((await rejection(wrong)).name).to.equal("InvalidApprovalTokenException");
      expect((await decide(token)).approvedAt).to.be.instanceOf(Date);
      expect((await fixture.ended(id)).status).to.equal("Succeeded");
      expect((await fixture.action("Approve", "Manual")).latestExecution).to.deep.include({
        ...{ status: "Succeeded", summary: "fine", lastUpdatedBy: "arn:aws:iam::123456789012:root" },
      });
      expect((await fixture.action("Approve", "Manual")).latestExecution!.token).to.equal(undefined);
      expect((await rejection(decide(token))).name).to.equal("ApprovalAlreadyCompletedException");
    });

    it("fails where it is rejected, or nobody answers in time", async () => {
      const hasty = { ...approval("Manual"), timeoutInMinutes: 5 };
      await fixture.createPipeline([stage("Approve", manual()), stage("Hasty", hasty)]);
      const id = await first();
      await decide(await fixture.token("Approve", "Manual"), "Rejected", "not today");
      expect((await fixture.ended(id)).status).to.equal("Failed");
      const { latestExecution } = await fixture.action("Approve", "Manual");
      expect(latestExecution).to.deep.include({ status: "Failed", summary: "not today" });
      const next = await fixture.start();
      await decide(await fixture.token("Approve", "Manual", next));
      expect((await fixture.ended(next)).status).to.equal("Failed");
      const late = await fixture.action("Hasty", "Manual");
      expect(late.latestExecution!.errorDetails!.message).to.contain("within 5 minutes");
    });
  });

  it("fails with a permission error where its role does not allow what an action does", async () => {
    await fixture.createPipeline([stage("Approve", approval("Manual"))], {
      roleArn: "arn:aws:iam::123456789012:role/mute",
    });
    await fixture.ended(await first());
    const { latestExecution } = await fixture.action("Source", "Git");
    expect(latestExecution!.errorDetails).to.deep.include({ code: "PermissionError" });
    expect(latestExecution!.errorDetails!.message).to.contain(`codeconnections:UseConnection`);
    expect(CONNECTION).to.contain("codeconnections");
  });
});
