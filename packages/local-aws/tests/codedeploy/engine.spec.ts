import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { StopDeploymentCommand } from "@aws-sdk/client-codedeploy";
import { expect } from "chai";
import { AwsError } from "../../core/aws-error";
import { jsonRpcService } from "../../core/json-rpc";
import { operation } from "../../core/operation";
import { APPLICATION, appSpec, Fixture, GROUP } from "./fixture";

/** At this speed, a canary's five minutes take 100 ms, and a hook's hour 1.2 s. */
const SPEED = 3000;
const FIVE_MINUTES = 100;
const HOOKS = { BeforeAllowTraffic: "pre", AfterAllowTraffic: "post" };
const ALARMS = { alarmConfiguration: { enabled: true, alarms: [{ name: "errors" }, { name: "latency" }] } };
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

  describe("asks the hooks", () => {
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

  describe("heeds the alarms", () => {
    const activated = (names: string) =>
      `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: ${names}`;

    it("and is stopped at once where one is already ringing", async () => {
      await fixture.alarm("errors", "OK");
      await fixture.alarm("latency", "ALARM");
      await fixture.createGroup(ALARMS);
      const info = await fixture.ended(await fixture.deploy(appSpec(HOOKS)));
      expect(info.status).to.equal("Stopped");
      expect(info.errorInformation).to.deep.equal({ code: "ALARM_ACTIVE", message: activated("<latency>") });
      expect([fixture.lambda.moves, fixture.lambda.calls]).to.deep.equal([[], []]);
    });

    it("and goes back at once when one rings in mid-canary, by a deployment of its own", async () => {
      await fixture.alarm("errors", "OK");
      await fixture.alarm("latency", "INSUFFICIENT_DATA");
      await fixture.createGroup(ALARMS);
      const id = await fixture.deploy();
      await shifting();
      await fixture.alarm("errors", "ALARM");
      const info = await fixture.ended(id);
      const rollback = await fixture.rollbackOf(info);
      expect(fixture.lambda.moves).to.deep.equal(["1 + 10 % 2", "1"]);
      const [first = 0, second = 0] = fixture.lambda.movedAt;
      expect(second - first).to.be.below(FIVE_MINUTES);
      expect(info.status).to.equal("Stopped");
      expect(info.errorInformation).to.deep.equal({ code: "ALARM_ACTIVE", message: activated("<errors>") });
      expect(info.rollbackInfo).to.deep.equal({
        rollbackDeploymentId: rollback.deploymentId,
        rollbackMessage: `Deployment ${id} terminated. Automatic rollback is triggered with a DeploymentId ${rollback.deploymentId!}.`,
      });
      expect(rollback).to.deep.include({
        status: "Succeeded",
        creator: "codeDeployRollback",
        deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
        rollbackInfo: {
          rollbackTriggeringDeploymentId: id,
          rollbackMessage: `Deployment ${rollback.deploymentId!} is triggered to roll back deployment ${id}.`,
        },
      });
      expect(await fixture.events(id)).to.deep.equal([
        "BeforeAllowTraffic Succeeded",
        "AllowTraffic Failed",
        "AfterAllowTraffic Skipped",
      ]);
      expect((await fixture.target(rollback.deploymentId!)).lambdaFunctionInfo).to.deep.include({
        currentVersion: "2",
        targetVersion: "1",
        targetVersionWeight: 1,
      });
    });

    it("also while a hook is running", async () => {
      await fixture.alarm("errors", "OK");
      await fixture.alarm("latency", "OK");
      await fixture.createGroup(ALARMS);
      const id = await fixture.deploy(appSpec(HOOKS));
      await fixture.until(() => fixture.lambda.calls.length > 0);
      await fixture.alarm("errors", "ALARM");
      expect((await fixture.ended(id)).errorInformation?.code).to.equal("ALARM_ACTIVE");
    });

    it("of the deployment instead of the group's where it names some", async () => {
      await fixture.alarm("errors", "ALARM");
      await fixture.createGroup(ALARMS);
      const info = await fixture.ended(
        await fixture.deploy(appSpec(), { overrideAlarmConfiguration: { enabled: false, alarms: [] } }),
      );
      expect(info.status).to.equal("Succeeded");
    });

    it("and fails where one does not exist, unless that is to be ignored", async () => {
      await fixture.createGroup(ALARMS);
      const info = await fixture.ended(await fixture.deploy());
      expect(info.errorInformation).to.deep.equal({
        code: "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND",
        message: "The state of the alarms could not be retrieved: CloudWatch has no alarm named errors, latency.",
      });
      await fixture.rollbackOf(info);
      const ignoring = { ...ALARMS.alarmConfiguration, ignorePollAlarmFailure: true };
      const other = await fixture.ended(await fixture.deploy(appSpec(), { overrideAlarmConfiguration: ignoring }));
      expect(other.status).to.equal("Succeeded");
    });

    it("and fails when CloudWatch does not answer for long", async () => {
      await fixture.createGroup(ALARMS);
      const silent = operation(DescribeAlarmsCommand, () => {
        throw new AwsError("Throttling", "Rate exceeded", 400);
      });
      fixture.replace("monitoring", jsonRpcService("CloudWatch", [silent]));
      const info = await fixture.ended(await fixture.deploy());
      expect(info.errorInformation).to.deep.equal({
        code: "THROTTLED",
        message: "CloudWatch DescribeAlarms failed: Throttling: Rate exceeded",
      });
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
