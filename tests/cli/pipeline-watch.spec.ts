import { PutApprovalResultCommand } from "@aws-sdk/client-codepipeline";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { clientConfig } from "local-aws/core/local";
import { PipelineWatch } from "../../cli/pipeline/watch";
import { serve } from "local-aws/testing/serve";
import { approval } from "local-aws/tests/codepipeline/declarations";
import { Fixture } from "local-aws/tests/codepipeline/fixture";
import { rejection } from "local-aws/tests/core/support";

describe("watching a pipeline", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start();
  });
  afterEach(() => fixture.close());

  const watch = () => new PipelineWatch(clientConfig(fixture.aws), "release");
  const stages = [{ name: "Approve", actions: [approval("Approve")] }];

  it("finds the approval that waits, and is through once it is given", async () => {
    await fixture.createPipeline(stages);
    const [execution] = await watch().executions();
    const asked = await watch().approval(execution!.id, "Approve");
    await watch().answer("Approve", asked, "Approved", "fine");
    expect(await watch().through(execution!.id, "Approve", () => undefined)).to.include({
      status: "Succeeded",
      why: "",
    });
    await watch().idle();
    expect((await rejection(watch().approval(execution!.id, "Approve"))).message).to.contain("Succeeded");
  });

  it("does not wait for an approval that has failed, and says why it has", async () => {
    await fixture.createPipeline(stages);
    const token = await fixture.token("Approve", "Approve");
    const result = { status: "Rejected", summary: "not today" } as const;
    await fixture.client.send(
      new PutApprovalResultCommand({
        ...{ pipelineName: "release", stageName: "Approve", actionName: "Approve", token, result },
      }),
    );
    await watch().idle();
    const [execution] = await watch().executions();

    const { message } = await rejection(watch().approval(execution!.id, "Approve"));

    expect(message).to.match(/Failed: .*not today/);
  });

  it("says which stage has failed before the one that is waited for, and why", async () => {
    await fixture.createPipeline(stages, { roleArn: "arn:aws:iam::123456789012:role/mute" });
    await watch().idle();
    const [execution] = await watch().executions();

    const { message } = await rejection(watch().approval(execution!.id, "Approve"));

    expect(message).to.match(/ended before stage Approve: Source Failed: .*codeconnections:UseConnection/);
  });

  it("does not wait for ever until executions are over", async () => {
    await fixture.createPipeline(stages);
    await fixture.token("Approve", "Approve");

    const { message } = await rejection(watch().idle(50));

    expect(message).to.match(/^execution \S+ of release is not over after 0\.05 s$/);
  });

  it("gives a stage whose actions have no time none", async () => {
    const served = await serve({
      name: "CodePipeline",
      handle: async ({ headers }) => ({
        status: 200,
        headers: { "content-type": "application/x-amz-json-1.1" },
        body: JSON.stringify(
          headers["x-amz-target"]?.endsWith("GetPipelineState") === true
            ? { stageStates: [{ stageName: "Source" }, { stageName: "Build" }] }
            : { actionExecutionDetails: [{ stageName: "Source", status: "Abandoned" }] },
        ),
      }),
    });
    const its = new PipelineWatch(clientConfig({ account: LOCAL_ACCOUNT, endpoint: served.endpoint }), "release");
    try {
      expect(await its.summary("1")).to.deep.equal([{ name: "Source", status: "Abandoned", seconds: 0 }]);
    } finally {
      await served.close();
    }
  });
});
