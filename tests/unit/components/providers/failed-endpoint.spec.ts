import { DeleteEndpointCommand, DescribeEndpointCommand, type EndpointStatus } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { failedEndpointRemoval } from "../../../../components/providers";
import type { FailedEndpointInputs } from "../../../../components/providers/failed-endpoint-provider";
import { AwsError } from "local-aws/core/aws-error";
import { jsonRpcService } from "local-aws/core/json-rpc";
import { operation } from "local-aws/core/operation";
import { failureOf, startAws, throttled, type TestAws } from "./test-aws";

const NAME = "mlops-nyctaxi-prd-r1";

describe("the provider of FailedEndpointRemoval", () => {
  let status: EndpointStatus | undefined;
  /** How many looks a deletion takes. */
  let deletion: number;
  let aws: TestAws;
  let inputs: FailedEndpointInputs;

  const found = () => {
    if (status === "Deleting" && deletion-- === 0) {
      status = undefined;
    }
    if (status === undefined) {
      throw new AwsError("ValidationException", `Could not find endpoint "arn:aws:sagemaker:endpoint/${NAME}".`);
    }
    return status;
  };
  const sageMaker = jsonRpcService("SageMaker", [
    operation(DescribeEndpointCommand, ({ EndpointName }) => ({
      EndpointName,
      EndpointArn: `arn:aws:sagemaker:us-east-1:123456789012:endpoint/${EndpointName}`,
      EndpointStatus: found(),
      FailureReason: "no archive",
      CreationTime: new Date(),
      LastModifiedTime: new Date(),
    })),
    operation(DeleteEndpointCommand, () => {
      found();
      status = "Deleting";
      return {};
    }),
  ]);

  beforeEach(async () => {
    deletion = 2;
    aws = await startAws({ sagemaker: sageMaker });
    inputs = { region: "us-east-1", endpointName: NAME, pollSeconds: 0.002, timeoutSeconds: 5 };
  });
  afterEach(() => aws.close());

  const calls = {
    create: () => failedEndpointRemoval.create(inputs),
    update: () => failedEndpointRemoval.update(NAME, inputs, inputs),
    delete: () => failedEndpointRemoval.delete(NAME, inputs),
  };
  it("keeps whoever deletes the role waiting once the endpoint is gone, and says so", async () => {
    status = "Failed";
    const began = performance.now();

    await failedEndpointRemoval.delete(NAME, { ...inputs, grantRetirementSeconds: 0.2 });

    expect(performance.now() - began).to.be.at.least(190);
    expect(aws.told.at(-1)).to.equal(
      `endpoint ${NAME}: its role stays for 0.2 s, in which SageMaker takes back its grants of the key`,
    );
  });

  it("takes up another time to wait", async () => {
    expect(await diff({ grantRetirementSeconds: 1 })).to.deep.equal({ changes: true, replaces: [] });
  });

  const diff = (news: object = {}) => failedEndpointRemoval.diff(NAME, inputs, { ...inputs, ...news });

  for (const [name, call] of Object.entries(calls)) {
    it(`deletes an endpoint that has failed and waits until it is gone: ${name}`, async () => {
      status = "Failed";
      aws.trouble("DeleteEndpoint", throttled());

      await call();

      expect(status).to.equal(undefined);
      expect(aws.told).to.include(`endpoint ${NAME}: it has failed (no archive) and is deleted`);
    });

    it(`waits for one that somebody else deletes, and leaves any other alone: ${name}`, async () => {
      status = "Deleting";
      await call();
      expect(status).to.equal(undefined);
      for (const other of ["InService", "Creating", "Updating", undefined] as const) {
        status = other;
        await call();
        expect(status).to.equal(other);
      }
      expect(aws.calls).not.to.include("DeleteEndpoint");
    });
  }

  it("changes where a failed endpoint is in the way, and else only with the name", async () => {
    status = "Failed";
    expect(await diff()).to.deep.equal({ changes: true, replaces: [] });
    status = "InService";
    expect(await diff()).to.deep.equal({ changes: false, replaces: [] });
    status = undefined;
    expect(await diff()).to.deep.equal({ changes: false, replaces: [] });
    expect(await diff({ endpointName: "other" })).to.deep.equal({ changes: true, replaces: ["endpointName"] });
  });

  it("gives up after its time", async () => {
    status = "Failed";
    deletion = Infinity;

    const error = await failureOf(failedEndpointRemoval.create({ ...inputs, timeoutSeconds: 0.05 }));
    expect(error.message).to.equal(
      `endpoint ${NAME} has failed and is not deleted within timeoutSeconds (0.05): run pulumi up again`,
    );
  });
});
