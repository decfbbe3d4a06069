import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import {
  CodeDeployClient,
  CreateApplicationCommand,
  CreateDeploymentCommand,
  CreateDeploymentGroupCommand,
  GetDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import {
  CreateAliasCommand,
  GetAliasCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  waitUntilFunctionUpdatedV2,
  waitUntilPublishedVersionActive,
} from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { cloudWatch } from "../../services/cloudwatch";
import { codeDeploy } from "../../services/codedeploy";
import { LOCAL_ACCOUNT } from "../../core/account";
import { Clock } from "../../core/clock";
import { Faults } from "../../core/faults";
import { signedService, type Service } from "../../core/http";
import { lambda } from "../../services/lambda";
import { NO_SESSIONS } from "../no-sessions";
import { serve, type Served } from "../../testing/serve";
import { answering, createFunction, waiting, zip } from "../lambda/support";

/** A hook that reports `Succeeded`, without an SDK: only its answer's address and the signature's scope matter here. */
const HOOK = `exports.handler = async ({ DeploymentId, LifecycleEventHookExecutionId }) => {
  await fetch(process.env.AWS_ENDPOINT_URL, {
    method: "POST",
    headers: {
      authorization: "AWS4-HMAC-SHA256 Credential=K/20260101/us-east-1/codedeploy/aws4_request",
      "x-amz-target": "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus",
    },
    body: JSON.stringify({
      deploymentId: DeploymentId,
      lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
      status: "Succeeded",
    }),
  });
};`;
const FunctionName = "api";

describe("CodeDeploy with Lambda and CloudWatch", () => {
  let clock: Clock;
  let served: Served;
  let scratchDir: string;
  let services: Map<string, Service>;
  let lambdaClient: LambdaClient;
  let deployClient: CodeDeployClient;

  before(async function () {
    this.timeout(20_000);
    // A canary's five minutes take 1.5 s, CloudWatch's minute 0.3 s.
    clock = new Clock(200);
    scratchDir = await mkdtemp(join(tmpdir(), "local codedeploy "));
    served = await serve((endpoint) => {
      const { service, metrics } = cloudWatch(clock, LOCAL_ACCOUNT);
      const local = {
        clock,
        account: LOCAL_ACCOUNT,
        endpoint,
        scratchDir,
        python: "python3",
        metrics,
        logs: { write: () => undefined },
        faults: new Faults(),
        events: { put: () => undefined },
        sessions: NO_SESSIONS,
      };
      services = new Map([
        ["monitoring", service],
        ["lambda", lambda(local).service],
        ["codedeploy", codeDeploy(local)],
      ]);
      return (request) => services.get(signedService(request) ?? "");
    });
    lambdaClient = new LambdaClient(served.client);
    deployClient = new CodeDeployClient(served.client);
    const publish = async (version: string, source: string) => {
      await lambdaClient.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile: zip(source) }));
      await waitUntilFunctionUpdatedV2(waiting(lambdaClient), { FunctionName });
      await lambdaClient.send(new PublishVersionCommand({ FunctionName }));
      await waitUntilPublishedVersionActive(waiting(lambdaClient), { FunctionName, Qualifier: version });
    };
    await createFunction(lambdaClient, answering("1"), { FunctionName, Publish: true });
    await publish("2", answering("2"));
    await publish("3", "exports.handler = async () => { throw new Error('bad release'); };");
    await createFunction(lambdaClient, HOOK, { FunctionName: "CodeDeployHook_pre" });
    await lambdaClient.send(new CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
    const cloudWatchClient = new CloudWatchClient(served.client);
    await cloudWatchClient.send(
      new PutMetricAlarmCommand({
        AlarmName: "errors",
        Namespace: "AWS/Lambda",
        MetricName: "Errors",
        Dimensions: [
          { Name: "FunctionName", Value: FunctionName },
          { Name: "Resource", Value: `${FunctionName}:live` },
        ],
        Statistic: "Sum",
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 0,
        ComparisonOperator: "GreaterThanThreshold",
        TreatMissingData: "notBreaching",
      }),
    );
    cloudWatchClient.destroy();
    await deployClient.send(new CreateApplicationCommand({ applicationName: "app", computePlatform: "Lambda" }));
    await deployClient.send(
      new CreateDeploymentGroupCommand({
        applicationName: "app",
        deploymentGroupName: "group",
        serviceRoleArn: "arn:aws:iam::123456789012:role/codedeploy",
        deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        alarmConfiguration: { enabled: true, alarms: [{ name: "errors" }] },
        autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
      }),
    );
  });
  after(async () => {
    clock.stop();
    lambdaClient.destroy();
    deployClient.destroy();
    await services.get("lambda")?.close?.();
    await served.close();
    await rm(scratchDir, { recursive: true, force: true });
  });

  const deploymentInfo = async (deploymentId = "") =>
    (await deployClient.send(new GetDeploymentCommand({ deploymentId }))).deploymentInfo!;

  /** Deploys under traffic, and gives what came of it and what the callers got meanwhile. */
  async function deploy(from: string, to: string) {
    const content = JSON.stringify({
      version: "0.0",
      Resources: [
        {
          api: {
            Type: "AWS::Lambda::Function",
            Properties: { Name: FunctionName, Alias: "live", CurrentVersion: from, TargetVersion: to },
          },
        },
      ],
      Hooks: [{ BeforeAllowTraffic: "CodeDeployHook_pre" }],
    });
    const { deploymentId } = await deployClient.send(
      new CreateDeploymentCommand({
        applicationName: "app",
        deploymentGroupName: "group",
        revision: { revisionType: "AppSpecContent", appSpecContent: { content } },
      }),
    );
    const answers = new Map<string, number>();
    let info = await deploymentInfo(deploymentId);
    while (info.completeTime === undefined) {
      const answer = await lambdaClient.send(new InvokeCommand({ FunctionName, Qualifier: "live" }));
      const version = answer.ExecutedVersion ?? "";
      answers.set(version, (answers.get(version) ?? 0) + 1);
      info = await deploymentInfo(deploymentId);
    }
    return { info, answers };
  }
  const alias = async () => {
    const { FunctionVersion, RoutingConfig } = await lambdaClient.send(
      new GetAliasCommand({ FunctionName, Name: "live" }),
    );
    return [FunctionVersion, Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})];
  };

  it("replaces a version by a good one, which gets its share of the traffic first", async function () {
    this.timeout(20_000);
    const { info, answers } = await deploy("1", "2");
    expect(info.errorInformation).to.equal(undefined);
    expect(info.status).to.equal("Succeeded");
    expect([...answers.keys()].sort()).to.deep.equal(["1", "2"]);
    expect(answers.get("2")).to.be.below(answers.get("1")!);
    expect(await alias()).to.deep.equal(["2", []]);
  });

  it("goes back from a bad one, on the alarm that its errors raise", async function () {
    this.timeout(20_000);
    const { info } = await deploy("2", "3");
    expect([info.status, info.errorInformation?.code]).to.deep.equal(["Stopped", "ALARM_ACTIVE"]);
    const rollback = async () => {
      const { rollbackInfo } = await deploymentInfo(info.deploymentId);
      const id = rollbackInfo?.rollbackDeploymentId;
      return id === undefined ? undefined : deploymentInfo(id);
    };
    while ((await rollback())?.completeTime === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect((await rollback())?.status).to.equal("Succeeded");
    expect(await alias()).to.deep.equal(["2", []]);
  });
});
