import { GetPolicyVersionCommand, IAMClient, ListPolicyVersionsCommand } from "@aws-sdk/client-iam";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { startLocalAws, type LocalAws } from "local-aws";
import { testPython } from "pulumi-engine/testing/python";
import { assetArchive, type Bag, type Plugin, startPlugin, stringAsset, withEnvironment } from "./plugin";

const POLICY = "aws:iam/policy:Policy";
const ROLE = "aws:iam/role:Role";
const document = (...Action: string[]) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

describe("the provider plugin and IAM", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let plugin: Plugin;
  let restore: () => void;

  before(async () => {
    // A new role is known after half a second.
    aws = await startLocalAws({ python: testPython(), speed: 600, propagationSeconds: 300 });
    restore = withEnvironment(aws.environment);
    plugin = await startPlugin({ region: "us-east-1" });
  });
  after(async () => {
    plugin.close();
    restore();
    await aws.close();
  });

  const iam = () => new IAMClient(clientConfig(aws));
  const policyOf = (name: string, ...actions: string[]) => ({
    name,
    path: "/",
    description: "most",
    policy: document(...actions),
    tags: { team: "ml" },
    __defaults: [],
  });

  it("make a policy, read it as it was made, change it again and again, and delete it", async () => {
    const inputs = policyOf("p", "s3:GetObject");
    const { id, outputs } = await plugin.create(POLICY, inputs);
    expect(id).to.equal("arn:aws:iam::123456789012:policy/p");
    expect(outputs).to.deep.include({ arn: id, name: "p", description: "most" });
    expect((await plugin.read(POLICY, id, inputs, outputs)).inputs).to.deep.equal(inputs);

    let last: { inputs: Bag; outputs: Bag } = { inputs, outputs };
    for (let version = 2; version <= 8; version++) {
      const next = policyOf("p", "s3:GetObject", `s3:Action${version}`);
      last = { inputs: next, outputs: await plugin.update(POLICY, id, last.inputs, next, { outputs: last.outputs }) };
    }
    expect((await plugin.read(POLICY, id, last.inputs, last.outputs)).inputs).to.deep.equal(last.inputs);
    const { Versions = [] } = await iam().send(new ListPolicyVersionsCommand({ PolicyArn: id }));
    expect(Versions).to.have.length(5);
    const inForce = Versions.find(({ IsDefaultVersion }) => IsDefaultVersion)?.VersionId;
    const { PolicyVersion } = await iam().send(new GetPolicyVersionCommand({ PolicyArn: id, VersionId: inForce }));
    expect(decodeURIComponent(PolicyVersion?.Document ?? "")).to.contain("s3:Action8");

    await plugin.delete(POLICY, id, last.inputs);
    expect(await plugin.read(POLICY, id, last.inputs, last.outputs)).to.deep.include({ id: "" });
  });

  it("wait for a role until the services know it that act as it", async () => {
    const role = async (name: string, service: string) => {
      const assumeRolePolicy = TRUST.replace("lambda", service);
      const rest = { path: "/", description: "", maxSessionDuration: 3600, __defaults: [] };
      const { outputs } = await plugin.create(ROLE, { name, assumeRolePolicy, ...rest });
      return String(outputs.arn);
    };
    const began = Date.now();
    const model = await plugin.create("aws:sagemaker/model:Model", {
      ...{ name: "m", executionRoleArn: await role("new-model", "sagemaker"), enableNetworkIsolation: false },
      ...{ primaryContainer: { image: "i", mode: "SingleModel" }, __defaults: [] },
    });
    const code = await plugin.create("aws:lambda/function:Function", {
      ...{ name: "f", role: await role("new-function", "lambda"), runtime: "nodejs22.x", handler: "index.handler" },
      ...{ description: "", timeout: 3, memorySize: 128, publish: false, reservedConcurrentExecutions: -1 },
      code: assetArchive({ "index.js": stringAsset("exports.handler = async () => 1") }),
      __defaults: [],
    });

    expect([model.id, code.id]).to.deep.equal(["m", "f"]);
    expect(Date.now() - began).to.be.above(900);
  });

  it("give a role a boundary, another one and none", async () => {
    const [one, other] = [
      await plugin.create(POLICY, policyOf("one", "s3:*")),
      await plugin.create(POLICY, policyOf("other", "s3:*")),
    ];
    const role = (permissionsBoundary?: string) => ({
      ...{ name: "r", path: "/", assumeRolePolicy: TRUST, description: "", maxSessionDuration: 3600 },
      ...(permissionsBoundary === undefined ? {} : { permissionsBoundary }),
      __defaults: [],
    });
    const { id, outputs } = await plugin.create(ROLE, role(one.id));
    let last: { inputs: Bag; outputs: Bag } = { inputs: role(one.id), outputs };

    for (const boundary of [one.id, other.id, undefined, one.id]) {
      const next = role(boundary);
      last = { inputs: next, outputs: await plugin.update(ROLE, id, last.inputs, next, { outputs: last.outputs }) };
      expect((await plugin.read(ROLE, id, last.inputs, last.outputs)).inputs).to.deep.equal(next);
    }
  });
});
