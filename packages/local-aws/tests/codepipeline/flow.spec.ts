import {
  DeletePipelineCommand,
  DisableStageTransitionCommand,
  EnableStageTransitionCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  StopPipelineExecutionCommand,
  type ExecutionMode,
} from "@aws-sdk/client-codepipeline";
import { expect } from "chai";
import { rejection } from "../core/support";
import { approval, build, CONNECTION, gitSource } from "./declarations";
import { Fixture } from "./fixture";

const APPROVE = { name: "Approve", actions: [approval("Manual")] };
const NEXT = { name: "Next", actions: [approval("Manual")] };

describe("Executions of a pipeline", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  const summaries = async () =>
    (await fixture.client.send(new ListPipelineExecutionsCommand({ pipelineName: "release" })))
      .pipelineExecutionSummaries!;
  const first = async () => (await summaries()).at(-1)!.pipelineExecutionId!;
  const create = async (executionMode: ExecutionMode) => {
    await fixture.createPipeline([APPROVE, NEXT], { executionMode });
    const id = await first();
    await fixture.token("Approve", "Manual", id);
    return id;
  };
  const approve = async (stageName: string, id: string) => {
    const token = await fixture.token(stageName, "Manual", id);
    await fixture.client.send(
      new PutApprovalResultCommand({
        ...{ pipelineName: "release", stageName, actionName: "Manual", token },
        result: { status: "Approved", summary: "" },
      }),
    );
  };
  const waitingBefore = async (stageName: string) =>
    (await fixture.stage(stageName)).inboundExecutions!.map(({ pipelineExecutionId }) => pipelineExecutionId);
  const stop = (pipelineExecutionId: string, abandon: boolean) =>
    fixture.client.send(
      new StopPipelineExecutionCommand({ pipelineName: "release", pipelineExecutionId, abandon, reason: "enough" }),
    );
  const statuses = async (...ids: string[]) => Promise.all(ids.map(async (id) => (await fixture.execution(id)).status));

  it("wait for each other in mode QUEUED, in their order", async () => {
    const one = await create("QUEUED");
    const two = await fixture.start();
    const three = await fixture.start();
    await fixture.until(async () => (await waitingBefore("Approve")).length === 2);
    expect(await waitingBefore("Approve")).to.deep.equal([two, three]);
    expect((await fixture.stage("Approve")).latestExecution).to.deep.include({ pipelineExecutionId: one });
    await approve("Approve", one);
    await approve("Approve", two);
    expect(await statuses(one, two, three)).to.deep.equal(["InProgress", "InProgress", "InProgress"]);
    await approve("Next", one);
    await approve("Next", two);
    await approve("Approve", three);
    await approve("Next", three);
    expect((await fixture.ended(three)).status).to.equal("Succeeded");
    expect(await statuses(one, two)).to.deep.equal(["Succeeded", "Succeeded"]);
  });

  it("supersede the one that waits in mode SUPERSEDED, never the one that is worked on", async () => {
    const one = await create("SUPERSEDED");
    const two = await fixture.start();
    await fixture.until(async () => (await waitingBefore("Approve")).includes(two));
    const three = await fixture.start();
    expect((await fixture.ended(two)).status).to.equal("Superseded");
    expect(fixture.told(two).at(-1)).to.equal("Pipeline SUPERSEDED");
    expect(await statuses(one, three)).to.deep.equal(["InProgress", "InProgress"]);
    await approve("Approve", one);
    await approve("Approve", three);
    expect(await statuses(one, three)).to.deep.equal(["InProgress", "InProgress"]);
  });

  it("do not heed each other in mode PARALLEL", async () => {
    await create("PARALLEL");
    const two = await fixture.start();
    await fixture.token("Approve", "Manual", two);
    expect(await waitingBefore("Approve")).to.deep.equal([]);
    await approve("Approve", two);
    await approve("Next", two);
    expect((await fixture.ended(two)).status).to.equal("Succeeded");
  });

  it("stop after the actions under way, or at once with those abandoned", async () => {
    const one = await create("QUEUED");
    const two = await fixture.start();
    await fixture.until(async () => (await waitingBefore("Approve")).includes(two));
    await stop(two, false);
    expect((await fixture.ended(two)).status).to.equal("Stopped");
    await stop(one, false);
    expect(await statuses(one)).to.deep.equal(["Stopping"]);
    expect((await fixture.stage("Approve")).latestExecution!.status).to.equal("Stopping");
    expect((await rejection(stop(one, false))).name).to.equal("DuplicatedStopRequestException");
    await approve("Approve", one);
    expect((await fixture.ended(one)).status).to.equal("Stopped");
    expect((await fixture.stage("Approve")).latestExecution!.status).to.equal("Succeeded");
    expect((await rejection(stop(one, true))).name).to.equal("PipelineExecutionNotStoppableException");

    const three = await fixture.start();
    await fixture.token("Approve", "Manual", three);
    await stop(three, true);
    expect((await fixture.ended(three)).status).to.equal("Stopped");
    expect((await fixture.action("Approve", "Manual")).latestExecution!.status).to.equal("Abandoned");
    expect(fixture.told(three).slice(-4)).to.deep.equal([
      ...["Pipeline STOPPING", "Action Manual ABANDONED", "Stage Approve STOPPED", "Pipeline STOPPED"],
    ]);
    expect((await summaries())[0]!.stopTrigger).to.deep.equal({ reason: "enough" });
  });

  it("wait before a stage that is closed, and go on when it is opened", async () => {
    await fixture.createPipeline([APPROVE]);
    await fixture.token("Approve", "Manual");
    await approve("Approve", await first());
    const way = { pipelineName: "release", stageName: "Approve", transitionType: "Inbound" as const };
    await fixture.client.send(new DisableStageTransitionCommand({ ...way, reason: "holidays" }));
    const id = await fixture.start();
    await fixture.until(async () => (await waitingBefore("Approve")).includes(id));
    expect((await fixture.stage("Approve")).inboundTransitionState).to.deep.include({
      ...{ enabled: false, disabledReason: "holidays" },
    });
    await fixture.client.send(new EnableStageTransitionCommand(way));
    await approve("Approve", id);
    expect((await fixture.ended(id)).status).to.equal("Succeeded");
  });

  it("are abandoned with their pipeline", async () => {
    await create("QUEUED");
    await fixture.client.send(new DeletePipelineCommand({ name: "release" }));
    expect((await rejection(fixture.start())).message).to.equal(
      "Account '123456789012' does not have a pipeline with name 'release'",
    );
    await fixture.until(() => fixture.events.some(({ detail }) => (detail as { state: string }).state === "STOPPED"));
  });

  describe("are started by the repository", () => {
    const triggersOf = async () =>
      (await summaries()).map(({ trigger, sourceRevisions }) => [
        trigger!.triggerType,
        sourceRevisions!.map(({ revisionId }) => revisionId).join(),
      ]);
    const create = async (push?: object[], pullRequest?: object[]) => {
      await fixture.createProject("good", ["true"]);
      const gitConfiguration = { sourceActionName: "Git", push, pullRequest } as never;
      const triggers = [{ providerType: "CodeStarSourceConnection" as const, gitConfiguration }];
      const isTriggered = push !== undefined || pullRequest !== undefined;
      await fixture.createPipeline(
        [{ name: "Build", actions: [build("Build", "good")] }],
        isTriggered ? { triggers } : {},
        // A trigger takes the place of the source's own detection.
        [gitSource({ DetectChanges: String(!isTriggered) })],
      );
      await fixture.ended(await first());
    };

    it("when the source's branch moves", async () => {
      await create();
      fixture.git("checkout", "--quiet", "-b", "other");
      fixture.commit({ "a.txt": "other" });
      fixture.git("checkout", "--quiet", "main");
      const commit = fixture.commit({ "b.txt": "main" });
      await fixture.until(async () => (await summaries()).length === 2);
      await fixture.ended((await summaries())[0]!.pipelineExecutionId!);
      expect((await triggersOf())[0]).to.deep.equal(["Webhook", commit]);
      expect((await summaries())[0]!.trigger!.triggerDetail).to.equal(CONNECTION);
    });

    it("by branch and file, as the trigger's filters say", async () => {
      await create([
        { branches: { includes: ["release/**"], excludes: ["release/old"] }, filePaths: { includes: ["model/**"] } },
      ]);
      fixture.commit({ "model/a.py": "on main" });
      for (const branch of ["release/1", "release/old"]) {
        fixture.git("checkout", "--quiet", "-b", branch);
        fixture.commit({ "model/a.py": branch });
      }
      await fixture.until(async () => (await summaries()).length === 2);
      const [latest] = await summaries();
      await fixture.ended(latest!.pipelineExecutionId!);
      expect(latest!.trigger!.triggerType).to.equal("WebhookV2");
      const source = (await fixture.actionExecutions(latest!.pipelineExecutionId)).find(
        ({ actionName }) => actionName === "Git",
      );
      expect(source!.output!.outputVariables!.BranchName).to.equal("release/1");
      fixture.git("checkout", "--quiet", "release/1");
      fixture.commit({ "docs/a.md": "no model" });
      const commit = fixture.commit({ "model/b.py": "a model" });
      await fixture.until(async () => (await summaries()).length === 3);
      await fixture.ended((await summaries())[0]!.pipelineExecutionId!);
      expect((await triggersOf())[0]![1]).to.equal(commit);
    });

    it("by pull requests to the source's branch", async () => {
      await create(undefined, [{ events: ["OPEN", "UPDATED"], branches: { includes: ["main"] } }]);
      fixture.git("checkout", "--quiet", "-b", "feature");
      const commit = fixture.commit({ "a.txt": "feature" });
      fixture.git("update-ref", "refs/pull/1/head", commit);
      await fixture.until(async () => (await summaries()).length === 2);
      await fixture.ended((await summaries())[0]!.pipelineExecutionId!);
      expect((await triggersOf())[0]).to.deep.equal(["WebhookV2", commit]);
      fixture.git("update-ref", "-d", "refs/pull/1/head");
      const next = fixture.commit({ "a.txt": "feature 2" });
      fixture.git("update-ref", "refs/pull/2/head", next);
      await fixture.until(async () => (await summaries()).length === 3);
    });
  });
});
