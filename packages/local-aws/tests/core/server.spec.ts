import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "../../core/local";
import { startLocalAws, type LocalAws } from "../../server";
import { testPython } from "pulumi-engine/testing/python";
import { rejection } from "./support";

describe("the local AWS", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  before(async () => {
    aws = await startLocalAws({ python: testPython() });
  });
  after(() => aws.close());

  it("takes faults by hand, and is in the trouble that they order", async () => {
    const { endpoint, account } = aws;
    const outside = { endpoint, region: account.region, credentials: account, maxAttempts: 1 };
    const iam = new IAMClient(outside);
    const sagemaker = new SageMakerClient(outside);
    await iam.send(new ListRolesCommand({}));
    const switchboard = async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${endpoint}/_local/faults${path}`, { method, body: JSON.stringify(body) });
      return answer.json();
    };

    const dropped = { kind: "aws-trouble", trouble: "dropped-connections", services: ["sagemaker"] };
    const throttled = { kind: "aws-trouble", trouble: "throttling", services: ["iam"] };
    await switchboard("PUT", "", dropped);
    expect(await switchboard("PUT", "", throttled)).to.deep.equal([dropped, throttled]);
    expect((await rejection(iam.send(new ListRolesCommand({})))).name).to.equal("Throttling");
    expect(await rejection(sagemaker.send(new ListModelsCommand({})))).to.include({ code: "ECONNRESET" });
    const own = new SageMakerClient({ ...clientConfig(aws), maxAttempts: 1 });
    expect((await own.send(new ListModelsCommand({}))).Models).to.deep.equal([]);

    expect(await switchboard("DELETE", "/aws-trouble/iam")).to.deep.equal([dropped]);
    await iam.send(new ListRolesCommand({}));
    expect(await switchboard("DELETE", "")).to.deep.equal([]);
    expect((await sagemaker.send(new ListModelsCommand({}))).Models).to.deep.equal([]);
  });
});
