import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentConfigCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentCommand,
  ListDeploymentsCommand,
} from "@aws-sdk/client-codedeploy";
import {
  CreateFunctionCommand,
  GetAliasCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { zipSync } from "fflate";
import { lambdaRollout } from "../../../components/providers";
import {
  ROLLOUT_DEFAULTS,
  type LambdaRolloutInputs,
  type LambdaRolloutOutputs,
} from "../../../components/providers/rollout/inputs";
import { startLocalAws, type LocalAws } from "local-aws";
import { openRole } from "local-aws/testing/role";
import { testPython } from "pulumi-engine/testing/python";
import { builtHandlers } from "./built-handlers";
import { failureOf } from "../../unit/components/providers/test-aws";

const NAME = "mlops-nyctaxi-api";
const ID = `${NAME}:live`;
const ALARM = `${NAME}-model-faults`;
const ROLE = "arn:aws:iam::123456789012:role/any";

/** Against the local AWS: what a test that lays out CodeDeploy's answers itself cannot show is that CodeDeploy answers like that. */
describe("LambdaRollout against the local AWS", function () {
  this.timeout(60_000);
  let local: LocalAws;
  let lambda: LambdaClient;
  let codeDeploy: CodeDeployClient;
  let cloudWatch: CloudWatchClient;
  const restored = { ...process.env };
  const { log } = console;

  before(async () => {
    console.log = () => undefined; // what the provider tells is proved elsewhere
    local = await startLocalAws({ python: testPython(), speed: 60 });
    await openRole(local, "any");
    Object.assign(process.env, local.environment);
    lambda = new LambdaClient({});
    codeDeploy = new CodeDeployClient({});
    cloudWatch = new CloudWatchClient({});
    await createAlarm(cloudWatch);
    await publishTwoReleases(lambda);
    await codeDeploy.send(new CreateApplicationCommand({ applicationName: NAME, computePlatform: "Lambda" }));
    await codeDeploy.send(
      new CreateDeploymentConfigCommand({
        deploymentConfigName: "Canary10Percent2Minutes",
        computePlatform: "Lambda",
        trafficRoutingConfig: {
          type: "TimeBasedCanary",
          timeBasedCanary: { canaryInterval: 2, canaryPercentage: 10 },
        },
      }),
    );
    await codeDeploy.send(
      new CreateDeploymentGroupCommand({
        applicationName: NAME,
        deploymentGroupName: "live",
        serviceRoleArn: ROLE,
        deploymentConfigName: "Canary10Percent2Minutes",
        deploymentStyle: { deploymentOption: "WITH_TRAFFIC_CONTROL", deploymentType: "BLUE_GREEN" },
        alarmConfiguration: { enabled: true, alarms: [{ name: ALARM }] },
        autoRollbackConfiguration: {
          enabled: true,
          events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
      }),
    );
  });
  after(async () => {
    console.log = log;
    await local.close();
    for (const name of Object.keys(local.environment)) {
      Reflect.deleteProperty(process.env, name);
    }
    Object.assign(process.env, restored);
  });

  const inputs = (release: string, functionVersion: string): LambdaRolloutInputs => ({
    ...ROLLOUT_DEFAULTS,
    region: "us-east-1",
    functionName: NAME,
    functionVersion,
    aliasName: "live",
    release,
    applicationName: NAME,
    deploymentGroupName: "live",
    alarmNames: [ALARM],
    drainSeconds: 0,
    bakeSeconds: 0,
    pollSeconds: 0.1,
    timeoutSeconds: 30,
  });
  const underWay = async () =>
    (
      await codeDeploy.send(
        new ListDeploymentsCommand({
          applicationName: NAME,
          deploymentGroupName: "live",
          includeOnlyStatuses: ["Created", "Queued", "InProgress"],
        }),
      )
    ).deployments;

  it("goes live, is interrupted in the middle of a shift, goes on with it, goes back, and is destroyed in the middle of another", async () => {
    const first = await lambdaRollout.create(inputs("R1", "1"));
    expect(first.outs).to.deep.include({ liveRelease: "R1", outcome: "created" });

    const interrupted = await failureOf(
      lambdaRollout.update(first.id, first.outs!, { ...inputs("R2", "2"), timeoutSeconds: 1 }),
    );
    expect(interrupted.properties).to.deep.include({ liveRelease: "R1", outcome: "failed" });
    expect(await underWay()).to.deep.equal([interrupted.properties!.deploymentId]);

    const refused = await failureOf(lambdaRollout.update(first.id, first.outs!, inputs("R1", "3")));
    expect(refused.message).to.contain(
      `deployment ${String(interrupted.properties!.deploymentId)} (release R2, to version 2) is under way in live`,
    );

    const second = await lambdaRollout.update(first.id, first.outs!, inputs("R2", "2"));
    expect(second.outs).to.deep.include({
      liveRelease: "R2",
      liveVersion: "2",
      deploymentId: interrupted.properties!.deploymentId,
      outcome: "deployed",
    });

    await failureOf(lambdaRollout.update(first.id, second.outs!, { ...inputs("R1", "3"), timeoutSeconds: 1 }));
    expect(await underWay()).to.have.length(1);

    await lambdaRollout.delete(first.id, second.outs!);
    expect(await underWay()).to.deep.equal([]);
    const alias = await failureOf(lambda.send(new GetAliasCommand({ FunctionName: NAME, Name: "live" })));
    expect(alias.message).to.contain("Cannot find alias");
  });

  describe("with release R1 live", () => {
    let r1: LambdaRolloutOutputs;

    beforeEach(async () => {
      await setAlarm("OK");
      const { outs } = await lambdaRollout.create(inputs("R1", "1"));
      r1 = outs!;
    });
    afterEach(() => lambdaRollout.delete(ID, r1));

    it("is refused while an alarm is in ALARM, and goes in an emergency, in which CodeDeploy does not heed it either", async () => {
      await setAlarm("ALARM");
      const deployments = (await ended()).length;

      const refused = await failureOf(lambdaRollout.update(ID, r1, inputs("R2", "2")));
      expect(refused.message).to.match(new RegExp(`alarm ${ALARM} is in ALARM since .*: set by the test`));
      expect(await ended()).to.have.length(deployments);

      const { outs } = await lambdaRollout.update(ID, r1, { ...inputs("R2", "2"), emergency: true, bakeSeconds: 1 });
      expect(outs).to.deep.include({ outcome: "deployed", liveRelease: "R2", ignoredAlarms: [ALARM] });
      const { deploymentInfo } = await codeDeploy.send(new GetDeploymentCommand({ deploymentId: outs!.deploymentId }));
      expect(deploymentInfo?.overrideAlarmConfiguration).to.deep.include({ enabled: false });
    });

    it("goes back from its bake when an alarm fires", async () => {
      const rollout = failureOf(lambdaRollout.update(ID, r1, { ...inputs("R2", "2"), bakeSeconds: 20 }));
      await until(async () => (await liveVersion()) === "2" && (await underWay())?.length === 0);
      await setAlarm("ALARM");

      const error = await rollout;

      expect(error.message).to.match(
        new RegExp(
          `^release R2 is not live: it did not pass its bake\\n  alarm ${ALARM} is in ALARM since .*: set by the test\\n`,
        ),
      );
      expect(error.properties).to.deep.include({ liveRelease: "R1", outcome: "failed", history: ["R1"] });
      expect(await liveVersion()).to.equal("1");
    });

    it("goes on with the bake of a run that wrote nothing down, for what is left of it", async () => {
      const cut = { ...inputs("R2", "2"), bakeSeconds: 60, timeoutSeconds: 6 };
      const interrupted = await failureOf(lambdaRollout.update(ID, r1, cut));
      expect(interrupted.message).to.contain("the bake of release R2 (version 2) has not ended");
      expect(await liveVersion()).to.equal("2");

      const { outs } = await lambdaRollout.update(ID, r1, { ...inputs("R2", "2"), bakeSeconds: 6 });

      expect(outs).to.deep.include({
        outcome: "deployed",
        liveRelease: "R2",
        deploymentId: interrupted.properties!.deploymentId,
        history: ["R2", "R1"],
      });
    });

    it("is flipped to a warm release without CodeDeploy", async () => {
      const deployments = (await ended()).length;

      const { outs } = await lambdaRollout.update(ID, r1, { ...inputs("R2", "2"), standbyReleases: ["R2"] });

      expect(outs).to.deep.include({ outcome: "flipped", liveRelease: "R2", liveVersion: "2", history: ["R2", "R1"] });
      expect(await liveVersion()).to.equal("2");
      expect(await ended()).to.have.length(deployments);
    });
  });

  builtHandlers(ROLE);

  const setAlarm = (StateValue: "OK" | "ALARM") =>
    cloudWatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: "set by the test" }));
  const liveVersion = async () =>
    (await lambda.send(new GetAliasCommand({ FunctionName: NAME, Name: "live" }))).FunctionVersion;
  const ended = async () =>
    (await codeDeploy.send(new ListDeploymentsCommand({ applicationName: NAME, deploymentGroupName: "live" })))
      .deployments ?? [];
});

/** An alarm that stays as it is set: nothing is ever measured. */
async function createAlarm(cloudWatch: CloudWatchClient): Promise<void> {
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      AlarmName: ALARM,
      Namespace: "Test",
      MetricName: "Nothing",
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "ignore",
    }),
  );
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Versions 1 (release R1), 2 (R2) and 3 (R1 again). */
async function publishTwoReleases(lambda: LambdaClient): Promise<void> {
  const environment = (release: string) => ({ Variables: { RELEASE: release } });
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: NAME,
      Role: ROLE,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Code: { ZipFile: zipSync({ "index.js": Buffer.from("exports.handler = async () => 1;") }) },
      Environment: environment("R1"),
    }),
  );
  await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 20, minDelay: 1 }, { FunctionName: NAME });
  for (const release of ["R1", "R2", "R1"]) {
    await lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: NAME, Environment: environment(release) }),
    );
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 20, minDelay: 1 }, { FunctionName: NAME });
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName: NAME }));
    await waitUntilPublishedVersionActive(
      { client: lambda, maxWaitTime: 20, minDelay: 1 },
      { FunctionName: NAME, Qualifier: Version },
    );
  }
}
