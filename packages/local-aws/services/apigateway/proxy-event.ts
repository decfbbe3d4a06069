import type { APIGatewayProxyEvent } from "aws-lambda";
import type { Account } from "../../core/account";
import type { Call } from "./call";
import { clfTime } from "./access-log";
import type { Route } from "./store";

/** Who calls from this machine. */
const SOURCE_IP = "127.0.0.1";
const PROTOCOL = "HTTP/1.1";

/**
 * The event that a function gets from API Gateway. The header `Authorization` of a signed request is used up.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-example-event
 */
export function proxyEvent(account: Account, call: Call, route: Route): APIGatewayProxyEvent {
  const { request, stage } = call;
  const headers = headersOf(call);
  const query = [...new Set(request.query.keys())];
  const binary = isBinary(call.deployment.binaryMediaTypes, request.headers["content-type"]);
  const body = Buffer.from(request.body);
  return {
    resource: route.path,
    path: call.path,
    httpMethod: request.method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    // Of a parameter that is given more than once, the last one counts.
    queryStringParameters: orNull(query.map((name) => [name, request.query.getAll(name).at(-1) ?? ""])),
    multiValueQueryStringParameters: orNull(query.map((name) => [name, request.query.getAll(name)])),
    pathParameters: orNull(Object.entries(call.pathParameters ?? {})),
    stageVariables: orNull(Object.entries(stage.variables)),
    requestContext: requestContext(account, call, route),
    body: body.length === 0 ? null : body.toString(binary ? "base64" : "utf8"),
    isBase64Encoded: binary && body.length > 0,
  };
}

function requestContext(account: Account, call: Call, route: Route): APIGatewayProxyEvent["requestContext"] {
  const { api, stage, request, apiKey } = call;
  const host = request.headers.host ?? "";
  return {
    accountId: account.accountId,
    apiId: api.id,
    authorizer: undefined,
    domainName: host,
    domainPrefix: host.split(".")[0],
    extendedRequestId: call.extendedRequestId,
    httpMethod: request.method,
    identity: {
      accessKey: call.signedBy?.accessKey ?? null,
      accountId: call.signedBy === undefined ? null : account.accountId,
      apiKey: apiKey?.value ?? null,
      apiKeyId: apiKey?.id ?? null,
      caller: call.signedBy?.userId ?? null,
      clientCert: null,
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: SOURCE_IP,
      user: call.signedBy?.userId ?? null,
      userAgent: request.headers["user-agent"] ?? null,
      userArn: call.signedBy?.userArn ?? null,
    },
    path: `/${stage.stageName}${call.path}`,
    protocol: PROTOCOL,
    requestId: call.requestId,
    requestTime: clfTime(call.startedAt),
    requestTimeEpoch: call.startedAt.getTime(),
    resourceId: route.resourceId,
    resourcePath: route.path,
    stage: stage.stageName,
  };
}

/** What concerns one connection only, or was for API Gateway. */
const NOT_PASSED_ON = new Set(["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"]);

function headersOf(call: Call): Record<string, string> {
  const given = Object.entries(call.request.headers).filter(
    ([name]) => !NOT_PASSED_ON.has(name) && !(call.signedBy !== undefined && name === "authorization"),
  );
  return {
    ...Object.fromEntries(given),
    "X-Forwarded-For": SOURCE_IP,
    "X-Forwarded-Port": call.request.headers.host?.split(":")[1] ?? "80",
    "X-Forwarded-Proto": "http",
    "X-Amzn-Trace-Id": traceId(call),
  };
}

/** In X-Ray's form; no traces are kept here. */
export function traceId(call: Call): string {
  const seconds = Math.floor(call.startedAt.getTime() / 1000).toString(16);
  return `Root=1-${seconds}-${call.requestId.replaceAll("-", "").slice(0, 24)}`;
}

/** Whether a body of this media type travels in Base64. https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html */
export function isBinary(types: readonly string[], contentType: string | undefined): boolean {
  const type = contentType?.split(";")[0]?.trim().toLowerCase();
  return types.some((one) => one === "*/*" || (type !== undefined && one.toLowerCase() === type));
}

function orNull<T>(entries: readonly (readonly [string, T])[]): Record<string, T> | null {
  return entries.length === 0 ? null : Object.fromEntries(entries);
}
