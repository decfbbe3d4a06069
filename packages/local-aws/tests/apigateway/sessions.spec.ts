import { APIGatewayClient } from "@aws-sdk/client-api-gateway";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { testPython } from "pulumi-engine/testing/python";
import { clientConfig } from "../../core/local";
import { startLocalAws, type LocalAws } from "../../server";
import { openRole } from "../../testing/role";
import { createFunction } from "../lambda/support";
import { createApi, permit, send, signed, type TestApi } from "./support";

describe("an API of the whole local AWS", function () {
  this.timeout(30_000);
  let aws: LocalAws;
  let api: TestApi;

  before(async () => {
    aws = await startLocalAws({ python: testPython(), speed: 600 });
    const config = clientConfig(aws);
    const running = {
      endpoint: aws.endpoint,
      client: new APIGatewayClient(config),
      functions: new LambdaClient(config),
    };
    const source = "exports.handler = async () => ({ statusCode: 200, body: 'fine' });";
    await createFunction(running.functions, source, { Role: await openRole(aws, "function") });
    api = await createApi(running, "fn", { authorizationType: "AWS_IAM" });
    await permit(running, api.id);
  });
  after(() => aws.close());

  it("answers a role's session as far as the role's policies let it, and nobody who has no key", async () => {
    const role = await openRole(aws, "caller");
    const allow = (Action: string) => {
      const PolicyDocument = JSON.stringify({
        Version: "2012-10-17",
        Statement: { Effect: "Allow", Action, Resource: `arn:aws:execute-api:us-east-1:*:${api.id}/*/POST/api` },
      });
      const put = new PutRolePolicyCommand({ RoleName: "caller", PolicyName: "everything", PolicyDocument });
      return new IAMClient(clientConfig(aws)).send(put);
    };
    const asked = async () => {
      const credentials = aws.sessions.assume(role, "canary");
      return send(api.url, await signed(api.url, "1", { credentials }));
    };

    await allow("execute-api:Invoke");
    expect(await asked()).to.include({ status: 200, body: "fine" });
    await allow("execute-api:ManageConnections");
    const refused = await asked();
    expect(refused.status).to.equal(403);
    expect(refused.body).to.contain("assumed-role/caller/canary is not authorized to perform: execute-api:Invoke");
    expect((await send(api.url)).status).to.equal(403);
  });
});
