import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import { AwsError } from "../../core/aws-error";
import { jsonRpcService } from "../../core/json-rpc";
import { operation } from "../../core/operation";
import { appSpec, Fixture } from "./fixture";

/** At this speed, a canary's five minutes take 100 ms. */
const SPEED = 3000;
const FIVE_MINUTES = 100;
const HOOKS = { BeforeAllowTraffic: "pre", AfterAllowTraffic: "post" };
const ALARMS = { alarmConfiguration: { enabled: true, alarms: [{ name: "errors" }, { name: "latency" }] } };

describe("A deployment to Lambda heeds the alarms", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await Fixture.start(SPEED);
  });
  afterEach(() => fixture.close());

  const shifting = () => fixture.until(() => fixture.lambda.moves.length > 0);

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
    const rollback = await fixture.rollbackOf(await fixture.ended(id));
    const info = await fixture.deployment(id);
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
