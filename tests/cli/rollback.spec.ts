import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  BatchGetDeploymentsCommand,
  CodeDeployClient,
  GetDeploymentTargetCommand,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from "@aws-sdk/client-codedeploy";
import {
  CodePipelineClient,
  GetPipelineExecutionCommand,
  ListActionExecutionsCommand,
} from "@aws-sdk/client-codepipeline";
import { DescribeEndpointCommand, ListTagsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { mockClient } from "aws-sdk-client-mock";
import { expect } from "chai";
import { LOCAL_ACCOUNT } from "local-aws/core/account";
import { clientEnvironment } from "local-aws/core/local";
import { APPLICATION, appSpec, Fixture } from "local-aws/tests/codedeploy/fixture";
import { parse } from "yaml";
import { call } from "./call";
import { FakePulumi, stateWith } from "./fake-pulumi";
import { serveApi } from "./serving-api";

/** A state whose resources are of the model that is called back. */
const OWN = stateWith(
  "arn:aws:iam::123456789012:role/mlops-nyctaxi/prod/one",
  "arn:aws:lambda:us-east-1:123456789012:function:two",
);
const EXECUTION = "6c28916c-19f0-4d2e-9c0b-5a3f6f0e7d11";

describe("safe-deploy rollback", function () {
  this.timeout(30_000);
  let fixture: Fixture;
  let pulumi: FakePulumi | undefined;
  let mocks: { restore(): void }[];

  beforeEach(async () => {
    fixture = await Fixture.start(6000);
    const sageMaker = mockClient(SageMakerClient);
    sageMaker.on(DescribeEndpointCommand).resolves({ EndpointStatus: "InService", ProductionVariants: [] });
    sageMaker.on(ListTagsCommand).resolves({ Tags: [] });
    const sts = mockClient(STSClient);
    sts.on(GetCallerIdentityCommand).resolves({ Account: LOCAL_ACCOUNT.accountId });
    mocks = [sageMaker, sts];
    serveApi(fixture, { "1": "r1", "2": "r2", "3": EXECUTION });
  });
  afterEach(async () => {
    mocks.forEach((mock) => mock.restore());
    pulumi?.remove();
    pulumi = undefined;
    await fixture.close();
  });

  const run = (line: string, typed?: readonly string[]) => {
    const aws = { account: LOCAL_ACCOUNT, endpoint: fixture.served.endpoint };
    const env = { ...clientEnvironment(aws), ...(pulumi === undefined ? {} : { PATH: pulumi.PATH }) };
    return call(["--model", "nyctaxi", "--project", __dirname, ...line.split(" ")], { env, typed });
  };

  const history = (release: string, more: Readonly<Record<string, { value?: string; secret?: boolean }>> = {}) => ({
    kind: "update",
    result: "succeeded",
    config: { "p:release": { value: release }, ...more },
  });

  it("stops a rollout that is under way, and sees that the release before has all traffic and answers", async () => {
    await fixture.createGroup({ deploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes" });
    const id = await fixture.deploy(appSpec(), { description: "r2" });
    await fixture.until(() => fixture.lambda.weights["2"] !== undefined);

    const { status, stdout, stderr } = await run("rollback", ["y"]);

    expect(stderr).to.contain(`deployment ${id} is InProgress`).and.contain("Go back to release r1? [y/N]");
    expect(stdout)
      .to.match(/traffic +100 %/)
      .and.match(/probe +200 by mlops-nyctaxi-prd-r1/)
      .and.contain("Stack prod is back on release r1.");
    expect(status).to.equal(0);
    expect((await fixture.deployment(id)).status).to.equal("Stopped");
  });

  it("does nothing that it was not told to, and does not lead past the release before while one is rolled out", async () => {
    await fixture.createGroup({ deploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes" });
    const id = await fixture.deploy(appSpec(), { description: "r2" });
    await fixture.until(() => fixture.lambda.weights["2"] !== undefined);

    expect((await run("rollback")).stderr).to.contain("add --yes");
    expect((await run("rollback", ["n"])).stderr).to.contain("nothing was done");
    // As by Ctrl-D and Ctrl-C.
    expect(await run("rollback", [])).to.include({ status: 1 });
    expect((await run("--json rollback", ["n"])).stderr).to.contain(`deployment ${id} is InProgress`);
    expect((await run("rollback r0 --yes")).stderr).to.contain("leads to release r1, not to r0");
    expect((await fixture.deployment(id)).status).to.equal("InProgress");
  });

  it("waits where CodeDeploy goes back already, rather than to stop that too", async () => {
    await fixture.createGroup({ deploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes" });
    const id = await fixture.deploy(appSpec(), { description: "r2" });
    await fixture.until(() => fixture.lambda.weights["2"] !== undefined);
    const codeDeploy = mockClient(CodeDeployClient);
    mocks.push(codeDeploy);
    codeDeploy.on(ListDeploymentsCommand).resolves({ deployments: [id], nextToken: "more" });
    codeDeploy.on(ListDeploymentsCommand, { nextToken: "more" }).resolves({ deployments: ["d-BACK"] });
    codeDeploy.on(BatchGetDeploymentsCommand).resolves({
      deploymentsInfo: [
        { deploymentId: id, status: "Stopped", createTime: new Date(1), description: "r2" },
        { deploymentId: "d-BACK", status: "InProgress", createTime: new Date(2), creator: "codeDeployRollback" },
      ],
    });
    codeDeploy.on(ListDeploymentTargetsCommand).resolves({ targetIds: ["t"] });
    const lambdaFunctionInfo = { currentVersion: "2", targetVersion: "1" };
    codeDeploy.on(GetDeploymentTargetCommand).resolves({ deploymentTarget: { lambdaTarget: { lambdaFunctionInfo } } });

    expect((await run("rollback r2 --yes")).stderr).to.contain("going back to release r1 (deployment d-BACK)");
    fixture.lambda.move("1");
    const { status, stdout, stderr } = await run("rollback --yes");

    expect(stderr).to.contain("goes back to release r1 already: deployment d-BACK undoes a rollout");
    expect(stdout).to.contain("Stack prod is back on release r1.");
    expect(status).to.equal(0);
    expect(codeDeploy.commandCalls(StopDeploymentCommand)).to.deep.equal([]);
  });

  it("has a release that bakes go back by an alarm of its own", async () => {
    const alarm = `${APPLICATION}-${EXECUTION}-model-faults`;
    await fixture.alarm("of-somebody-else", "OK");
    await fixture.alarm(alarm, "OK");
    const alarms = [{ name: "of-somebody-else" }, { name: alarm }];
    await fixture.createGroup({
      deploymentConfigName: "CodeDeployDefault.LambdaAllAtOnce",
      alarmConfiguration: { enabled: true, alarms },
    });
    fixture.lambda.move("2");
    await fixture.ended(await fixture.deploy(appSpec({}, ["2", "3"]), { description: EXECUTION }));
    const pipeline = mockClient(CodePipelineClient);
    mocks.push(pipeline);
    pipeline.on(GetPipelineExecutionCommand).resolves({ pipelineExecution: { status: "InProgress" } });
    const action = { stageName: "DeployProd", actionName: "DeployProd", status: "InProgress" } as const;
    pipeline.on(ListActionExecutionsCommand).resolves({ actionExecutionDetails: [action] });
    const states = async () => (await fixture.cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms ?? [];
    const going = run("rollback --yes");
    // What the update does that watches the alarm.
    await fixture.until(async () => (await states()).some(({ StateValue }) => StateValue === "ALARM"));
    fixture.lambda.move("2");

    const { status, stdout, stderr } = await going;

    expect(stderr).to.contain("still bakes");
    expect(
      (await states()).filter(({ StateValue }) => StateValue === "ALARM").map(({ AlarmName }) => AlarmName),
    ).to.deep.equal([alarm]);
    expect(stdout).to.contain("Stack prod is back on release r2.");
    expect(status).to.equal(0);
  });

  it("deploys the release before with its own config where no rollout is under way", async () => {
    fixture.lambda.move("2");
    pulumi = new FakePulumi({
      "stack export": OWN,
      "stack output": JSON.stringify({ releases: ["r2", "r1"] }),
      "config refresh":
        "encryptionsalt: v1:abc\nconfig:\n  p:release: r2\n  p:token:\n    secure: xyz\n  p:deep:\n    key:\n      secure: uvw\n",
      "stack history": JSON.stringify([
        history("r2", { "p:instanceType": { value: "ml.m5.large" } }),
        history("r1", {
          "p:instanceType": { value: "ml.m5.xlarge" },
          "p:token": { secret: true },
          "p:deep": { secret: true },
        }),
      ]),
      up: " ~  pulumi:pulumi:Stack p-prod running going back to release r1",
    });
    const going = run("rollback --yes");
    await fixture.until(() => pulumi?.config !== "");
    fixture.lambda.move("1");

    const { status, stdout, stderr } = await going;

    expect(stdout).to.contain("Stack prod is back on release r1.");
    expect(status).to.equal(0);
    expect(stderr).to.contain("Release r2 is live").and.contain("going back to release r1\n");
    expect(parse(pulumi.config)).to.deep.equal({
      encryptionsalt: "v1:abc",
      config: {
        "p:release": "r1",
        "p:instanceType": "ml.m5.xlarge",
        "p:token": { secure: "xyz" },
        "p:deep": { key: { secure: "uvw" } },
      },
    });
    expect(pulumi.calls.at(-1)).to.match(/^up --yes --skip-preview --config-file \S+ --stack prod --non-interactive/);
  });

  it("deploys nothing where a secret of the release before is not there any more", async () => {
    fixture.lambda.move("2");
    pulumi = new FakePulumi({
      "stack export": OWN,
      "stack output": JSON.stringify({ releases: ["r2", "r1"] }),
      "config refresh": "config:\n  p:release: r2\n",
      "stack history": JSON.stringify([history("r1", { "p:token": { secret: true } })]),
    });

    expect((await run("rollback --yes")).stderr).to.contain(
      "with p:token, a secret that stack prod has not got any more",
    );
    expect(pulumi.calls.filter((line) => line.startsWith("up"))).to.deep.equal([]);
  });

  it("says that it has gone back though nobody can ask it", async () => {
    serveApi(fixture, { "1": "r1", "2": "r2" }, []);
    await fixture.createGroup({ deploymentConfigName: "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes" });
    await fixture.deploy(appSpec(), { description: "r2" });
    await fixture.until(() => fixture.lambda.weights["2"] !== undefined);

    const { status, stdout } = await run("rollback --yes");

    expect(stdout)
      .to.match(/traffic +100 %/)
      .and.contain(
        "whether it answers could not be found out: the hooks of mlops-nyctaxi-api know no request to ask by",
      );
    expect(status).to.equal(1);
  });

  it("names the releases that there are to go back to, and what the engine complains of", async () => {
    fixture.lambda.move("2");
    pulumi = new FakePulumi({
      "stack export": OWN,
      "stack output": JSON.stringify({ releases: ["r2", "r1"] }),
      "config refresh": "config: {}\n",
      "stack history": "[]",
    });

    expect((await run("rollback r9 --yes")).stderr).to.match(/never served release r9: did you mean r1\?|there are r1/);
    expect((await run("rollback r2 --yes")).stderr).to.contain("release r2 is live already");
    const { status, stderr } = await run("rollback r1 --yes --json");
    expect(stderr).to.contain("no deployment of release r1 is in the history of stack prod");
    expect(status).to.equal(1);
  });

  it("deploys no stack of another model, region or account, whatever the project's folder has", async () => {
    fixture.lambda.move("2");
    pulumi = new FakePulumi({
      "stack export": stateWith(
        "arn:aws:iam::210987654321:role/mlops-nyctaxi-b/prod/one",
        "arn:aws:lambda:eu-west-1:210987654321:function:two",
      ),
      "stack output": JSON.stringify({ releases: ["r2", "r1"] }),
    });

    const { status, stderr } = await run("rollback --yes");

    expect(stderr)
      .to.contain("stack prod of the project in")
      .and.contain("it has resources of model nyctaxi-b, and model nyctaxi is meant")
      .and.contain("region eu-west-1, and region us-east-1 is meant")
      .and.contain("account 210987654321, and account 123456789012 is meant");
    expect(status).to.equal(1);
    expect(pulumi.calls.filter((line) => line.startsWith("up"))).to.deep.equal([]);
  });

  it("says it where the Pulumi CLI is not there, or the stack serves nothing", async () => {
    fixture.lambda.move("2");
    const aws = { account: LOCAL_ACCOUNT, endpoint: fixture.served.endpoint };
    const env = { ...clientEnvironment(aws), PATH: __dirname };
    expect((await call(["--model", "nyctaxi", "rollback"], { env })).stderr).to.contain("Pulumi CLI is not on PATH");
    expect((await call(["--model", "nyctaxi", "rollback", "--stack", "dev"], { env })).stderr).to.contain(
      "stack dev of model nyctaxi serves no release",
    );
  });
});
