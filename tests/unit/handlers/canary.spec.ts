import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { APIGatewayClient, GetApiKeyCommand } from "@aws-sdk/client-api-gateway";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { expect } from "chai";
import { handler } from "../../../handlers/canary";
import { environment } from "./lambda";

describe("the canary's script", () => {
  environment({
    API_AUTH: "none",
    API_KEY_ID: undefined,
    MOST_LATENCY_MS: "5000",
    KNOWN_REQUESTS: '[{"body":"5,1,1"}]',
    ACCEPT: '{"type":"number","minimum":4,"maximum":100}',
    MODEL_REQUEST: undefined,
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "AKIACANARY",
    AWS_SECRET_ACCESS_KEY: "canary-secret",
    AWS_SESSION_TOKEN: "canary-session",
  });
  let server: Server;
  let answer: { readonly status: number; readonly body: string; readonly afterMs?: number };
  let seen: { readonly headers: IncomingHttpHeaders; readonly body: string } | undefined;
  let keys: AwsClientStub<APIGatewayClient>;

  before(async () => {
    keys = mockClient(APIGatewayClient);
    server = createServer((incoming, outgoing) => {
      let body = "";
      incoming.setEncoding("utf8").on("data", (text: string) => (body += text));
      incoming.on("end", () => {
        seen = { headers: incoming.headers, body };
        setTimeout(() => outgoing.writeHead(answer.status).end(answer.body), answer.afterMs ?? 0);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  beforeEach(() => {
    process.env.API_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/Prod/api`;
    answer = { status: 200, body: "8.25\n" };
    seen = undefined;
  });
  after(() => {
    delete process.env.API_URL;
    keys.restore();
    server.close();
    server.closeAllConnections();
  });

  const failure = () =>
    handler().then(
      () => "no failure",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );

  it("sends one known request as a caller would, and tells how long a sane answer took", async () => {
    expect(await handler()).to.match(/^the API answered sanely in \d+ ms$/);
    expect(seen?.body).to.equal("5,1,1");
    expect(seen?.headers).to.include({ "content-type": "text/csv", accept: "text/csv" });
    expect(seen?.headers).to.not.have.property("authorization");
  });

  it("signs the request for an API that asks for it, with the session of its role", async () => {
    process.env.API_AUTH = "iam";
    await handler();
    expect(seen?.headers.authorization).to.match(
      /^AWS4-HMAC-SHA256 Credential=AKIACANARY\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
    );
    expect(seen?.headers["x-amz-security-token"]).to.equal("canary-session");
  });

  it("asks API Gateway for the key in each run", async () => {
    process.env.API_AUTH = "apiKey";
    process.env.API_KEY_ID = "key-1";
    keys.on(GetApiKeyCommand, { apiKey: "key-1", includeValue: true }).resolves({ value: "the-key" });
    await handler();
    expect(seen?.headers["x-api-key"]).to.equal("the-key");
  });

  it("fails on another status, without telling what was answered", async () => {
    answer = { status: 502, body: "internal" };
    expect(await failure()).to.equal("the API answered with status 502, not 200");
  });

  it("fails on a prediction that the model's check would refuse, without telling it", async () => {
    answer = { status: 200, body: "1000\n" };
    expect(await failure()).to.equal("the API answered a prediction outside of 4 to 100");
    answer = { status: 200, body: "NaN\n" };
    expect(await failure()).to.equal(
      "the API answered no prediction: prediction 1 of the model's answer is not a finite number",
    );
  });

  it("fails on a right answer that is late", async () => {
    process.env.MOST_LATENCY_MS = "20";
    answer = { status: 200, body: "8.25\n", afterMs: 60 };
    expect(await failure()).to.match(/^the API took \d+ ms to answer, more than 20 ms$/);
  });

  it("looks into the JSON of a model whose requests are passed through", async () => {
    process.env.MODEL_REQUEST = '{"contentType":"application/json","accept":"application/json"}';
    process.env.KNOWN_REQUESTS = '[{"body":"{\\"text\\":\\"good\\"}"}]';
    process.env.ACCEPT = '{"type":"json","path":"label","value":{"type":"label","labels":["positive","negative"]}}';
    answer = { status: 200, body: '{"label":"positive"}' };
    expect(await handler()).to.match(/^the API answered sanely/);
    expect(seen?.headers).to.include({ "content-type": "application/json", accept: "application/json" });
    answer = { status: 200, body: '{"label":"none"}' };
    expect(await failure()).to.equal("the API answered a prediction outside of positive or negative at label");
  });
});
