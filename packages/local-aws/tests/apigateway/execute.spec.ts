import { expect } from "chai";
import {
  CreateDeploymentCommand,
  CreateResourceCommand,
  GetRestApiCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateAccountCommand,
  UpdateIntegrationCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import { AddPermissionCommand, CreateAliasCommand } from "@aws-sdk/client-lambda";
import { createFunction } from "../lambda/support";
import { apiOver, createApi, ECHO, FORBIDDEN, invokeArn, MISSING, permit, send, start, type Running } from "./support";

const INTERNAL = '{"message":"Internal server error"}';

describe("a deployed API", () => {
  let running: Running;
  before(async () => {
    running = await start();
    await createFunction(running.functions, ECHO, { FunctionName: "fn", Publish: true });
    await running.functions.send(new CreateAliasCommand({ FunctionName: "fn", Name: "live", FunctionVersion: "1" }));
  });
  after(() => running.close());

  it("calls its function's alias with a proxy event and gives its answer", async () => {
    const api = await createApi(running, "fn:live");
    await permit(running, api.id, "fn:live");
    const { status, headers, body } = await send(`${api.url}?a=1&a=2&b=%20`, {
      method: "POST",
      headers: { "content-type": "text/csv", "user-agent": "test" },
      body: "1,2\nä",
    });
    expect(status).to.equal(201);
    expect(headers.get("x-own")).to.equal("1");
    expect(headers.get("content-type")).to.equal("application/json");
    expect(headers.get("x-amzn-requestid")).to.match(/^[0-9a-f-]{36}$/);
    expect(headers.get("x-amz-apigw-id")).to.match(/=$/);
    const event: unknown = JSON.parse(body);
    expect(event).to.deep.include({
      resource: "/api",
      path: "/api",
      httpMethod: "POST",
      queryStringParameters: { a: "2", b: " " },
      multiValueQueryStringParameters: { a: ["1", "2"], b: [" "] },
      pathParameters: null,
      stageVariables: null,
      body: "1,2\nä",
      isBase64Encoded: false,
    });
    expect(event).to.have.nested.property("headers.content-type", "text/csv");
    expect(event).to.have.nested.property("multiValueHeaders.user-agent[0]", "test");
    expect(event).to.have.nested.property("requestContext.path", "/Prod/api");
    expect(event).to.have.nested.property("requestContext.requestId", headers.get("x-amzn-requestid"));
    expect(event).to.have.nested.property("requestContext.identity.sourceIp", "127.0.0.1");
  });

  it("answers 500 as long as the function's policy does not let it call this very alias", async () => {
    const api = await createApi(running, "fn:live");
    await createFunction(running.functions, ECHO, { FunctionName: "other" });
    expect(await send(api.url)).to.include({ status: 500, body: INTERNAL });
    const other = await createApi(running, "other");
    await permit(running, api.id, "other");
    expect(await send(other.url)).to.include({ status: 500, body: INTERNAL });
  });

  it("is not found under another id, stage, path or method", async () => {
    const api = await createApi(running);
    expect(await send(api.url.replace(api.id, "nosuchapi0"))).to.include(FORBIDDEN);
    expect(await send(api.url.replace("Prod", "Dev"))).to.include(FORBIDDEN);
    expect(await send(`${api.url}/more`)).to.include(MISSING);
    expect(await send(api.url, { method: "GET" })).to.include(MISSING);
  });

  it("serves its deployment, whatever has become of the methods since", async () => {
    const api = await apiOver(running, "deployed", `exports.handler = async () => ({ statusCode: 200, body: "one" });`);
    await createFunction(running.functions, `exports.handler = async () => ({ statusCode: 200, body: "two" });`, {
      FunctionName: "deployed2",
    });
    await permit(running, api.id, "deployed2");
    const of = { restApiId: api.id, resourceId: api.resourceId, httpMethod: "POST" };
    await running.client.send(
      new UpdateIntegrationCommand({
        ...of,
        patchOperations: [{ op: "replace", path: "/uri", value: invokeArn("deployed2") }],
      }),
    );
    expect((await send(api.url)).body).to.equal("one");
    const { id: value } = await running.client.send(new CreateDeploymentCommand({ restApiId: api.id }));
    expect((await send(api.url)).body).to.equal("one");
    await running.client.send(
      new UpdateStageCommand({
        restApiId: api.id,
        stageName: "Prod",
        patchOperations: [{ op: "replace", path: "/deploymentId", value }],
      }),
    );
    expect((await send(api.url)).body).to.equal("two");
  });

  it("answers 502 when the function fails or returns no proxy answer", async () => {
    const api = await apiOver(
      running,
      "bad",
      `exports.handler = async (event) => { if (event.body === "throw") throw new Error("x"); return JSON.parse(event.body); };`,
    );
    const post = (body: string) => send(api.url, { method: "POST", body });
    expect(await post("throw")).to.include({ status: 502, body: INTERNAL });
    for (const bad of [
      '"text"',
      "null",
      '{"body":"x"}',
      '{"statusCode":"x"}',
      '{"statusCode":200,"body":{}}',
      '{"statusCode":200,"other":1}',
    ]) {
      expect(await post(bad), bad).to.include({ status: 502, body: INTERNAL });
    }
    expect(await post('{"statusCode":204}')).to.include({ status: 204, body: "" });
  });

  it("answers 504 when the function takes longer than the integration allows", async () => {
    const api = await apiOver(
      running,
      "late",
      "exports.handler = () => new Promise((r) => setTimeout(() => r({ statusCode: 200 }), 1000));",
    );
    const of = { restApiId: api.id, resourceId: api.resourceId, httpMethod: "POST" };
    await running.client.send(
      new UpdateIntegrationCommand({
        ...of,
        patchOperations: [{ op: "replace", path: "/timeoutInMillis", value: "100" }],
      }),
    );
    await running.client.send(new CreateDeploymentCommand({ restApiId: api.id, stageName: "Prod" }));
    expect(await send(api.url)).to.include({ status: 504, body: '{"message":"Endpoint request timed out"}' });
  });

  it("finds the resource that fits best and reads the path's variables", async () => {
    const api = await createApi(running, "fn");
    const { rootResourceId } = await running.client.send(new GetRestApiCommand({ restApiId: api.id }));
    await createFunction(running.functions, ECHO, { FunctionName: "paths" });
    await running.functions.send(
      new AddPermissionCommand({
        FunctionName: "paths",
        StatementId: "api",
        Action: "lambda:InvokeFunction",
        Principal: "apigateway.amazonaws.com",
        SourceArn: `arn:aws:execute-api:us-east-1:123456789012:${api.id}/*`,
      }),
    );
    const add = async (parentId: string | undefined, pathPart: string) => {
      const { id } = await running.client.send(new CreateResourceCommand({ restApiId: api.id, parentId, pathPart }));
      const of = { restApiId: api.id, resourceId: id, httpMethod: "ANY" };
      await running.client.send(new PutMethodCommand({ ...of, authorizationType: "NONE" }));
      await running.client.send(
        new PutIntegrationCommand({ ...of, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: invokeArn("paths") }),
      );
      return id;
    };
    const items = await add(rootResourceId, "items");
    await add(items, "{id}");
    await add(rootResourceId, "{proxy+}");
    await running.client.send(new CreateDeploymentCommand({ restApiId: api.id, stageName: "Prod" }));
    const base = api.url.replace(/\/api$/, "");
    const found = async (path: string) => {
      const event: unknown = JSON.parse((await send(base + path, { method: "PUT", body: "" })).body);
      return event;
    };
    expect(await found("/items")).to.deep.include({ resource: "/items", pathParameters: null, body: null });
    expect(await found("/items/a%2Fb")).to.deep.include({ resource: "/items/{id}", pathParameters: { id: "a/b" } });
    expect(await found("/items/1/2")).to.deep.include({
      resource: "/{proxy+}",
      pathParameters: { proxy: "items/1/2" },
    });
  });

  it("writes its access log and its metrics", async () => {
    const api = await apiOver(running, "logged", ECHO);
    await running.client.send(
      new UpdateAccountCommand({
        patchOperations: [{ op: "replace", path: "/cloudwatchRoleArn", value: "arn:aws:iam::123456789012:role/logs" }],
      }),
    );
    const replace = (path: string, value: string) => ({ op: "replace" as const, path, value });
    await running.client.send(
      new UpdateStageCommand({
        restApiId: api.id,
        stageName: "Prod",
        patchOperations: [
          replace("/accessLogSettings/destinationArn", "arn:aws:logs:us-east-1:123456789012:log-group:/api/access:*"),
          replace(
            "/accessLogSettings/format",
            '{"id":"$context.requestId","s":$context.status,"m":"$context.httpMethod $context.resourcePath","i":"$context.integrationStatus","no":"$context.nothing"}',
          ),
          replace("/*/*/metrics/enabled", "true"),
          replace("/*/*/logging/loglevel", "ERROR"),
        ],
      }),
    );
    const { headers } = await send(api.url);
    const lines = running.logs.filter(({ group }) => group === "/api/access").map(({ line }) => line);
    expect(lines).to.deep.equal([
      `{"id":"${headers.get("x-amzn-requestid") ?? ""}","s":201,"m":"POST /api","i":"200","no":"-"}`,
    ]);
    await send(`${api.url}/no`);
    const of = (name: string) =>
      running.metrics
        .filter(
          (value) =>
            value.name === name && value.namespace === "AWS/ApiGateway" && value.dimensions.ApiName === "test-api",
        )
        .slice(-5)
        .map(({ dimensions, value }) => [Object.keys(dimensions).join(), value]);
    expect(of("Count")).to.deep.equal([
      ["ApiName", 1],
      ["ApiName,Stage", 1],
      ["ApiName,Stage,Resource,Method", 1],
      ["ApiName", 1],
      ["ApiName,Stage", 1],
    ]);
    expect(of("4XXError").map(([, value]) => value)).to.deep.equal([0, 0, 0, 1, 1]);
  });

  it("answers twenty requests at once", async () => {
    const api = await apiOver(
      running,
      "busy",
      "exports.handler = async (event) => ({ statusCode: 200, body: event.body });",
    );
    const bodies = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => (await send(api.url, { method: "POST", body: String(n) })).body),
    );
    expect(bodies).to.deep.equal(Array.from({ length: 20 }, (_, n) => String(n)));
  });
});
