import { expect } from "chai";
import { CONNECTION, PIPELINE } from "../../../support/pipeline-lab";
import { DATA, messagesOf, toldOf, type Use } from "./fixture";

export function executions(use: Use): void {
  let version: string;
  let commit: string;
  let id: string;

  it("has nothing to do a second time, and is in AWS as its state says", () => use().lab.expectNoChanges());

  it("ends at once what AWS starts when the pipeline is made: there is no data yet", async () => {
    const { executions: runs } = use().lab;
    const [first, ...others] = await runs.all();

    expect(others).to.deep.equal([]);
    expect(first?.trigger?.triggerType).to.equal("CreatePipeline");
    expect(await runs.ended(first?.pipelineExecutionId ?? "")).to.equal("Failed");
    const { output } = await runs.action(first?.pipelineExecutionId ?? "", "Data");
    expect(output?.executionResult?.errorDetails?.message).to.contain(`${PIPELINE}/data-source.zip`);
  });

  it("starts when there is new data", async () => {
    const { lab, source } = use();
    commit = await source.head();
    const started = await lab.executions.startedBy(async () => {
      version = await lab.putData(DATA);
    });
    id = started.id;

    expect(started.trigger).to.deep.equal({
      triggerType: "CloudWatchEvent",
      triggerDetail: `arn:aws:events:us-east-1:123456789012:rule/${PIPELINE}-data`,
    });
    await lab.executions.token(id);
    const { artifactRevisions = [] } = await lab.executions.execution(id);
    expect(artifactRevisions.map(({ name, revisionId }) => [name, revisionId])).to.have.deep.members([
      ["SourceCode", commit],
      ["ReleaseData", version],
    ]);
  });

  it("builds, trains and deploys to dev, and asks for approval with what the builds have exported", async () => {
    const { lab, told } = use();

    expect(await lab.executions.story(id)).to.deep.equal([
      "Build Succeeded",
      "Train Succeeded",
      "DeployDev Succeeded",
      "Approve InProgress",
    ]);
    const origin = `Commit ${commit}, execution ${id}, started by a push, new data or a person. Its own code reports:`;
    const customData = `${origin}\n\nwhat "${id}" would change\n\nrmse of ${id} on train\n\nModel archive SHA-256 digest of ${id}`;
    const { input } = await lab.executions.action(id, "Approve");
    expect(input?.resolvedConfiguration).to.include({ CustomData: customData });
    await toldOf(use(), id, "customData");
    const asked = told.messages.find(({ Message }) => Message.includes("customData"));
    expect(asked?.Subject).to.equal(`APPROVAL NEEDED: AWS CodePipeline ${PIPELINE} for action Approve`);
    expect((JSON.parse(asked?.Message ?? "{}") as { approval: object }).approval).to.include({
      ...{ pipelineName: PIPELINE, stageName: "Approve", actionName: "Approve", customData },
      token: await lab.executions.token(id),
    });
    expect(messagesOf(told, id).filter((message) => message.includes("is deployed"))).to.deep.equal([]);
  });

  it("deploys to prod what was built, once it is approved, and tells people", async () => {
    const { lab } = use();
    await lab.executions.decide(id, "Approved");

    expect(await lab.executions.ended(id)).to.equal("Succeeded");
    expect((await lab.executions.story(id)).slice(-2)).to.deep.equal(["Approve Succeeded", "DeployProd Succeeded"]);
    const built = `built for ${id} from ${JSON.stringify(DATA["inputData.json"])} in version ${version}`;
    for (const [action, stack] of [
      ["Train", "train"],
      ["DeployDev", "dev"],
      ["DeployProd", "prod"],
    ] as const) {
      // Variables of the action, and a file of the artifact that the build has left.
      expect(await lab.executions.log(id, action)).to.include.members([
        `${stack} of ${id} with ${commit} of main`,
        built,
      ]);
    }
    await toldOf(use(), id, `Pipeline ${PIPELINE}: execution ${id} has started.`);
    await toldOf(use(), id, `Pipeline ${PIPELINE}: execution ${id} is deployed.`);
  });

  it("starts when somebody pushes, and goes no further where the approval is refused", async () => {
    const { lab, source } = use();
    const started = await lab.executions.startedBy(async () => {
      commit = await source.commit("a change", { "README.md": "changed" });
    });

    expect(started.trigger).to.deep.equal({ triggerType: "WebhookV2", triggerDetail: CONNECTION });
    await lab.executions.decide(started.id, "Rejected", "not before the weekend");
    expect(await lab.executions.ended(started.id)).to.equal("Failed");
    expect((await lab.executions.story(started.id)).at(-1)).to.equal("Approve Failed");
    expect((await lab.executions.stage("Approve")).actionStates?.[0]?.latestExecution).to.deep.include({
      ...{ status: "Failed", summary: "not before the weekend" },
    });
    expect(await lab.executions.log(started.id, "Build")).to.include(`Build of ${started.id} with ${commit} of main`);
    await toldOf(use(), started.id, `stage Approve of execution ${started.id} has failed`);
  });

  it("does not start for a branch that it is not about", async () => {
    const { lab, source } = use();
    const before = (await lab.executions.all()).length;
    await source.branch("aside", { "README.md": "aside" });
    // The next push is seen by the same look at the repository, or by a later one.
    const { id: next } = await lab.executions.startedBy(() => source.commit("another change", {}));

    expect(await lab.executions.all()).to.have.length(before + 1);
    await lab.executions.decide(next, "Rejected");
    await lab.executions.ended(next);
  });
}
