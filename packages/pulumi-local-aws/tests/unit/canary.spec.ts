import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { type LocalAws, startLocalAws } from "local-aws";
import { openRole } from "local-aws/testing/role";
import { testPython } from "pulumi-engine/testing/python";
import {
  type Bag,
  type CallFailed,
  type Plugin,
  assetArchive,
  startPlugin,
  stringAsset,
  withEnvironment,
} from "./plugin";

const CANARY = "aws:synthetics/canary:Canary";
const OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2";
const RUNTIME = "aws:synthetics/getRuntimeVersion:getRuntimeVersion";

describe("the provider plugin makes canaries", function () {
  this.timeout(60_000);
  let aws: LocalAws;
  let plugin: Plugin;
  let inputs: Bag;
  let restore: () => void;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600, propagationSeconds: 600 });
    restore = withEnvironment(aws.environment);
    plugin = await startPlugin();
    await new S3Client(clientConfig(aws)).send(new CreateBucketCommand({ Bucket: "scripts" }));
    const source = assetArchive({
      "nodejs/node_modules/canary.js": stringAsset("exports.handler = async () => 'fine';"),
    });
    await plugin.create(OBJECT, { bucket: "scripts", key: "script.zip", source, __defaults: [] });
    inputs = {
      name: "asks",
      artifactS3Location: "s3://scripts/runs/",
      // It counts only after a real second, so that the first canary fails and is made anew.
      executionRoleArn: await openRole(aws, "canary"),
      handler: "canary.handler",
      runtimeVersion: "syn-nodejs-puppeteer-15.0",
      s3Bucket: "scripts",
      s3Key: "script.zip",
      schedule: { expression: "rate(1 minute)" },
      runConfig: { timeoutInSeconds: 60, memoryInMb: 960, environmentVariables: { WHOM: "you" } },
      startCanary: true,
      deleteLambda: true,
      tags: { owner: "me" },
    };
  });
  after(async () => {
    plugin.close();
    restore();
    await aws.close();
  });

  const functions = async () =>
    (await new LambdaClient(clientConfig(aws)).send(new ListFunctionsCommand({}))).Functions;

  it("with a role that was made a moment ago, and starts them", async () => {
    const { id, outputs } = await plugin.create(CANARY, inputs);

    expect(id).to.equal("asks");
    expect(outputs).to.deep.include({
      arn: "arn:aws:synthetics:us-east-1:123456789012:canary:asks",
      status: "RUNNING",
    });
    expect(outputs.engineArn).to.match(/:function:cwsyn-asks-[0-9a-f-]{36}:1$/);
    expect(await functions()).to.have.length(1);
  });

  it("finds no difference, changes them while they are stopped, and starts them again", async () => {
    const read = await plugin.read(CANARY, "asks", inputs);
    expect(await plugin.diff(CANARY, inputs, read.inputs, read.outputs)).to.deep.include({ some: false });

    const news = { ...inputs, schedule: { expression: "rate(2 minutes)" }, tags: { owner: "you" } };
    const outputs = await plugin.update(CANARY, "asks", inputs, news, { outputs: read.outputs });
    expect(outputs).to.deep.include({
      status: "RUNNING",
      schedule: { expression: "rate(2 minutes)", durationInSeconds: 0 },
    });
    expect((await plugin.read(CANARY, "asks", news)).inputs.tags).to.deep.equal({ owner: "you" });
    inputs = news;
  });

  it("tells what AWS refuses, and outlasts a bad time of it", async () => {
    const failed = await plugin
      .create(CANARY, { ...inputs, name: "other", runtimeVersion: "syn-1.0" })
      .catch((error: unknown) => error as CallFailed);
    expect((failed as CallFailed).message).to.contain("ValidationException: Unsupported runtime version: syn-1.0");

    aws.faults.set({ kind: "aws-trouble", trouble: "mixed", share: 0.5, services: ["synthetics"] });
    expect((await plugin.read(CANARY, "asks", inputs)).id).to.equal("asks");
    aws.faults.clear();
  });

  it("deletes them with function and layer, also where they run or are gone", async () => {
    await plugin.delete(CANARY, "asks", inputs);
    await plugin.delete(CANARY, "asks", inputs);

    expect(await functions()).to.deep.equal([]);
    expect((await plugin.read(CANARY, "asks", inputs)).id).to.equal("");
  });

  it("finds the newest runtime of a family", async () => {
    const { result } = await plugin.invoke(RUNTIME, { prefix: "syn-nodejs-puppeteer", latest: true });
    expect(result).to.deep.include({ versionName: "syn-nodejs-puppeteer-15.0", deprecationDate: "" });
  });
});
