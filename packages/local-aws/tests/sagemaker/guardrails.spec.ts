import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import {
  DescribeEndpointCommand,
  UpdateEndpointCommand,
  type DeploymentConfig,
  type UpdateEndpointCommandInput,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "../../core/account";
import {
  createConfig,
  createEndpoint,
  createGoodModel,
  endpointIn,
  refusal,
  startSageMaker,
  until,
  type TestSageMaker,
} from "./support";

/** An update's 300 s of AWS take half a second at this speed, a canary's wait of 600 s a whole one. */
const SPEED = 600;
const canary: DeploymentConfig = {
  BlueGreenUpdatePolicy: {
    TrafficRoutingConfiguration: {
      Type: "CANARY",
      WaitIntervalInSeconds: 600,
      CanarySize: { Type: "CAPACITY_PERCENT", Value: 30 },
    },
  },
  AutoRollbackConfiguration: { Alarms: [{ AlarmName: "faults" }] },
};

describe("SageMaker deployment guardrails", function () {
  this.timeout(60_000);
  let test: TestSageMaker;
  let cloudWatch: CloudWatchClient;
  const describeEndpoint = (name: string) => test.sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
  const update = (EndpointName: string, rest: Partial<UpdateEndpointCommandInput>) =>
    test.sagemaker.send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName: "green", ...rest }));
  const alarmIs = (StateValue: "OK" | "ALARM") =>
    cloudWatch.send(new SetAlarmStateCommand({ AlarmName: "faults", StateValue, StateReason: "test" }));

  before(async () => {
    test = await startSageMaker(SPEED);
    cloudWatch = new CloudWatchClient({ endpoint: test.endpoint, region: "us-east-1", credentials: LOCAL_ACCOUNT });
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName: "faults",
        MetricName: "Invocation5XXErrors",
        Namespace: "AWS/SageMaker",
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        // Without data it stays what a test has set it to.
        TreatMissingData: "ignore",
      }),
    );
    await createGoodModel(test);
    for (const name of ["blue", "green"]) {
      const variant = { VariantName: name, ModelName: "good", InstanceType: "ml.m5.large" as const };
      await createConfig(test, name, "good", { ProductionVariants: [{ ...variant, InitialInstanceCount: 2 }] });
    }
  });
  beforeEach(() => alarmIs("OK"));
  after(async () => {
    cloudWatch.destroy();
    await test.close();
  });

  /** Which of the two fleets each of `count` requests went to. */
  async function served(name: string, count: number): Promise<Readonly<Record<string, number>>> {
    const asked = { EndpointName: name, ContentType: "text/csv", Body: "1,2" };
    const answers = await Promise.all(
      Array.from({ length: count }, () => test.runtime.send(new InvokeEndpointCommand(asked))),
    );
    const by = { blue: 0, green: 0 };
    answers.forEach(({ InvokedProductionVariant: variant }) => (by[variant as "blue" | "green"] += 1));
    return by;
  }
  const shifting = (name: string) =>
    until(
      () => describeEndpoint(name),
      ({ PendingDeploymentSummary: pending }) => pending?.ProductionVariants !== undefined,
    );
  async function inService(name: string) {
    await createEndpoint(test, name, "blue");
    await endpointIn(test, name, "InService");
  }

  it("give a canary its share of the requests, then all, and keep the configuration", async () => {
    await inService("canary");
    await update("canary", { DeploymentConfig: canary });
    const { PendingDeploymentSummary: pending, EndpointConfigName: live } = await shifting("canary");
    expect([live, pending?.EndpointConfigName]).to.deep.equal(["blue", "green"]);
    expect(pending?.ProductionVariants?.[0]).to.deep.include({ VariantName: "green", CurrentInstanceCount: 2 });
    // 60 of 200 are expected, give or take four standard deviations.
    expect((await served("canary", 200)).green).to.be.within(34, 86);
    const after = await endpointIn(test, "canary", "InService");
    expect([after.EndpointConfigName, after.FailureReason]).to.deep.equal(["green", undefined]);
    expect(after.LastDeploymentConfig).to.deep.equal(canary);
    expect(await served("canary", 10)).to.deep.equal({ blue: 0, green: 10 });
    const byConfig = test.metrics.filter(({ dimensions }) => dimensions.EndpointConfigName === "green");
    expect(new Set(byConfig.map(({ dimensions }) => dimensions.VariantName))).to.deep.equal(new Set(["green"]));
  });

  it("take a deployment back silently where an alarm rings, and lose no request", async () => {
    await inService("alarmed");
    await update("alarmed", { DeploymentConfig: canary });
    await shifting("alarmed");
    await alarmIs("ALARM");
    const after = await endpointIn(test, "alarmed", "InService");
    expect(after.EndpointConfigName).to.equal("blue");
    expect(after.FailureReason).to.equal(
      "The deployment was rolled back: one or more alarms went into ALARM state: faults.",
    );
    expect(after.PendingDeploymentSummary).to.equal(undefined);
    expect(await served("alarmed", 10)).to.deep.equal({ blue: 10, green: 0 });

    await alarmIs("OK");
    await update("alarmed", {});
    expect((await endpointIn(test, "alarmed", "InService")).FailureReason).to.equal(undefined);
  });

  it("move in steps, and wait with the old fleet at the end", async () => {
    await inService("linear");
    const policy = canary.BlueGreenUpdatePolicy!;
    const routing = { Type: "LINEAR" as const, WaitIntervalInSeconds: 120 };
    const LinearStepSize = { Type: "INSTANCE_COUNT" as const, Value: 1 };
    const steps = { ...policy, TrafficRoutingConfiguration: { ...routing, LinearStepSize } };
    const DeploymentConfig = { BlueGreenUpdatePolicy: { ...steps, TerminationWaitInSeconds: 600 } };
    await update("linear", { DeploymentConfig });
    const waiting = await until(
      () => describeEndpoint("linear"),
      ({ EndpointConfigName: name }) => name === "green",
    );
    expect(waiting.EndpointStatus).to.equal("Updating");
    expect(await served("linear", 10)).to.deep.equal({ blue: 0, green: 10 });
    await endpointIn(test, "linear", "InService");
  });

  it("roll in batches, and are used again where that is asked for", async () => {
    await inService("rolling");
    const MaximumBatchSize = { Type: "CAPACITY_PERCENT" as const, Value: 50 };
    const RollingUpdatePolicy = {
      MaximumBatchSize,
      WaitIntervalInSeconds: 300,
      RollbackMaximumBatchSize: MaximumBatchSize,
    };
    const { AutoRollbackConfiguration } = canary;
    await update("rolling", { DeploymentConfig: { RollingUpdatePolicy, AutoRollbackConfiguration } });
    await shifting("rolling");
    expect((await served("rolling", 100)).green).to.be.within(30, 70);
    expect((await endpointIn(test, "rolling", "InService")).EndpointConfigName).to.equal("green");

    await update("rolling", { EndpointConfigName: "blue", RetainDeploymentConfig: true });
    await shifting("rolling");
    await alarmIs("ALARM");
    const after = await endpointIn(test, "rolling", "InService");
    expect(after.EndpointConfigName).to.equal("green");
    expect(after.LastDeploymentConfig?.RollingUpdatePolicy).to.deep.equal(RollingUpdatePolicy);
  });

  it("end a deployment that takes too long, or whose alarm does not exist", async () => {
    await inService("ended");
    const policy = canary.BlueGreenUpdatePolicy!;
    const routing = { ...policy.TrafficRoutingConfiguration!, WaitIntervalInSeconds: 250 };
    const BlueGreenUpdatePolicy = { TrafficRoutingConfiguration: routing, MaximumExecutionTimeoutInSeconds: 600 };
    await update("ended", { DeploymentConfig: { BlueGreenUpdatePolicy } });
    expect((await endpointIn(test, "ended", "InService")).FailureReason).to.equal(
      "The deployment was rolled back: it exceeded MaximumExecutionTimeoutInSeconds (600).",
    );
    const AutoRollbackConfiguration = { Alarms: [{ AlarmName: "absent" }] };
    await update("ended", { DeploymentConfig: { AutoRollbackConfiguration } });
    const after = await endpointIn(test, "ended", "InService");
    expect(after.FailureReason).to.equal("The deployment was rolled back: these alarms do not exist: absent.");
    expect(after.EndpointConfigName).to.equal("blue");
  });

  it("are refused where they are against AWS's limits, and leave the endpoint alone", async () => {
    const size = { Type: "CAPACITY_PERCENT" as const, Value: 60 };
    const RollingUpdatePolicy = { MaximumBatchSize: size, WaitIntervalInSeconds: 0 };
    expect(await refusal(update("ended", { DeploymentConfig: { RollingUpdatePolicy } }))).to.deep.equal({
      name: "ValidationException",
      message: "MaximumBatchSize must be 5 to 50 per cent of a variant's instances, got 60 per cent",
    });
    const both = update("ended", { DeploymentConfig: canary, RetainDeploymentConfig: true });
    expect((await refusal(both)).message).to.contain("cannot be given together with RetainDeploymentConfig");
    expect((await describeEndpoint("ended")).EndpointStatus).to.equal("InService");
  });

  it("end in the middle with everything else", async () => {
    await inService("closing");
    await update("closing", { DeploymentConfig: canary });
    await shifting("closing");
    await test.closeServices();
  });
});
