import { join } from "node:path";
import { CloudWatchLogsClient, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  ListEndpointsCommand,
  SageMakerClient,
  waitUntilEndpointDeleted,
} from "@aws-sdk/client-sagemaker";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { type LocalAws, startLocalAws } from "local-aws";
import { testPython } from "pulumi-engine/testing/python";
import { Project } from "./engine";
import { uploadModel, type UploadedModel } from "./model-archive";

describe("the provider plugin when things go wrong", function () {
  this.timeout(300_000);
  let local: LocalAws;
  let project: Project;
  const opened: { close(): Promise<void> }[] = [];
  let model: UploadedModel;

  before(async () => {
    local = await startLocalAws({ python: testPython(), speed: 600 });
    opened.push(local);
    model = await uploadModel(local);
    const broken = { Bucket: "provider-test", Key: "broken.tar.gz", Body: "this is no archive" };
    await new S3Client(clientConfig(local)).send(new PutObjectCommand(broken));
    project = await Project.create("provider-recovery", join(__dirname, "recovery/index.ts"), local.environment);
    opened.push(project);
  });
  after(async () => {
    await Promise.all(opened.map((each) => each.close()));
  });

  it("forgets an endpoint that fails while it is created, like the AWS provider, and cannot make it again then", async () => {
    await project.setConfig({ ...model, team: "ml", modelDataUrl: "s3://provider-test/broken.tar.gz" });
    const outcome = await project.operate("up");
    expect(outcome.code).not.to.equal(0);
    expect(outcome.errors.join("\n")).to.match(
      /creating aws:sagemaker\/endpoint:Endpoint "endpoint": endpoint recovery failed: ./,
    );
    expect(await endpointStatus()).to.equal("Failed");
    expect(await project.state()).not.to.contain("aws:sagemaker/endpoint:Endpoint");
    await project.setConfig({ modelDataUrl: model.modelDataUrl });
    expect((await project.operate("up")).errors.join("\n")).to.contain("Cannot create already existing endpoint");
  });

  it("makes it once somebody has deleted the failed one", async () => {
    const sageMaker = new SageMakerClient(clientConfig(local));
    await sageMaker.send(new DeleteEndpointCommand({ EndpointName: "recovery" }));
    await waitUntilEndpointDeleted({ client: sageMaker, maxWaitTime: 60, minDelay: 1 }, { EndpointName: "recovery" });
    expect((await project.operate("up")).errors).to.deep.equal([]);
    expect(await endpointStatus()).to.equal("InService");
    expect((await project.operate("up", "--expect-no-changes")).errors).to.deep.equal([]);
  });

  it("shows by a refresh what somebody changed by hand, and the next update puts it right", async () => {
    const logs = new CloudWatchLogsClient(clientConfig(local));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: "/recovery", retentionInDays: 30 }));
    expect((await project.operate("refresh")).changes).to.include({ update: 1 });
    const outcome = await project.operate("up");
    expect(outcome.steps).to.deep.equal(["update aws:cloudwatch/logGroup:LogGroup logs"]);
  });

  it("puts other default tags of the provider on everything that has tags", async () => {
    await project.setConfig({ team: "data" });
    const outcome = await project.operate("up");
    expect(outcome.errors).to.deep.equal([]);
    expect([...outcome.steps].sort()).to.deep.equal([
      "update aws:cloudwatch/logGroup:LogGroup logs",
      "update aws:iam/role:Role role",
      "update aws:sagemaker/endpoint:Endpoint endpoint",
      "update aws:sagemaker/endpointConfiguration:EndpointConfiguration config",
      "update aws:sagemaker/model:Model model",
      "update pulumi:providers:aws local",
    ]);
    expect((await project.operate("up", "--expect-no-changes")).errors).to.deep.equal([]);
  });

  it("outlasts a bad time of AWS, in which answers get lost, too", async () => {
    local.faults.set({ kind: "aws-trouble", trouble: "dropped-connections", share: 0.3 });
    for (const operation of ["destroy", "up"] as const) {
      const outcome = await project.operate(operation);
      expect(outcome.errors).to.deep.equal([]);
    }
    local.faults.clear();
    expect((await project.operate("refresh", "--expect-no-changes")).errors).to.deep.equal([]);
    expect((await project.operate("up", "--expect-no-changes")).errors).to.deep.equal([]);
  });

  it("leaves nothing behind", async () => {
    expect((await project.operate("destroy")).errors).to.deep.equal([]);
    const { Endpoints } = await new SageMakerClient(clientConfig(local)).send(new ListEndpointsCommand({}));
    expect(Endpoints).to.deep.equal([]);
  });

  async function endpointStatus(): Promise<string | undefined> {
    const client = new SageMakerClient(clientConfig(local));
    return (await client.send(new DescribeEndpointCommand({ EndpointName: "recovery" }))).EndpointStatus;
  }
});
