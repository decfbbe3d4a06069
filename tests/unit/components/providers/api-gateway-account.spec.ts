import { GetAccountCommand, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import { expect } from "chai";
import { apiGatewayAccount } from "../../../../components/providers";
import type { ApiGatewayAccountInputs } from "../../../../components/providers/api-gateway-account-provider";
import { AwsError } from "local-aws/core/aws-error";
import { operation } from "local-aws/core/operation";
import { restJsonService } from "local-aws/core/rest-json";
import { failureOf, startAws, throttled, type TestAws } from "./test-aws";

const OWN = "arn:aws:iam::123456789012:role/own";
const OTHER = "arn:aws:iam::123456789012:role/somebody-elses";
const TOO_YOUNG = new AwsError("BadRequestException", "The role ARN does not have required permissions set", 400);

describe("the provider of ApiGatewayAccount", () => {
  let role: string | undefined;
  let aws: TestAws;
  let inputs: ApiGatewayAccountInputs;

  const apiGateway = restJsonService("APIGateway", [
    operation(GetAccountCommand, () => ({ cloudwatchRoleArn: role })),
    operation(UpdateAccountCommand, ({ patchOperations }) => {
      role = patchOperations?.[0]?.value;
      return { cloudwatchRoleArn: role };
    }),
  ]);

  beforeEach(async () => {
    role = undefined;
    aws = await startAws({ apigateway: apiGateway });
    inputs = { region: "us-east-1", roleArn: OWN, pollSeconds: 0.002, timeoutSeconds: 5 };
  });
  afterEach(() => aws.close());

  it("gives API Gateway the role where it has none", async () => {
    expect(await apiGatewayAccount.create(inputs)).to.deep.equal({
      id: "api-gateway-account-us-east-1",
      outs: { ...inputs, cloudwatchRoleArn: OWN },
    });
    expect(role).to.equal(OWN);
  });

  it("takes a role that is there as it is, with another one of its own too", async () => {
    role = OTHER;

    const { outs } = await apiGatewayAccount.create(inputs);
    await apiGatewayAccount.update("id", outs as never, { ...inputs, roleArn: `${OWN}-2` });

    expect(outs).to.have.property("cloudwatchRoleArn", OTHER);
    expect([role, aws.calls]).to.deep.equal([OTHER, ["GET /account", "GET /account"]]);
  });

  it("waits until IAM knows the role, and says so once", async () => {
    aws.trouble("PATCH /account", TOO_YOUNG, TOO_YOUNG, throttled());

    await apiGatewayAccount.create(inputs);

    expect(role).to.equal(OWN);
    expect(aws.told[0]).to.equal("log role of API Gateway: waits until IAM knows the role");
    expect(aws.told.filter((line) => line.includes("IAM"))).to.have.length(1);
  });

  it("gives up after its time with API Gateway's reason, and at once where waiting does not help", async () => {
    const refused = new AwsError("BadRequestException", "Invalid ARN specified in the request", 400);
    aws.trouble("PATCH /account", ...Array.from({ length: 2000 }, () => TOO_YOUNG));
    const late = await failureOf(apiGatewayAccount.create({ ...inputs, timeoutSeconds: 0.05 }));
    aws.trouble("PATCH /account", refused);

    expect(late.message).to.include(`did not take the role ${OWN}`).and.to.include(TOO_YOUNG.message);
    expect((await failureOf(apiGatewayAccount.create(inputs))).message).to.include(refused.message);
  });

  it("sets it again where a refresh finds that somebody has taken it away", async () => {
    const { outs } = await apiGatewayAccount.create(inputs);
    role = undefined;
    const { props } = await apiGatewayAccount.read("id", outs);

    expect(await apiGatewayAccount.diff("id", outs as never, inputs)).to.have.property("changes", false);
    expect(await apiGatewayAccount.diff("id", props as never, inputs)).to.deep.equal({ changes: true, replaces: [] });
  });

  it("leaves the role where it is in the end", async () => {
    const { outs } = await apiGatewayAccount.create(inputs);
    await apiGatewayAccount.delete("id", outs as never);

    expect(role).to.equal(OWN);
  });
});
