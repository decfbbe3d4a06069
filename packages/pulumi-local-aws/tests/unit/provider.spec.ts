import { status } from "@grpc/grpc-js";
import { expect } from "chai";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { CallFailed, awsEnvironment, startPlugin, withEnvironment } from "./plugin";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";

describe("the provider plugin", () => {
  let restore: () => void;
  beforeEach(() => {
    restore = withEnvironment({ AWS_ENDPOINT_URL: undefined, AWS_REGION: undefined, AWS_DEFAULT_REGION: undefined });
  });
  afterEach(() => restore());

  async function configured(environment: Record<string, string>, config: Record<string, unknown>): Promise<string> {
    const plugin = await startPlugin();
    const undo = withEnvironment(environment);
    const answer = await plugin.configure(config).catch((error: unknown) => error);
    undo();
    plugin.close();
    return answer instanceof CallFailed ? answer.message : "configured";
  }

  it("refuses to start without AWS_ENDPOINT_URL, as it must never touch a real account", async () => {
    expect(await configured({}, { region: "us-east-1" })).to.match(
      /^AWS_ENDPOINT_URL is not set: the local AWS provider never/,
    );
  });

  for (const endpoint of [
    "https://sagemaker.us-east-1.amazonaws.com",
    "http://10.0.0.1:4566",
    "http://127.0.0.1.example.com",
    "here",
  ]) {
    it(`refuses to talk to ${endpoint}`, async () => {
      const answer = await configured({ AWS_ENDPOINT_URL: endpoint }, { region: "us-east-1" });
      expect(answer).to.equal(
        `AWS_ENDPOINT_URL is ${endpoint}, which is not on this machine: the local AWS provider only talks to the local AWS`,
      );
    });
  }

  for (const endpoint of ["http://127.0.0.1:4566", "http://localhost:4566", "http://[::1]:4566"]) {
    it(`talks to ${endpoint}`, async () => {
      expect(await configured({ AWS_ENDPOINT_URL: endpoint }, { region: "us-east-1" })).to.equal("configured");
    });
  }

  it("asks for a region where neither configuration nor environment has one", async () => {
    const local = awsEnvironment("http://127.0.0.1:1");
    expect(await configured(local, {})).to.match(/^no region: set it with `pulumi config set aws:region/);
    expect(await configured({ ...local, AWS_REGION: "us-east-1" }, {})).to.equal("configured");
  });

  it("refuses a setting that it would ignore", async () => {
    const plugin = await startPlugin();
    const failures = await plugin.checkConfig({
      region: "us-east-1",
      skipMetadataApiCheck: "true",
      version: "7.48.0",
      assumeRoleWithWebIdentity: "{}",
      accessKey: "210987654321",
      assumeRoles: '[{"roleArn":"arn:aws:iam::210987654321:role/deploy","policy":"{}"},{}]',
    });
    plugin.close();
    expect(failures).to.have.length(4);
    expect(failures[0]).to.match(/^assumeRoleWithWebIdentity: the local AWS provider does not know this setting/);
    expect(failures.slice(1)).to.deep.equal([
      "accessKey: accessKey and secretKey must be set together",
      "assumeRoles: the local AWS provider does not know policy (it knows roleArn, sessionName, externalId)",
      "assumeRoles: roleArn must be set for each role",
    ]);
  });

  it("promises previews and secrets when it is configured", async () => {
    restore = withEnvironment(awsEnvironment("http://127.0.0.1:1"));
    const plugin = await startPlugin();
    const answer = await plugin.configure({ region: "us-east-1" });
    plugin.close();
    expect(answer.getSupportspreview()).to.equal(true);
    expect(answer.getAcceptsecrets()).to.equal(true);
    expect(answer.getAcceptresources()).to.equal(false);
  });

  it("says which version of the AWS package it stands for", async () => {
    const plugin = await startPlugin();
    const info = await plugin.call<{ getVersion(): string }>((done) => plugin.client.getPluginInfo(new Empty(), done));
    plugin.close();
    expect(info.getVersion()).to.equal("7.48.0");
  });

  it("answers UNIMPLEMENTED for components and calls", async () => {
    const plugin = await startPlugin();
    const error = await plugin
      .call<unknown>((done) => plugin.client.construct(new proto.ConstructRequest(), done))
      .catch((failed: unknown) => failed);
    plugin.close();
    expect(error).to.have.property("code", status.UNIMPLEMENTED);
  });

  describe("answers functions:", () => {
    const call = async (token: string, args: Record<string, unknown> = {}) => {
      restore = withEnvironment(awsEnvironment("http://127.0.0.1:1"));
      const plugin = await startPlugin();
      const answer = await plugin.invoke(token, args).catch((error: unknown) => error);
      plugin.close();
      return answer;
    };

    it("getRegion", async () => {
      expect(await call("aws:index/getRegion:getRegion")).to.deep.equal({
        result: {
          id: "us-east-1",
          name: "us-east-1",
          region: "us-east-1",
          description: "US East (N. Virginia)",
          endpoint: "ec2.us-east-1.amazonaws.com",
        },
        failures: [],
      });
    });

    it("getPartition", async () => {
      const { result } = (await call("aws:index/getPartition:getPartition")) as { result: unknown };
      expect(result).to.deep.equal({
        id: "aws",
        partition: "aws",
        dnsSuffix: "amazonaws.com",
        reverseDnsPrefix: "com.amazonaws",
      });
    });

    it("getPrebuiltEcrImage, with the account of AWS's own image", async () => {
      const args = { repositoryName: "sagemaker-xgboost", imageTag: "1.7-1" };
      const { result } = (await call("aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage", args)) as {
        result: { registryPath: string };
      };
      expect(result.registryPath).to.equal("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1");
    });

    it("getPrebuiltEcrImage, with the account of another region", async () => {
      const args = { repositoryName: "sagemaker-scikit-learn", imageTag: "1.2-1", region: "eu-west-1" };
      const { result } = (await call("aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage", args)) as {
        result: { registryPath: string };
      };
      expect(result.registryPath).to.match(/^141502667606\.dkr\.ecr\.eu-west-1\./);
    });

    it("getPrebuiltEcrImage, with the account of Model Monitor's analyzer, which is another", async () => {
      const args = { repositoryName: "sagemaker-model-monitor-analyzer", imageTag: "latest" };
      const { result } = (await call("aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage", args)) as {
        result: { registryPath: string };
      };
      expect(result.registryPath).to.match(/^156813124566\.dkr\.ecr\.us-east-1\..*-analyzer:latest$/);
    });

    it("getPrebuiltEcrImage, which names an image that it does not have", async () => {
      const answer = await call("aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage", { repositoryName: "kmeans" });
      expect((answer as Error).message).to.match(/not kmeans in us-east-1$/);
    });

    it("an argument that the function does not have is an error", async () => {
      const { failures } = (await call("aws:index/getRegion:getRegion", { endpoint: "x" })) as { failures: string[] };
      expect(failures).to.have.length(1);
      expect(failures[0]).to.match(/^endpoint: aws:index\/getRegion:getRegion: the local AWS provider does not know/);
    });

    it("a function that it does not have is an error", async () => {
      const answer = await call("aws:ec2/getVpc:getVpc");
      expect((answer as Error).message).to.equal(
        "the local AWS provider does not have the function aws:ec2/getVpc:getVpc",
      );
    });
  });
});
