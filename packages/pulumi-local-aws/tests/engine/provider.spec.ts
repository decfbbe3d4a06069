import { join } from "node:path";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { accountIn } from "local-aws/core/account";
import { clientConfig } from "local-aws/core/local";
import { type LocalAws, startLocalAws } from "local-aws";
import { testPython } from "pulumi-engine/testing/python";
import { Project } from "./engine";
import { uploadModel } from "./model-archive";

/** Resources of the program, its stack and the default provider not counted. */
const RESOURCES = 43;

/** Accounts that the program makes its resources in. */
const OWN = "210987654321";
const VISITED = "333333333333";

/**
 * The life of one resource of each type on the real engine and the local AWS. It does not prove that AWS would accept these
 * arguments.
 */
describe("the provider plugin on the real engine", function () {
  this.timeout(300_000);
  let local: LocalAws;
  let project: Project;
  const opened: { close(): Promise<void> }[] = [];

  before(async () => {
    // Not where everything else is, so that nothing can rely on that.
    local = await startLocalAws({ python: testPython(), speed: 600, region: "eu-west-1", account: OWN });
    opened.push(local);
    const { modelDataUrl } = await uploadModel(local);
    project = await Project.create("provider-test", join(__dirname, "program/index.ts"), local.environment);
    opened.push(project);
    await project.setConfig({ modelDataUrl, step: "1", visitedRoleArn: await visitedRole(local) });
  });
  after(async () => {
    await Promise.all(opened.map((each) => each.close()));
  });

  it("makes one of each type, without a warning", async () => {
    const outcome = await project.operate("up");
    expect(outcome.errors).to.deep.equal([]);
    expect(outcome.code, outcome.output).to.equal(0);
    expect(outcome.warnings).to.deep.equal([]);
    expect(outcome.steps.filter((step) => step.includes(" aws:"))).to.have.length(RESOURCES);
    expect(await project.outputs()).to.deep.include({
      version: "1",
      region: "eu-west-1",
      topicElsewhere: `arn:aws:sns:us-east-1:${VISITED}:elsewhere`,
      keyValue: "[secret]",
      allTags: { purpose: "test", step: "one" },
    });
  });

  it("finds nothing to do a second time", async () => {
    expect(await steps("up", "--expect-no-changes")).to.deep.equal([]);
  });

  it("finds no drift where there is none", async () => {
    const outcome = await project.operate("refresh", "--expect-no-changes");
    expect(outcome.errors).to.deep.equal([]);
    expect(outcome.changes).to.have.all.keys("same");
    expect(await steps("up", "--expect-no-changes")).to.deep.equal([]);
  });

  it("keeps secrets out of the state", async () => {
    expect(await project.state()).not.to.contain("key-value-of-the-test");
  });

  it("previews what an update then does, and changes in place what can be changed", async () => {
    await project.setConfig({ step: "2" });
    const preview = await project.operate("preview");
    const outcome = await project.operate("up");
    expect(outcome.errors).to.deep.equal([]);
    expect(outcome.steps.filter((step) => !step.startsWith("update "))).to.deep.equal(REPLACED_WITH_THE_VERSION);
    expect([...preview.steps].sort()).to.deep.equal([...outcome.steps].sort());
    expect((await project.outputs()).version).to.equal("2");
  });

  it("has nothing left to do after that", async () => {
    expect(await steps("up", "--expect-no-changes")).to.deep.equal([]);
    expect((await project.operate("refresh", "--expect-no-changes")).errors).to.deep.equal([]);
  });

  it("replaces what cannot be changed, and never takes the endpoint out of service for it", async () => {
    await project.setConfig({ step: "3" });
    const outcome = await project.operate("up");
    expect(outcome.errors).to.deep.equal([]);
    expect(outcome.steps).to.include.members([
      "create-replacement aws:sagemaker/model:Model model",
      "create-replacement aws:sagemaker/endpointConfiguration:EndpointConfiguration endpoint-config",
      "update aws:sagemaker/endpoint:Endpoint endpoint",
      "delete-replaced aws:sagemaker/endpointConfiguration:EndpointConfiguration endpoint-config",
      "create-replacement aws:apigateway/deployment:Deployment deployment",
      "update aws:apigateway/stage:Stage stage",
      "create-replacement aws:cloudwatch/logGroup:LogGroup logs",
    ]);
    const config = "aws:codedeploy/deploymentConfig:DeploymentConfig deployment-config";
    const group = "aws:codedeploy/deploymentGroup:DeploymentGroup using-group";
    const inOrder = [`create-replacement ${config}`, `update ${group}`, `delete-replaced ${config}`];
    expect(outcome.steps.filter((step) => inOrder.includes(step))).to.deep.equal(inOrder);
    expect(await predict()).to.be.closeTo(10, 5);
    expect(await steps("up", "--expect-no-changes")).to.deep.equal([]);
    expect((await project.operate("refresh", "--expect-no-changes")).errors).to.deep.equal([]);
  });

  it("leaves nothing behind", async () => {
    const outcome = await project.operate("destroy");
    expect(outcome.errors).to.deep.equal([]);
    expect(await predict().catch((error: unknown) => error)).to.have.property("name", "ValidationError");
  });

  async function steps(...[operation, ...args]: Parameters<Project["operate"]>): Promise<readonly string[]> {
    const outcome = await project.operate(operation, ...args);
    expect(outcome.errors).to.deep.equal([]);
    return outcome.steps;
  }

  async function predict(): Promise<number> {
    const runtime = new SageMakerRuntimeClient(clientConfig(local));
    const request = { EndpointName: "provider-test", ContentType: "text/csv", Body: "5,1,2" };
    const { Body } = await runtime.send(new InvokeEndpointCommand(request));
    return Number(Buffer.from(Body).toString());
  }
});

/** A permission for a version goes with the version. */
const REPLACED_WITH_THE_VERSION = [
  "create-replacement aws:lambda/permission:Permission permission",
  "replace aws:lambda/permission:Permission permission",
  "delete-replaced aws:lambda/permission:Permission permission",
];

/** A role of another account that may make topics and that the program's own account may assume. */
async function visitedRole(local: LocalAws): Promise<string> {
  const iam = new IAMClient(
    clientConfig({ ...local, account: accountIn(VISITED, "us-east-1", local.account.secretAccessKey) }),
  );
  const statement = (more: object) =>
    JSON.stringify({ Version: "2012-10-17", Statement: { Effect: "Allow", ...more } });
  const trust = statement({ Principal: { AWS: `arn:aws:iam::${OWN}:root` }, Action: "sts:AssumeRole" });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: "visited", AssumeRolePolicyDocument: trust }));
  const PolicyDocument = statement({ Action: "sns:*", Resource: "*" });
  await iam.send(new PutRolePolicyCommand({ RoleName: "visited", PolicyName: "topics", PolicyDocument }));
  return Role?.Arn ?? "";
}
