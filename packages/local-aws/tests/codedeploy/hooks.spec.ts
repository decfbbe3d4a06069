import { expect } from "chai";
import { appSpec, Fixture } from "./fixture";

/** At this speed, a hook's hour takes 1.2 s. */
const SPEED = 3000;
const HOOKS = { BeforeAllowTraffic: "pre", AfterAllowTraffic: "post" };

describe("A deployment to Lambda asks the hooks", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start(SPEED);
  });
  afterEach(() => fixture.close());

  it("asynchronously, before and after, by an id under which they report", async () => {
    await fixture.createGroup();
    fixture.reportVerdicts({ pre: "Succeeded", post: "Succeeded" });
    const id = await fixture.deploy(appSpec(HOOKS));
    expect((await fixture.ended(id)).status).to.equal("Succeeded");
    expect(fixture.lambda.calls.map(({ hook }) => hook)).to.deep.equal(["pre Event", "post Event"]);
    const [pre, post] = fixture.lambda.calls.map(({ payload }) => payload);
    expect(Object.keys(pre!)).to.deep.equal(["DeploymentId", "LifecycleEventHookExecutionId"]);
    expect([pre!.DeploymentId, post!.DeploymentId]).to.deep.equal([id, id]);
    expect(pre!.LifecycleEventHookExecutionId).to.not.equal(post!.LifecycleEventHookExecutionId);
  });

  const failed = "The deployment failed because one or more of the lifecycle event validation functions failed.";

  it("and ends before any traffic when the first one says no", async () => {
    await fixture.createGroup();
    fixture.reportVerdicts({ pre: "Failed" });
    const info = await fixture.ended(await fixture.deploy(appSpec(HOOKS)));
    expect(info.status).to.equal("Failed");
    expect(info.errorInformation).to.deep.equal({ code: "HOOK_EXECUTION_FAILURE", message: failed });
    expect(fixture.lambda.moves).to.deep.equal([]);
    expect(await fixture.events(info.deploymentId!)).to.deep.equal([
      "BeforeAllowTraffic Failed",
      "AllowTraffic Skipped",
      "AfterAllowTraffic Skipped",
    ]);
    expect((await fixture.rollbackOf(info)).status).to.equal("Succeeded");
  });

  it("and goes back when the last one says no", async () => {
    await fixture.createGroup();
    fixture.reportVerdicts({ pre: "Succeeded", post: "Failed" });
    const info = await fixture.ended(await fixture.deploy(appSpec(HOOKS)));
    expect(info.errorInformation?.message).to.equal(failed);
    expect((await fixture.rollbackOf(info)).status).to.equal("Succeeded");
    expect(fixture.lambda.moves).to.deep.equal(["1 + 10 % 2", "2", "1"]);
    expect(fixture.lambda.calls).to.have.length(2);
  });

  it("and fails when one does not report within an hour", async () => {
    await fixture.createGroup();
    const start = Date.now();
    const info = await fixture.ended(await fixture.deploy(appSpec(HOOKS)));
    expect(info.errorInformation).to.deep.equal({
      code: "HOOK_EXECUTION_FAILURE",
      message:
        "The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback within one hour after a deployment hook is invoked.",
    });
    expect(Date.now() - start).to.be.within(1199, 2400);
  });

  it("and fails when one does not exist", async () => {
    await fixture.createGroup();
    const info = await fixture.ended(await fixture.deploy(appSpec({ BeforeAllowTraffic: "absent" })));
    expect(info.errorInformation).to.deep.equal({
      code: "HOOK_EXECUTION_FAILURE",
      message: "Invoke of hook absent failed: ResourceNotFoundException: Function not found: absent",
    });
  });

  it("and takes each verdict once, from that hook only", async () => {
    await fixture.createGroup();
    const id = await fixture.deploy(appSpec({ BeforeAllowTraffic: "pre" }));
    await fixture.until(() => fixture.lambda.calls.length > 0);
    const { payload } = fixture.lambda.calls[0]!;
    const refusal = async (given: Record<string, string>) => {
      try {
        await fixture.report(given, "Succeeded");
        return "taken";
      } catch (error) {
        return error instanceof Error ? error.name : String(error);
      }
    };
    expect(await refusal({ ...payload, LifecycleEventHookExecutionId: "another" })).to.equal(
      "InvalidLifecycleEventHookExecutionIdException",
    );
    expect(await refusal({ ...payload, DeploymentId: "d-ABSENT000" })).to.equal("DeploymentDoesNotExistException");
    expect(await refusal(payload)).to.equal("taken");
    expect(await refusal(payload)).to.equal("LifecycleEventAlreadyCompletedException");
    expect((await fixture.ended(id)).status).to.equal("Succeeded");
  });
});
