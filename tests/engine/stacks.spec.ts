import { APIGatewayClient, GetRestApisCommand } from "@aws-sdk/client-api-gateway";
import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from "@aws-sdk/client-application-auto-scaling";
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  ListDashboardsCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CodeDeployClient, ListApplicationsCommand, ListDeploymentConfigsCommand } from "@aws-sdk/client-codedeploy";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { KMSClient, ListGrantsCommand } from "@aws-sdk/client-kms";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
  CreateTrialCommand,
  DescribeEndpointCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  ListTrainingJobsCommand,
  SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import { inbox } from "local-aws/testing/inbox";
import { z } from "zod";
import { LocalProject } from "../support/local-project";
import { eventually } from "../support/pipeline-executions";
import { POLICIES } from "../support/policies";
import { findsDriftInBatch } from "./stacks/batch";
import { enginesIn, findsAnOutage } from "./stacks/canary";
import { showsWhatHappens } from "./stacks/dashboard";
import { findsDrift, looksByItself, WATCHED } from "./stacks/drift";
import { MEASURED, measuresQuality } from "./stacks/quality";

/** Names of everything of the stacks that is still in AWS; jobs, which SageMaker keeps for ever, and what they logged left out. */
async function leftIn(aws: LocalAws): Promise<string[]> {
  const config = clientConfig(aws);
  const sageMaker = new SageMakerClient(config);
  const { Endpoints = [] } = await sageMaker.send(new ListEndpointsCommand({}));
  const { EndpointConfigs = [] } = await sageMaker.send(new ListEndpointConfigsCommand({}));
  const { Models = [] } = await sageMaker.send(new ListModelsCommand({}));
  const { Functions = [] } = await new LambdaClient(config).send(new ListFunctionsCommand({}));
  const { items = [] } = await new APIGatewayClient(config).send(new GetRestApisCommand({}));
  const { MetricAlarms = [] } = await new CloudWatchClient(config).send(new DescribeAlarmsCommand({}));
  const { DashboardEntries = [] } = await new CloudWatchClient(config).send(new ListDashboardsCommand({}));
  const { applications = [] } = await new CodeDeployClient(config).send(new ListApplicationsCommand({}));
  const ownConfigs = await ownDeploymentConfigs(aws);
  const { Roles = [] } = await new IAMClient(config).send(new ListRolesCommand({}));
  const { logGroups = [] } = await new CloudWatchLogsClient(config).send(
    new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/lambda" }),
  );
  const { ScalableTargets = [] } = await new ApplicationAutoScalingClient(config).send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker" }),
  );
  return [
    ...Endpoints.map(({ EndpointName }) => EndpointName),
    ...EndpointConfigs.map(({ EndpointConfigName }) => EndpointConfigName),
    ...Models.map(({ ModelName }) => ModelName),
    ...Functions.map(({ FunctionName }) => FunctionName),
    ...items.map(({ name }) => name),
    // Application Auto Scaling makes the alarms of its policies, and takes them away with them.
    ...MetricAlarms.map(({ AlarmName }) => AlarmName),
    ...DashboardEntries.map(({ DashboardName }) => DashboardName),
    ...applications,
    ...ownConfigs,
    ...Roles.map(({ RoleName }) => RoleName),
    ...logGroups.map(({ logGroupName }) => logGroupName),
    ...ScalableTargets.map(({ ResourceId }) => ResourceId),
  ].map((name) => name ?? "");
}

/** Names of CodeDeploy's configurations that are not AWS's. */
async function ownDeploymentConfigs(aws: LocalAws): Promise<string[]> {
  const codeDeploy = new CodeDeployClient(clientConfig(aws));
  const { deploymentConfigsList = [] } = await codeDeploy.send(new ListDeploymentConfigsCommand({}));
  return deploymentConfigsList.filter((name) => !name.startsWith("CodeDeployDefault."));
}

/** What is there of the endpoint of a release on stage `prd`: instances asked for, and the bounds that they are kept in. */
async function endpointOf(aws: LocalAws, release: string) {
  const EndpointName = `mlops-nyctaxi-prd-${release}`;
  const endpoint = await new SageMakerClient(clientConfig(aws)).send(new DescribeEndpointCommand({ EndpointName }));
  const { ScalableTargets = [] } = await new ApplicationAutoScalingClient(clientConfig(aws)).send(
    new DescribeScalableTargetsCommand({
      ServiceNamespace: "sagemaker",
      ResourceIds: [`endpoint/${EndpointName}/variant/prd-mlops-nyctaxi`],
    }),
  );
  return {
    status: endpoint.EndpointStatus,
    config: endpoint.EndpointConfigName,
    created: endpoint.CreationTime,
    desired: endpoint.ProductionVariants?.[0]?.DesiredInstanceCount,
    bounds: ScalableTargets.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity]),
  };
}

const planned = z.object({
  steps: z.array(
    z.object({ newState: z.object({ type: z.string(), inputs: z.record(z.string(), z.unknown()).optional() }) }),
  ),
});

describe("the stacks on the real engine", function () {
  this.timeout(600_000);
  let local: LocalProject;

  before(async () => {
    local = await LocalProject.start();
  });
  after(() => local.close());

  it("train: trains and describes the data, and is unchanged by a second up and a refresh", async () => {
    await local.up("train", "r1");

    const { metrics, modelDataUrl } = await local.project.outputs("train");
    expect((metrics as Record<string, number>)["validation:rmse"]).to.be.within(1, 10);
    expect(modelDataUrl).to.equal(`s3://${local.account.bucket}/mlops-nyctaxi/mlops-nyctaxi-r1/output/model.tar.gz`);
    await local.expectNoChanges("train", POLICIES);
  });

  it("train: is the same program where the stock CLI compiles it from source", async () => {
    await local.fromSource(() => local.expectNoChanges("train"));
  });

  it("train: refuses another definition under the same release before it changes anything", async () => {
    const { ok, errors } = await local.tryUp("train", "r1", { hyperparameters: JSON.stringify({ num_round: "30" }) });

    expect(ok).to.equal(false);
    expect(errors.join("\n")).to.contain("use a new release id");
  });

  const R2 = {
    hyperparameters: JSON.stringify({
      ...{ num_round: 20, tree_method: "hist", single_precision_histogram: true },
      ...{ monotone_constraints: [1, 0, 1], eval_metric: ["mae", "rmse"] },
    }),
  };

  it("train: fails where SageMaker has no capacity, says what to do, and is not kept from it by a full experiment", async () => {
    const sageMaker = new SageMakerClient(clientConfig(local.aws));
    const trials = Array.from({ length: 299 }, (_, n) => ({ TrialName: `t-${n}`, ExperimentName: "mlops-nyctaxi" }));
    await Promise.all(trials.map((trial) => sageMaker.send(new CreateTrialCommand(trial))));
    local.aws.faults.set({ kind: "job-fails", jobName: "mlops-nyctaxi-r2", reason: "capacity" });

    const { ok, errors } = await local.tryUp("train", "r2", { ...R2, qualityGate: JSON.stringify({ maximum: 0.5 }) });

    expect(ok).to.equal(false);
    expect(errors.join("\n")).to.match(/CapacityError.*the next pulumi up makes it, as mlops-nyctaxi-r2-attempt-2/s);
  });

  it("train: tries again, keeps a job that does not pass the gate, and does not train again once the gate is relaxed", async () => {
    const { ok, errors } = await local.tryUp("train", "r2", { ...R2, qualityGate: JSON.stringify({ maximum: 0.5 }) });
    expect(ok).to.equal(false);
    expect(errors.join("\n")).to.match(/wants validation:rmse to be at most 0\.5, and it is \d/);

    await local.up("train", "r2", R2);

    const sageMaker = new SageMakerClient(clientConfig(local.aws));
    const { TrainingJobSummaries = [] } = await sageMaker.send(new ListTrainingJobsCommand({}));
    expect(TrainingJobSummaries.map(({ TrainingJobName }) => TrainingJobName)).to.have.members([
      "mlops-nyctaxi-r1",
      "mlops-nyctaxi-r2",
      "mlops-nyctaxi-r2-attempt-2",
    ]);
    // Where dev and prod find it, below.
    expect((await local.project.outputs("train")).modelDataUrl).to.equal(
      `s3://${local.account.bucket}/mlops-nyctaxi/mlops-nyctaxi-r2/mlops-nyctaxi-r2-attempt-2/output/model.tar.gz`,
    );
    await local.expectNoChanges("train");
  });

  it("dev: serves a release, and rolls the same endpoint to another instance type", async () => {
    await local.up("dev", "r1");
    await local.expectNoChanges("dev", POLICIES);

    await local.up("dev", "r1", { instanceType: "ml.m5.large" });

    const sageMaker = new SageMakerClient(clientConfig(local.aws));
    const { EndpointConfigs = [] } = await sageMaker.send(new ListEndpointConfigsCommand({}));
    expect(EndpointConfigs).to.have.length(1);
    const endpoint = await sageMaker.send(new DescribeEndpointCommand({ EndpointName: "mlops-nyctaxi-dev-r1" }));
    expect(endpoint.EndpointConfigName).to.equal(EndpointConfigs[0]?.EndpointConfigName);
    expect(endpoint.EndpointStatus).to.equal("InService");
    await local.expectNoChanges("dev");
  });

  it("dev: takes over the endpoint that an update was making when it was killed", async () => {
    const sageMaker = new SageMakerClient(clientConfig(local.aws));
    const look = () =>
      sageMaker.send(new DescribeEndpointCommand({ EndpointName: "mlops-nyctaxi-dev-r2" })).catch(() => undefined);
    await local.configure("dev", "r2");
    const killed = local.project.up("dev");
    while ((await look()) === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    local.project.kill();
    expect((await killed).ok).to.equal(false);
    const created = (await look())?.CreationTime;
    await local.project.run(["cancel", "--yes", "--stack", "dev"]);

    await local.up("dev", "r2");

    expect(await look()).to.deep.include({ EndpointStatus: "InService", CreationTime: created });
    await local.expectNoChanges("dev");
  });

  it("prod: takes the first release live, and is unchanged by a second up and a refresh", async () => {
    // And a canary watches it.
    await local.up("prod", "r1", { keepReleases: "1", canary: JSON.stringify({ intervalMinutes: 30 }) });

    expect(await local.project.outputs("prod")).to.deep.include({
      canaryAlarm: "mlops-nyctaxi-canary",
      liveRelease: "r1",
      liveVersion: "1",
      deploymentId: "",
      releases: ["r1"],
      keptReleases: [],
    });
    await local.expectNoChanges("prod", POLICIES);
  });

  it("prod: is watched by a canary, which finds an outage that no caller has met", () => findsAnOutage(local));

  it("prod: fails on a release whose container answers errors, keeps the old one live, and goes back with one up", async () => {
    local.aws.faults.set({ kind: "model-errors", endpoint: "mlops-nyctaxi-prd-r2" });
    const told = await inbox(local.aws, "rollouts");
    after(() => told.close());

    const values = { keepReleases: "1", notificationTopicArn: told.topicArn };
    const { ok, errors } = await local.tryUp("prod", "r2", values);

    expect(ok).to.equal(false);
    expect(told.messages.map(({ Subject }) => Subject)).to.deep.equal([
      "mlops-nyctaxi-api:live: release r2 started",
      "mlops-nyctaxi-api:live: release r2 rolled-back",
    ]);
    expect(errors.join("\n")).to.contain(told.messages[1]?.Message);
    // The check before the traffic asks the new endpoint, so not one request of a caller is lost.
    expect(errors.join("\n")).to.match(/release r2 is not live/);
    expect(await local.project.outputs("prod")).to.deep.include({ liveRelease: "r1", keptReleases: [] });
    // Were it to be kept warm for r2, it would be scaled down only now, and it serves.
    expect(await endpointOf(local.aws, "r1")).to.deep.include({ desired: 2, bounds: [[2, 10]] });
    local.aws.faults.clear();
    await local.up("prod", "r1", { keepReleases: "1" });
    expect(await local.project.outputs("prod")).to.deep.include({ liveRelease: "r1", releases: ["r1"] });
    expect((await leftIn(local.aws)).filter((name) => name.includes("prd-r2"))).to.deep.equal([]);
    // Without a key `canary` there is none, and nothing of it.
    expect((await leftIn(local.aws)).filter((name) => /cwsyn|canary/.test(name))).to.deep.equal([]);
    expect(await enginesIn(local)).to.deep.equal([]);
    await local.expectNoChanges("prod");
  });

  const CANARY = { strategy: JSON.stringify({ type: "canary", percent: 20, intervalMinutes: 1 }) };
  const LINEAR = { strategy: JSON.stringify({ type: "linear", percent: 50, intervalMinutes: 1 }) };

  it("prod: shifts to another release by a configuration of its own, and keeps the one before warm", async () => {
    const before = await endpointOf(local.aws, "r1");
    expect(before).to.deep.include({ desired: 2, bounds: [[2, 10]] });

    const told = await inbox(local.aws, "alarms");
    after(() => told.close());
    const values = { keepReleases: "1", ...CANARY, gitCommit: "of-r2", notificationTopicArn: told.topicArn };
    await local.configure("prod", "r2", values);
    const planned = await local.project.run(["preview", "--stack", "prod", ...POLICIES]);
    // What callers meet stays: a preview that says otherwise frightens whoever has to approve it.
    expect(planned.filter((line) => /\breplace(ment|d)?\b/.test(line))).to.deep.equal([]);

    await local.up("prod", "r2", values);

    const outputs = await local.project.outputs("prod");
    expect(outputs).to.deep.include({ liveRelease: "r2", releases: ["r2", "r1"], keptReleases: ["r1"] });
    expect(outputs.deploymentId).not.to.equal("");
    expect(await ownDeploymentConfigs(local.aws)).to.deep.equal(["mlops-nyctaxi-api-canary-20-percent-1-minutes"]);
    // SageMaker has scaled it, and given it a configuration of its own for that.
    const standby = await endpointOf(local.aws, "r1");
    expect(standby).to.deep.equal({ ...before, desired: 1, bounds: [[1, 1]], config: standby.config });
    await local.expectNoChanges("prod");
    // After its bake no rollout watches it any more.
    const AlarmName = "mlops-nyctaxi-api-r2-model-faults";
    await new CloudWatchClient(clientConfig(local.aws)).send(
      new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "by hand" }),
    );
    const subjects = await eventually(
      async () => told.messages.map(({ Subject }) => Subject),
      (seen) => seen.length > 2,
    );
    expect(subjects).to.deep.equal([
      "mlops-nyctaxi-api:live: release r2 started",
      "mlops-nyctaxi-api:live: release r2 succeeded",
      `ALARM: "${AlarmName}" in Europe (Ireland)`,
    ]);
  });

  it("prod: goes back to the release that is warm by a flip, and keeps the other one", async () => {
    const before = await endpointOf(local.aws, "r1");

    await local.up("prod", "r1", { keepReleases: "1", ...LINEAR });

    expect(await local.project.outputs("prod")).to.deep.include({
      liveRelease: "r1",
      releases: ["r1", "r2"],
      keptReleases: ["r2"],
      deploymentId: "",
    });
    const after = await endpointOf(local.aws, "r1");
    expect(after).to.deep.include({ config: before.config, created: before.created, desired: 2, bounds: [[2, 10]] });
    expect(await endpointOf(local.aws, "r2")).to.deep.include({ status: "InService", desired: 1, bounds: [[1, 1]] });
    // The configuration of before went once the group had another one.
    expect(await ownDeploymentConfigs(local.aws)).to.deep.equal(["mlops-nyctaxi-api-linear-50-percent-1-minutes"]);
    await local.expectNoChanges("prod");
  });

  it("prod: lets go of what it kept warm, when it is told to keep less", async () => {
    // And it begins to watch the traffic and to show it, which the next tests need.
    await local.up("prod", "r1", { ...WATCHED, ...MEASURED, dashboard: "true" });

    expect(await local.project.outputs("prod")).to.deep.include({
      liveRelease: "r1",
      keptReleases: [],
      driftAlarm: "mlops-nyctaxi-drift",
      qualityAlarm: "mlops-nyctaxi-quality",
    });
    expect((await leftIn(local.aws)).filter((name) => name.includes("prd-r2"))).to.deep.equal([]);
    await local.expectNoChanges("prod");
  });

  it("prod: finds drift in the columns that have shifted, and in no others, and tells it by the alarm", () =>
    findsDrift(local));

  it("prod: shows on its dashboard what happens", () => showsWhatHappens(local));

  it("prod: finds it in a batch transform by the program that the docs have", () => findsDriftInBatch(local));

  it("prod: looks at a window by itself when the schedule is due", () => looksByItself(local));

  it("prod: measures predictions by the labels of their callers, and tells by the alarm once they are worse than in training", () =>
    measuresQuality(local));

  it("prod: refuses a config that cannot be before it creates anything, all problems at once", async () => {
    const { ok, errors } = await local.tryUp("prod", "r1", {
      minInstances: "0",
      auth: "basic",
      instancetype: "ml.m5.large",
    });

    expect(ok).to.equal(false);
    const message = errors.join("\n");
    expect(message).to.contain('minInstances: must be 1 or more, got "0"');
    expect(message).to.contain('got "basic"');
    expect(message).to.contain("instancetype: is not a key of this stack");
  });

  it("of any name are what their config says, under names of their own", async () => {
    const kind = { kind: "prod", release: "r1", bucket: local.account.bucket };
    await local.project.configure("prod-eu", { "aws:region": local.aws.account.region, ...kind }, "prod");

    const { steps } = planned.parse(
      JSON.parse((await local.project.run(["preview", "--json", "--stack", "prod-eu"])).join("\n")),
    );

    const names = steps.flatMap(({ newState: { type, inputs = {} } }) => [`${type} ${String(inputs.name)}`]);
    expect(names).to.include.members([
      "aws:sagemaker/endpoint:Endpoint mlops-nyctaxi-prodeu-r1",
      "aws:apigateway/restApi:RestApi mlops-nyctaxi-prodeu-api",
      "aws:lambda/function:Function mlops-nyctaxi-prodeu-api",
      "aws:codedeploy/application:Application mlops-nyctaxi-prodeu-api",
    ]);
    const paths = steps.flatMap(({ newState: { type, inputs = {} } }) =>
      type === "aws:iam/role:Role" ? [inputs.path] : [],
    );
    expect(new Set(paths)).to.deep.equal(new Set(["/mlops-nyctaxi/prod-eu/"]));
  });

  /** What a preview says, which has to fail. */
  async function refusal(stack: string): Promise<string> {
    return local.project.run(["preview", "--stack", stack]).then(() => "", String);
  }

  it("train: refuses a bucket and data that are not there in the preview, all at once", async () => {
    const trainingDataUri = `s3://${local.account.bucket}/nowhere`;
    await local.configure("train", "r9", { bucket: "there-is-none", trainingDataUri });

    const said = await refusal("train");

    expect(said).to.contain("  bucket: there is no bucket there-is-none: make it, or name one with: pulumi config set");
    expect(said).to.contain(`  trainingDataUri: there is nothing at ${trainingDataUri}: upload the data, or say where`);
    expect(said).to.contain("  validationDataUri: there is nothing at s3://there-is-none/");
    expect(said).to.contain("  baselineDataUri: there is nothing at s3://there-is-none/");
    await local.configure("train", "r1");
  });

  it("refuse a region that does not exist in one sentence", async () => {
    await local.configure("dev", "r1", { "aws:region": "us-east-9" });

    const said = await refusal("dev");

    expect(said).to.contain("us-east-9");
    expect(said).not.to.match(/^\s+at /m);
    await local.configure("dev", "r1");
  });

  it("leave nothing behind when they are destroyed", async () => {
    await local.configure("prod", "r1");
    for (const stack of ["prod", "dev", "train"] as const) {
      await local.destroy(stack);
    }

    // API Gateway goes on writing the logs of other APIs with its role.
    expect(await leftIn(local.aws)).to.deep.equal(["mlops-api-gateway-logs"]);
    const kms = new KMSClient(clientConfig(local.aws));
    const { Grants } = await kms.send(new ListGrantsCommand({ KeyId: local.account.kmsKeyArn }));
    expect(Grants).to.deep.equal([]);
  });
});
