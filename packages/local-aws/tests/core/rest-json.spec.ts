import {
  APIGatewayClient,
  CreateApiKeyCommand,
  GetRestApisCommand,
  ImportApiKeysCommand,
  PutMethodCommand,
} from "@aws-sdk/client-api-gateway";
import {
  GetAliasCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-lambda";
import { expect } from "chai";
import fc from "fast-check";
import { AwsError } from "../../core/aws-error";
import { signedService, type HttpRequest } from "../../core/http";
import { operation } from "../../core/operation";
import { restJsonService } from "../../core/rest-json";
import { serve, type Served } from "../../testing/serve";
import { rejection } from "./support";

const LAMBDA_ARN = "arn:aws:lambda:us-east-1:123456789012:function:a/b c";

describe("a service that speaks AWS REST-JSON", () => {
  let received: object[] = [];
  const take = <T>(input: object, output: T): T => {
    received.push(input);
    return output;
  };
  const lambda = restJsonService("Lambda", [
    operation(GetAliasCommand, (input) => take(input, {})),
    operation(ListFunctionsCommand, (input) => take(input, { Functions: [] })),
    operation(UntagResourceCommand, (input) => take(input, {})),
    operation(InvokeCommand, (input) =>
      take(input, {
        StatusCode: input.InvocationType === "Event" ? 202 : 200,
        LogResult: "bG9n",
        ExecutedVersion: "7",
        Payload: Object.assign(Buffer.from(input.Payload as Uint8Array).reverse(), { transformToString: () => "" }),
      }),
    ),
    operation(GetFunctionCommand, () => {
      throw new AwsError("ResourceNotFoundException", "Function not found", 404, { Type: "User" });
    }),
  ]);
  const apiGateway = restJsonService("API Gateway", [
    operation(CreateApiKeyCommand, (input) => take(input, { id: "created" })),
    operation(ImportApiKeysCommand, (input) => take(input, { ids: ["imported"] })),
    operation(PutMethodCommand, (input) => take(input, { httpMethod: input.httpMethod, apiKeyRequired: false })),
    operation(GetRestApisCommand, (input) =>
      take(input, { position: "next page", items: [{ id: "a", createdDate: new Date(1_767_323_045_000) }] }),
    ),
  ]);
  let served: Served;
  let functions: LambdaClient;
  let apis: APIGatewayClient;

  before(async () => {
    served = await serve(() => (request) => (signedService(request) === "lambda" ? lambda : apiGateway));
    functions = new LambdaClient(served.client);
    apis = new APIGatewayClient(served.client);
  });
  after(() => served.close());
  beforeEach(() => (received = []));

  const raw = async (service: typeof lambda, method: string, address: string, body = "") => {
    const [path = "", query = ""] = address.split("?");
    const request: HttpRequest = {
      method,
      path,
      query: new URLSearchParams(query),
      headers: {},
      body: Buffer.from(body),
    };
    const response = await service.handle(request);
    return { ...response, body: Buffer.from(response.body).toString("utf8") };
  };

  it("reads labels of the path whatever characters they have", async () => {
    const label = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(label, label, async (FunctionName, Name) => {
        received = [];
        await functions.send(new GetAliasCommand({ FunctionName, Name }));
        expect(received).to.deep.equal([{ FunctionName, Name }]);
      }),
      { numRuns: 50 },
    );
  });

  it("reads lists and numbers of the query", async () => {
    await functions.send(new UntagResourceCommand({ Resource: LAMBDA_ARN, TagKeys: ["a b", "c&d"] }));
    await functions.send(new UntagResourceCommand({ Resource: LAMBDA_ARN, TagKeys: ["one"] }));
    await functions.send(new ListFunctionsCommand({ MaxItems: 3, Marker: "after/this" }));

    expect(received).to.deep.equal([
      { Resource: LAMBDA_ARN, TagKeys: ["a b", "c&d"] },
      { Resource: LAMBDA_ARN, TagKeys: ["one"] },
      { MaxItems: 3, Marker: "after/this", FunctionVersion: undefined, MasterRegion: undefined },
    ]);
  });

  it("reads headers and a raw payload, and answers a status, headers and a raw payload", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    const answer = await functions.send(
      new InvokeCommand({ FunctionName: "f", InvocationType: "Event", LogType: "Tail", Payload: bytes }),
    );

    expect(received[0]).to.include({ FunctionName: "f", InvocationType: "Event", LogType: "Tail" });
    expect(answer).to.include({ StatusCode: 202, LogResult: "bG9n", ExecutedVersion: "7" });
    expect([...(answer.Payload ?? [])]).to.deep.equal([...bytes].reverse());
  });

  it("reads the body by the names and types of the schema", async () => {
    await apis.send(
      new PutMethodCommand({
        restApiId: "a",
        resourceId: "b",
        httpMethod: "POST",
        authorizationType: "NONE",
        apiKeyRequired: true,
        requestParameters: { "method.request.header.x": false },
      }),
    );

    expect(received).to.deep.equal([
      {
        restApiId: "a",
        resourceId: "b",
        httpMethod: "POST",
        authorizationType: "NONE",
        apiKeyRequired: true,
        requestParameters: { "method.request.header.x": false },
      },
    ]);
  });

  it("leaves members of an output that have a query trait in the body, by their JSON names", async () => {
    const { status, body } = await raw(apiGateway, "GET", "/restapis");
    expect(status).to.equal(200);
    expect(JSON.parse(body)).to.deep.equal({ position: "next page", item: [{ id: "a", createdDate: 1_767_323_045 }] });

    const page = await apis.send(new GetRestApisCommand({ limit: 1 }));
    expect(page.position).to.equal("next page");
    expect(page.items).to.deep.equal([{ id: "a", createdDate: new Date(1_767_323_045_000) }]);
  });

  it("tells operations at one path apart by the query that belongs to their address", async () => {
    const imported = await apis.send(new ImportApiKeysCommand({ body: Buffer.from("key,name"), format: "csv" }));
    const created = await apis.send(new CreateApiKeyCommand({ name: "k" }));

    expect(imported.ids).to.deep.equal(["imported"]);
    expect(created.id).to.equal("created");
    expect(received[1]).to.deep.equal({ name: "k" });
  });

  it("has the status of each operation's address", async () => {
    expect((await raw(apiGateway, "POST", "/apikeys", "{}")).status).to.equal(201);
    expect(await raw(lambda, "DELETE", "/2017-03-31/tags/arn?tagKeys=a")).to.deep.include({ status: 204, body: "" });
  });

  it("answers errors by code, status and further members", async () => {
    const error = await rejection(functions.send(new GetFunctionCommand({ FunctionName: "f" })));

    expect(error).to.include({ name: "ResourceNotFoundException", message: "Function not found", Type: "User" });
    expect(error).to.have.nested.property("$metadata.httpStatusCode", 404);
  });

  it("names the address of an operation that it does not have", async () => {
    const { status, body } = await raw(lambda, "GET", "/2016-08-19/account-settings");
    expect(status).to.equal(501);
    expect(JSON.parse(body)).to.include({
      __type: "NotImplemented",
      message: "NotImplemented: Lambda.GET /2016-08-19/account-settings is not part of the local AWS",
    });
    expect((await raw(lambda, "POST", "/2015-03-31/functions/f/aliases/live")).status).to.equal(501);
  });

  it("tells required members that are missing outside the body as well as in it", async () => {
    const { status, body } = await raw(apiGateway, "PUT", "/restapis/a/resources/b/methods/GET", "{}");
    expect(status).to.equal(400);
    expect(JSON.parse(body)).to.include({
      __type: "ValidationException",
      message:
        "1 validation error detected: Value at 'authorizationType' failed to satisfy constraint: Member must not be null",
    });
    const untag = await raw(lambda, "DELETE", "/2017-03-31/tags/arn");
    expect(JSON.parse(untag.body)).to.have.property(
      "message",
      "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must not be null",
    );
  });

  it("blames the request for what cannot be read", async () => {
    for (const [service, method, address, body] of [
      [apiGateway, "POST", "/apikeys", "{"],
      [apiGateway, "POST", "/apikeys", "[]"],
      [lambda, "GET", "/2015-03-31/functions/%zz/aliases/live", ""],
      [lambda, "GET", "/2015-03-31/functions?MaxItems=many", ""],
    ] as const) {
      const { status, headers } = await raw(service, method, address, body);
      expect({ address, status, code: headers["x-amzn-errortype"] }).to.deep.equal({
        address,
        status: 400,
        code: "SerializationException",
      });
    }
    expect(received).to.deep.equal([]);
  });

  describe("with addresses that no operation of the local AWS has yet", () => {
    const STRUCTURE = 3;
    const OPERATION = 9;
    /** A command as the SDK would make it, of an operation `GET <address>` with one label and one output member. */
    const command = (name: string, address: string, label: string) => {
      const input = [STRUCTURE, "test", `${name}Request`, 0, [label], [[0, { httpLabel: 1 }]], 1];
      const output = [STRUCTURE, "test", `${name}Response`, 0, ["got"], [0]];
      class Command {
        readonly schema = [OPERATION, "test", name, { http: ["GET", address, 200] }, input, output];
      }
      return operation(Command as unknown as typeof GetFunctionCommand, (given) => {
        const output: object = { got: `${name}: ${JSON.stringify(given)}` };
        return output;
      });
    };
    const service = restJsonService("Test", [
      command("GetThing", "/things/{Name}", "Name"),
      command("GetPath", "/files/{Path+}", "Path"),
      command("GetAll", "/things/all", "Name"),
    ]);

    it("lets a greedy label have the rest of the path", async () => {
      const { body } = await raw(service, "GET", "/files/a/b%20c/d");
      expect(JSON.parse(body)).to.deep.equal({ got: 'GetPath: {"Path":"a/b c/d"}' });
    });

    it("prefers a literal to a label", async () => {
      expect((await raw(service, "GET", "/things/one")).body).to.contain("GetThing");
      expect(JSON.parse((await raw(service, "GET", "/things/all")).body)).to.have.property(
        "__type",
        "ValidationException",
      );
    });
  });

  it("is not made of operations without an address", () => {
    class Command {
      readonly schema = [9, "test", "Rpc", 0, [3, "test", "In", 0, [], []], [3, "test", "Out", 0, [], []]];
    }
    const rpc = operation(Command as unknown as typeof GetFunctionCommand, () => ({}));
    expect(() => restJsonService("Test", [rpc])).to.throw("Rpc has no HTTP address");
  });
});
