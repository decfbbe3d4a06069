import { StopDeploymentCommand } from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { AwsError } from "../../core/aws-error";
import { APPLICATION, appSpec, Fixture, GROUP } from "./fixture";

/** At this speed, a canary's five minutes take 100 ms. */
const SPEED = 3000;
const FIVE_MINUTES = 100;
/** At this speed, the five seconds before a rollback take 250 ms. */
const SLOW = 20;
const throttled = () => new AwsError("TooManyRequestsException", "Rate Exceeded.", 429);

describe("A deployment to Lambda", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start(SPEED);
  });
  afterEach(() => fixture.close());

  const shifting = () => fixture.until(() => fixture.lambda.moves.length > 0);
  const stop = (deploymentId: string, autoRollbackEnabled?: boolean) =>
    fixture.codeDeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled }));

  describe("shifts the alias", () => {
    it("as a canary: 10 %, five minutes, all", async () => {
      await fixture.createGroup();
      const id = await fixture.deploy(appSpec(), { description: "release r2" });
      await shifting();
      expect((await fixture.target(id)).lambdaFunctionInfo).to.deep.equal({
        functionName: "mlops-nyctaxi-api",
        functionAlias: "live",
        currentVersion: "1",
        targetVersion: "2",
        targetVersionWeight: 0.1,
      });
      const info = await fixture.ended(id);
      expect(fixture.lambda.moves).to.deep.equal(["1 + 10 % 2", "2"]);
      const [first = 0, second = 0] = fixture.lambda.movedAt;
      expect(second - first).to.be.at.least(FIVE_MINUTES - 1);
      expect(info).to.deep.include({
        status: "Succeeded",
        applicationName: APPLICATION,
        deploymentGroupName: GROUP,
        deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        creator: "user",
        description: "release r2",
        computePlatform: "Lambda",
        deploymentOverview: { Pending: 0, InProgress: 0, Succeeded: 1, Failed: 0, Skipped: 0, Ready: 0 },
      });
      expect(info.errorInformation).to.equal(undefined);
      expect(info.createTime! <= info.startTime! && info.startTime! < info.completeTime!).to.equal(true);
      expect((await fixture.target(id)).lambdaFunctionInfo?.targetVersionWeight).to.equal(1);
      expect(await fixture.events(id)).to.deep.equal([
        "BeforeAllowTraffic Succeeded",
        "AllowTraffic Succeeded",
        "AfterAllowTraffic Succeeded",
      ]);
    });

    it("linearly: 10 % more each minute", async () => {
      await fixture.createGroup();
      const config = { deploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery1Minute" };
      expect((await fixture.ended(await fixture.deploy(appSpec(), config))).status).to.equal("Succeeded");
      const shares = [10, 20, 30, 40, 50, 60, 70, 80, 90].map((share) => `1 + ${share} % 2`);
      expect(fixture.lambda.moves).to.deep.equal([...shares, "2"]);
    });

    it("all at once", async () => {
      await fixture.createGroup({ deploymentConfigName: undefined });
      const info = await fixture.ended(await fixture.deploy());
      expect([info.status, info.deploymentConfigName]).to.deep.equal([
        "Succeeded",
        "CodeDeployDefault.LambdaAllAtOnce",
      ]);
      expect(fixture.lambda.moves).to.deep.equal(["2"]);
    });

    it("though Lambda throttles and fails for a while", async () => {
      await fixture.createGroup();
      fixture.lambda.errors.push(throttled(), new AwsError("ServiceException", "oh", 500), throttled(), throttled());
      expect((await fixture.ended(await fixture.deploy())).status).to.equal("Succeeded");
      expect(fixture.lambda.moves).to.deep.equal(["1 + 10 % 2", "2"]);
    });
  });

  describe("can be stopped", () => {
    it("with a rollback", async () => {
      await fixture.createGroup();
      const id = await fixture.deploy();
      await shifting();
      expect((await stop(id, true)).status).to.equal("Pending");
      const info = await fixture.ended(id);
      expect([info.status, info.errorInformation?.code]).to.deep.equal(["Stopped", "MANUAL_STOP"]);
      expect((await fixture.rollbackOf(info)).status).to.equal("Succeeded");
      expect(fixture.lambda.moves).to.deep.equal(["1 + 10 % 2", "1"]);
    });

    it("with a rollback that begins some seconds later, until when the group takes no other deployment", async () => {
      await fixture.close();
      fixture = await Fixture.start(SLOW);
      await fixture.createGroup();
      const id = await fixture.deploy();
      await shifting();
      await stop(id, true);
      const info = await fixture.ended(id);
      const other = await fixture.deploy().catch((error: unknown) => (error instanceof Error ? error.name : error));
      expect([info.rollbackInfo, other]).to.deep.equal([undefined, "DeploymentLimitExceededException"]);
      expect((await fixture.rollbackOf(info)).status).to.equal("Succeeded");
    });

    it("without one, which leaves the traffic where it is", async () => {
      await fixture.createGroup();
      const id = await fixture.deploy();
      await shifting();
      await stop(id, false);
      const info = await fixture.ended(id);
      expect([info.status, info.rollbackInfo]).to.deep.equal(["Stopped", undefined]);
      expect(fixture.lambda.moves).to.deep.equal(["1 + 10 % 2"]);
    });

    it("as its group is configured, where the request does not say", async () => {
      await fixture.createGroup({ autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE"] } });
      const id = await fixture.deploy();
      await shifting();
      await stop(id);
      expect((await fixture.ended(id)).rollbackInfo).to.equal(undefined);
    });

    it("only while it runs", async () => {
      await fixture.createGroup();
      const id = await fixture.deploy();
      await fixture.ended(id);
      const refusal = await stop(id).catch((error: unknown) => (error instanceof Error ? error.name : String(error)));
      expect(refusal).to.equal("DeploymentAlreadyCompletedException");
    });
  });

  describe("does not move an alias that is not where it should be", () => {
    it("at the start: CurrentVersion must be what it serves", async () => {
      await fixture.createGroup();
      fixture.lambda.move("7");
      const info = await fixture.ended(await fixture.deploy());
      expect(info.errorInformation).to.deep.equal({
        code: "INVALID_LAMBDA_CONFIGURATION",
        message:
          "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or has an invalid configuration. CurrentVersion is 1, but alias live of function mlops-nyctaxi-api points to version 7.",
      });
      expect(info.rollbackInfo).to.deep.equal({
        rollbackMessage: `Deployment ${info.deploymentId!} can't be rolled back: it had not begun.`,
      });
      expect(fixture.lambda.moves).to.deep.equal([]);
    });

    it("in mid-canary, after somebody else has moved it", async () => {
      await fixture.createGroup();
      const id = await fixture.deploy();
      await shifting();
      fixture.lambda.move("9");
      const info = await fixture.ended(id);
      expect(info.errorInformation?.message).to.equal(
        "Alias live of function mlops-nyctaxi-api was changed by somebody else during the deployment: it serves version 9 instead of version 1 with 10 % version 2. It is left as it is.",
      );
      expect(info.rollbackInfo).to.deep.equal({
        rollbackMessage: `Deployment ${id} can't be rolled back: its alias was changed by somebody else.`,
      });
      expect([fixture.lambda.version, fixture.lambda.moves]).to.deep.equal(["9", ["1 + 10 % 2"]]);
    });

    it("during the last hook", async () => {
      await fixture.createGroup();
      fixture.lambda.onInvoke = (_, payload) => {
        fixture.lambda.move("9");
        void fixture.report(payload, "Succeeded");
      };
      const info = await fixture.ended(await fixture.deploy(appSpec({ AfterAllowTraffic: "post" })));
      expect(info.errorInformation?.message).to.contain("it serves version 9 instead of version 2");
      expect(fixture.lambda.version).to.equal("9");
    });
  });

  it("fails with what is wrong with its AppSpec", async () => {
    await fixture.createGroup();
    const info = await fixture.ended(await fixture.deploy("version: 0.0\nResources: []"));
    expect(info.errorInformation?.code).to.equal("INVALID_LAMBDA_CONFIGURATION");
    expect(info.errorInformation?.message).to.contain("Resources: must hold exactly one AWS::Lambda::Function");
  });

  it("fails where there is no such alias", async () => {
    await fixture.createGroup();
    const spec = JSON.stringify(appSpec()).replace("live", "absent");
    expect((await fixture.ended(await fixture.deploy(spec))).errorInformation).to.deep.equal({
      code: "INVALID_LAMBDA_FUNCTION",
      message: "Lambda GetAlias failed: ResourceNotFoundException: Cannot find alias absent",
    });
  });

  it("shifts no more once the local AWS is shut down", async () => {
    await fixture.createGroup();
    const id = await fixture.deploy();
    await shifting();
    fixture.clock.stop();
    await new Promise((resolve) => setTimeout(resolve, FIVE_MINUTES));
    expect(fixture.lambda.moves).to.deep.equal(["1 + 10 % 2"]);
    expect((await fixture.deployment(id)).status).to.equal("InProgress");
  });
});
