import { expect } from "chai";
import {
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  UpdateApiKeyCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import { LOCAL_ACCOUNT } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { RoleSessions } from "../../core/local";
import { createFunction } from "../lambda/support";
import { apiOver, createApi, ECHO, FORBIDDEN, MISSING, permit, send, signed, start, type Running } from "./support";

/** A session, whose role may call nothing but `POST /api`. */
const KEYS = { accessKeyId: "ASIA0000000000000000", secretAccessKey: "of the session", sessionToken: "its token" };
const SESSION = { keys: KEYS, arn: "arn:aws:sts::123456789012:assumed-role/canary/run", userId: "AROA:run" };
const sessions: Partial<RoleSessions> = {
  sessionOf(accessKeyId, sessionToken) {
    if (accessKeyId !== KEYS.accessKeyId || sessionToken !== KEYS.sessionToken) {
      throw new AwsError("InvalidClientTokenId", "unknown keys");
    }
    return SESSION;
  },
  async authorize(_, { action, resource }) {
    if (!/^arn:aws:execute-api:us-east-1:123456789012:\w+\/Prod\/POST\/api$/.test(resource)) {
      throw new AwsError("AccessDeniedException", `not authorized to perform: ${action} on resource: ${resource}`);
    }
  },
};

describe("access to a deployed API", () => {
  let running: Running;
  before(async () => {
    running = await start(sessions);
    await createFunction(running.functions, ECHO, { FunctionName: "fn", Publish: true });
  });
  after(() => running.close());

  it("takes the keys of a session whose role may call the method", async () => {
    const api = await createApi(running, "fn", { authorizationType: "AWS_IAM" });
    await permit(running, api.id, "fn");
    const sendAs = async (url: string, credentials: typeof KEYS) => send(url, await signed(url, "1", { credentials }));

    const good = await sendAs(api.url, KEYS);
    expect(good.status).to.equal(201);
    expect(JSON.parse(good.body)).to.have.nested.property("requestContext.identity.userArn", SESSION.arn);
    expect((await sendAs(api.url, { ...KEYS, sessionToken: "another" })).body).to.contain("security token");
    expect((await sendAs(api.url, { ...KEYS, secretAccessKey: "another" })).body).to.contain("does not match");
    const denied = await sendAs(`${api.url}/`, KEYS);
    expect(denied.status).to.equal(403);
    expect(denied.body).to.contain("not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:");
  });

  it("checks signatures where its method asks for IAM", async () => {
    const api = await createApi(running, "fn", { authorizationType: "AWS_IAM" });
    await permit(running, api.id, "fn");
    const url = `${api.url}?b=2&a=%2F%20x`;
    const good = await send(url, await signed(url, "1,2"));
    expect(good.status).to.equal(201);
    const event: unknown = JSON.parse(good.body);
    expect(event).to.have.nested.property("requestContext.identity.accessKey", LOCAL_ACCOUNT.accessKeyId);
    expect(event).to.not.have.nested.property("headers.authorization");

    expect(await send(url)).to.include(MISSING);
    const refusal = async (init: RequestInit) => {
      const { status, body } = await send(url, init);
      return [status, /"message":"([^"]*)"/.exec(body)?.[1]];
    };
    const mismatch = [
      403,
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    ];
    const { accessKeyId } = LOCAL_ACCOUNT;
    expect(
      await refusal(await signed(url, "1", { credentials: { accessKeyId, secretAccessKey: "wrong" } })),
    ).to.deep.equal(mismatch);
    const unknown = { accessKeyId: "AKIAUNKNOWN000000000", secretAccessKey: "x" };
    expect(await refusal(await signed(url, "1", { credentials: unknown }))).to.deep.equal([
      403,
      "The security token included in the request is invalid.",
    ]);
    expect(await refusal({ ...(await signed(url, "1")), body: "2" })).to.deep.equal([
      403,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ]);
    expect(await refusal(await signed(`${api.url}?b=3`, "1"))).to.deep.equal(mismatch);
    expect(await refusal(await signed(url, "1", { service: "lambda" }))).to.deep.equal([
      403,
      "Credential should be scoped to correct service: 'execute-api'.",
    ]);
    const old = new Date(Date.now() - 6 * 60_000);
    expect((await refusal(await signed(url, "1", { signingDate: old })))[1]).to.match(/^Signature expired: /);
    const early = new Date(Date.now() + 6 * 60_000);
    expect((await refusal(await signed(url, "1", { signingDate: early })))[1]).to.match(/^Signature not yet current: /);
  });

  it("checks API keys where its method asks for one", async () => {
    const api = await createApi(running, "fn", { apiKeyRequired: true });
    await permit(running, api.id, "fn");
    const value = "key-value-of-twenty-characters";
    const { id: keyId } = await running.client.send(new CreateApiKeyCommand({ name: "key", enabled: true, value }));
    const withKey = (key: string) => send(api.url, { method: "POST", body: "{}", headers: { "x-api-key": key } });
    expect(await withKey(value)).to.include(FORBIDDEN);
    const { id: usagePlanId } = await running.client.send(
      new CreateUsagePlanCommand({
        name: "plan",
        apiStages: [{ apiId: api.id, stage: "Prod" }],
        throttle: { burstLimit: 2, rateLimit: 0.001 },
      }),
    );
    await running.client.send(new CreateUsagePlanKeyCommand({ usagePlanId, keyId, keyType: "API_KEY" }));
    expect(await send(api.url)).to.include(FORBIDDEN);
    expect(await withKey("another")).to.include(FORBIDDEN);
    expect((await withKey(value)).status).to.equal(201);
    expect((await withKey(value)).status).to.equal(201);
    expect(await withKey(value)).to.include({ status: 429, body: '{"message":"Too Many Requests"}' });
    await running.client.send(
      new UpdateApiKeyCommand({
        apiKey: keyId,
        patchOperations: [{ op: "replace", path: "/enabled", value: "false" }],
      }),
    );
    expect(await withKey(value)).to.include(FORBIDDEN);
  });

  it("throttles by its stage's settings", async () => {
    const api = await apiOver(running, "throttled", ECHO);
    const set = (name: string, value: string) => ({
      op: "replace" as const,
      path: `/~1api/POST/throttling/${name}`,
      value,
    });
    await running.client.send(
      new UpdateStageCommand({
        restApiId: api.id,
        stageName: "Prod",
        patchOperations: [set("rateLimit", "0.001"), set("burstLimit", "3")],
      }),
    );
    const statuses = await Promise.all(Array.from({ length: 5 }, async () => (await send(api.url)).status));
    expect(statuses.sort()).to.deep.equal([201, 201, 201, 429, 429]);
  });
});
