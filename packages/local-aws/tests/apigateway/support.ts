import {
  APIGatewayClient,
  CreateDeploymentCommand,
  CreateResourceCommand,
  CreateRestApiCommand,
  CreateStageCommand,
  PutIntegrationCommand,
  PutMethodCommand,
  type PutMethodCommandInput,
} from "@aws-sdk/client-api-gateway";
import { AddPermissionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { apiGateway } from "../../services/apigateway";
import { LOCAL_ACCOUNT } from "../../core/account";
import { signedService, type Service } from "../../core/http";
import type { RoleSessions } from "../../core/local";
import { lambda } from "../../services/lambda";
import { serve } from "../../testing/serve";
import { createFunction, surroundings, type Surroundings } from "../lambda/support";

/** API Gateway and Lambda behind their real clients. */
export interface Running extends Surroundings {
  readonly endpoint: string;
  readonly client: APIGatewayClient;
  readonly functions: LambdaClient;
  close(): Promise<void>;
}

/** @param sessions of roles, for callers that sign as one @default - every role may do everything */
export async function start(sessions?: Partial<RoleSessions>): Promise<Running> {
  const services = new Map<string, Service>();
  const served = await serve(
    () => (request) => services.get(request.path.startsWith("/_aws/") ? "execute" : (signedService(request) ?? "")),
  );
  const around = await surroundings(served.endpoint, 6000);
  const local = { ...around.local, sessions: { ...around.local.sessions, ...sessions } };
  const { service, invoker } = lambda(local);
  const { control, execute } = apiGateway(local, invoker);
  services.set("lambda", service).set("apigateway", control).set("execute", execute);
  const client = new APIGatewayClient(served.client);
  const functions = new LambdaClient(served.client);
  return {
    ...around,
    endpoint: served.endpoint,
    client,
    functions,
    async close() {
      client.destroy();
      functions.destroy();
      await Promise.all([...services.values()].map(async (one) => one.close?.()));
      await served.close();
      await around.remove();
    },
  };
}

/** An API with one resource, `/api`, whose method POST calls a function. */
export interface TestApi {
  readonly id: string;
  readonly resourceId: string;
  readonly stage: string;
  readonly deploymentId: string;
  readonly url: string;
}

export const invokeArn = (target: string) =>
  `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${target}/invocations`;

/** @param method settings of the method, which anybody may call unless they say otherwise */
export async function createApi(
  { client, endpoint }: Pick<Running, "client" | "endpoint">,
  target = "fn",
  method: Partial<PutMethodCommandInput> = {},
): Promise<TestApi> {
  const { id = "", rootResourceId } = await client.send(new CreateRestApiCommand({ name: "test-api" }));
  const { id: resourceId = "" } = await client.send(
    new CreateResourceCommand({ restApiId: id, parentId: rootResourceId, pathPart: "api" }),
  );
  const of = { restApiId: id, resourceId, httpMethod: "POST" };
  await client.send(new PutMethodCommand({ ...of, authorizationType: "NONE", ...method }));
  await client.send(
    new PutIntegrationCommand({ ...of, type: "AWS_PROXY", integrationHttpMethod: "POST", uri: invokeArn(target) }),
  );
  const { id: deploymentId = "" } = await client.send(new CreateDeploymentCommand({ restApiId: id }));
  const stage = "Prod";
  await client.send(new CreateStageCommand({ restApiId: id, stageName: stage, deploymentId }));
  return { id, resourceId, stage, deploymentId, url: `${endpoint}/_aws/execute-api/${id}/${stage}/api` };
}

/** Lets an API call a function, or one of its versions or aliases. */
export async function permit({ functions }: Pick<Running, "functions">, apiId: string, target = "fn"): Promise<void> {
  const [FunctionName, Qualifier] = target.split(":");
  await functions.send(
    new AddPermissionCommand({
      FunctionName,
      Qualifier,
      StatementId: `api-${apiId}`,
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: `arn:aws:execute-api:us-east-1:123456789012:${apiId}/*/POST/api`,
    }),
  );
}

/** Code of a function that answers the event it got. */
export const ECHO = `exports.handler = async (event) => ({ statusCode: 201, headers: { "X-Own": "1" }, body: JSON.stringify(event) });`;
export const FORBIDDEN = { status: 403, body: '{"message":"Forbidden"}' };
export const MISSING = { status: 403, body: '{"message":"Missing Authentication Token"}' };

/** An API over a function of its own, which it may call. */
export async function apiOver(running: Running, name: string, source: string): Promise<TestApi> {
  await createFunction(running.functions, source, { FunctionName: name });
  const api = await createApi(running, name);
  await permit(running, api.id, name);
  return api;
}

/** Signs a POST as an SDK does. */
export async function signed(
  url: string,
  body: string,
  options: {
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly signingDate?: Date;
    readonly service?: string;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<RequestInit> {
  const { host, hostname, pathname, searchParams } = new URL(url);
  const signer = new SignatureV4({
    credentials: options.credentials ?? LOCAL_ACCOUNT,
    region: LOCAL_ACCOUNT.region,
    service: options.service ?? "execute-api",
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: "POST",
      protocol: "http:",
      hostname,
      path: pathname,
      query: Object.fromEntries([...searchParams.keys()].map((name) => [name, searchParams.getAll(name)])),
      headers: { host, "content-type": "text/csv", ...options.headers },
      body,
    },
    { signingDate: options.signingDate ?? new Date() },
  );
  return { method: "POST", headers, body };
}

/** Status, headers and body of an answer. */
export async function send(url: string, init: RequestInit = { method: "POST", body: "{}" }) {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: await response.text() };
}
