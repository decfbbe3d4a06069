import { GetAccountCommand, UpdateAccountCommand } from "@aws-sdk/client-api-gateway";
import { expect } from "chai";
import { UNKNOWN } from "../../../../components/providers/support/inputs";
import { apiGatewayAccount } from "../../../../components/providers";
import type { ApiGatewayAccountInputs } from "../../../../components/providers/api-gateway-account-provider";
import { AwsError } from "local-aws/core/aws-error";
import type { Service } from "local-aws/core/http";
import { operation } from "local-aws/core/operation";
import { restJsonService } from "local-aws/core/rest-json";
import { queryError } from "local-aws/services/iam/query-xml";
import { failureOf, startAws, throttled, type TestAws } from "./test-aws";

const OWN = "arn:aws:iam::123456789012:role/own";
const OTHER = "arn:aws:iam::123456789012:role/somebody-elses";
const POLICY = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs";
const TOO_YOUNG = new AwsError(
  "BadRequestException",
  "The role ARN does not have required permissions configured.",
  400,
);

describe("the provider of ApiGatewayAccount", () => {
  let role: string | undefined;
  /** What IAM was asked for, and the names of the roles that it has. */
  let asked: URLSearchParams[];
  let roles: Set<string>;
  let aws: TestAws;
  let inputs: ApiGatewayAccountInputs;

  const apiGateway = restJsonService("APIGateway", [
    operation(GetAccountCommand, () => ({ cloudwatchRoleArn: role })),
    operation(UpdateAccountCommand, ({ patchOperations }) => {
      role = patchOperations?.[0]?.value;
      return { cloudwatchRoleArn: role };
    }),
  ]);

  const iam: Service = {
    name: "iam",
    async handle({ body }) {
      const form = new URLSearchParams(Buffer.from(body).toString());
      asked.push(form);
      const name = form.get("RoleName") ?? "";
      if (form.get("Action") === "CreateRole" && roles.has(name)) {
        return queryError(new AwsError("EntityAlreadyExists", `Role with name ${name} already exists.`, 409));
      }
      roles.add(name);
      return { status: 200, headers: { "content-type": "text/xml" }, body: `<${form.get("Action")}Response/>` };
    },
  };

  beforeEach(async () => {
    [role, asked, roles] = [undefined, [], new Set()];
    aws = await startAws({ apigateway: apiGateway, iam });
    inputs = { region: "us-east-1", roleArn: OWN, policyArn: POLICY, pollSeconds: 0.002, timeoutSeconds: 5 };
  });
  afterEach(() => aws.close());

  it("gives API Gateway the role where it has none", async () => {
    expect(await apiGatewayAccount.create(inputs)).to.deep.equal({
      id: "api-gateway-account-us-east-1",
      outs: { ...inputs, cloudwatchRoleArn: OWN },
    });
    expect(role).to.equal(OWN);
    expect(asked.map((form) => [form.get("Action"), form.get("RoleName")])).to.deep.equal([
      ["CreateRole", "own"],
      ["AttachRolePolicy", "own"],
    ]);
    expect(asked[0]?.get("AssumeRolePolicyDocument")).to.contain('"Principal":{"Service":"apigateway.amazonaws.com"}');
    expect(asked[1]?.get("PolicyArn")).to.equal(POLICY);
  });

  it("takes over the role of that name where the account has it, so that there is never a second one", async () => {
    roles.add("own");

    await apiGatewayAccount.create(inputs);

    expect([role, [...roles]]).to.deep.equal([OWN, ["own"]]);
    expect(asked.at(-1)?.get("Action")).to.equal("AttachRolePolicy");
  });

  it("does not fight with another API of the same program: both have the same role", async () => {
    const made = await Promise.all([apiGatewayAccount.create(inputs), apiGatewayAccount.create(inputs)]);

    expect(made.map(({ outs }) => outs?.cloudwatchRoleArn)).to.deep.equal([OWN, OWN]);
    expect([...roles]).to.deep.equal(["own"]);
  });

  it("takes a role that is there as it is, with another one of its own too", async () => {
    role = OTHER;

    const { outs } = await apiGatewayAccount.create(inputs);
    await apiGatewayAccount.update("id", outs as never, { ...inputs, roleArn: `${OWN}-2` });

    expect(outs).to.have.property("cloudwatchRoleArn", OTHER);
    expect([role, aws.calls]).to.deep.equal([OTHER, ["GET /account", "GET /account"]]);
    expect(asked).to.deep.equal([]);
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
    // A preview may not know the account yet.
    const unknown = { ...inputs, roleArn: UNKNOWN };
    expect(await apiGatewayAccount.diff("id", outs as never, unknown)).to.have.property("changes", false);
    expect(await apiGatewayAccount.diff("id", props as never, inputs)).to.deep.equal({ changes: true, replaces: [] });
  });

  it("leaves the role where it is in the end", async () => {
    const { outs } = await apiGatewayAccount.create(inputs);
    await apiGatewayAccount.delete("id", outs as never);

    expect(role).to.equal(OWN);
  });
});
