import { DeleteEndpointCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { Stack } from "@pulumi/pulumi/automation";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { deleteLeftovers } from "../../../pipeline/leftovers";

const endpoint = (name: string) => ({ type: "aws:sagemaker/endpoint:Endpoint", inputs: { name } });
const creating = (resource: object) => ({ type: "creating", resource });
const stackWith = (deployment: object | null) => ({ exportStack: async () => ({ deployment }) }) as unknown as Stack;

describe("what an update that was killed has left", () => {
  let aws: AwsClientStub<SageMakerClient>;
  let told: string[];
  beforeEach(() => {
    aws = mockClient(SageMakerClient);
    told = [];
  });
  afterEach(() => aws.restore());
  const run = (deployment: object | null) => deleteLeftovers(stackWith(deployment), (line) => told.push(line));
  const deleted = () => aws.commandCalls(DeleteEndpointCommand).map(({ args }) => args[0].input.EndpointName);

  it("is deleted where it is an endpoint that no state has", async () => {
    await run({
      resources: [endpoint("prd-r3"), endpoint("prd-r2")],
      pending_operations: [
        creating(endpoint("prd-r1")),
        creating(endpoint("prd-r1")),
        creating(endpoint("prd-r2")),
        creating({ type: "aws:iam/role:Role", inputs: { name: "role-r1" } }),
        { type: "deleting", resource: endpoint("prd-r0") },
      ],
    });

    expect(deleted()).to.deep.equal(["prd-r1"]);
    expect(told).to.deep.equal(["deleted endpoint prd-r1, which an update that was killed had left"]);
  });

  it("is nothing where no update was killed", async () => {
    await run({ resources: [endpoint("prd-r1")] });
    await run(null);

    expect(deleted()).to.deep.equal([]);
  });

  it("is not missed where AWS has never made it, and told where it cannot be deleted", async () => {
    aws
      .on(DeleteEndpointCommand, { EndpointName: "prd-r1" })
      .rejects(new Error('Could not find endpoint "arn:prd-r1".'));
    aws.on(DeleteEndpointCommand, { EndpointName: "prd-r2" }).rejects(new Error("not while it is being created"));

    await run({ pending_operations: [creating(endpoint("prd-r1")), creating(endpoint("prd-r2"))] });

    expect(told).to.deep.equal([
      "endpoint prd-r2, which an update that was killed may have left, could not be deleted: not while it is being created",
    ]);
  });
});
