import { createHash } from "node:crypto";
import type { Account } from "../../core/account";
import type { HttpResponse } from "../../core/http";
import type { LogSink } from "../../core/local";
import type { Call } from "./call";

/** Writes a stage's access log: one line per request, in the stage's format. */
export function writeAccessLog(
  account: Account,
  logs: LogSink,
  call: Call,
  response: HttpResponse,
  latencyMs: number,
): void {
  const { destinationArn, format } = call.stage.accessLogSettings ?? {};
  if (destinationArn === undefined || format === undefined) {
    return;
  }
  const group = destinationArn.split(":").slice(6).join(":");
  const values = contextVariables(account, call, response, latencyMs);
  // What has no value is a dash.
  const line = format.replace(/\$context\.([A-Za-z.-]*[A-Za-z])/g, (_whole, name: string) =>
    String(values[name] ?? "-"),
  );
  logs.write(group, streamOf(call), [line]);
}

/** API Gateway writes to several streams with names of this form. */
export function streamOf({ api, stage }: Call): string {
  return createHash("md5").update(`${api.id}/${stage.stageName}`).digest("hex");
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html */
function contextVariables(
  account: Account,
  call: Call,
  response: HttpResponse,
  latencyMs: number,
): Readonly<Record<string, string | number | undefined>> {
  const { api, stage, request, route, integration, error } = call;
  const signed = call.signedBy === undefined ? undefined : account.accountId;
  return {
    accountId: account.accountId,
    apiId: api.id,
    deploymentId: stage.deploymentId,
    domainName: request.headers.host,
    "error.message": error?.message,
    "error.messageString": error === undefined ? undefined : JSON.stringify(error.message),
    "error.responseType": error?.responseType,
    extendedRequestId: call.extendedRequestId,
    httpMethod: request.method,
    "identity.accessKey": call.signedBy?.accessKey,
    "identity.accountId": signed,
    "identity.apiKeyId": call.apiKey?.id,
    "identity.caller": call.signedBy?.userId,
    "identity.sourceIp": "127.0.0.1",
    "identity.user": call.signedBy?.userId,
    "identity.userAgent": request.headers["user-agent"],
    "identity.userArn": call.signedBy?.userArn,
    "integration.error": integration === undefined ? undefined : error?.detail,
    "integration.integrationStatus": integration?.status,
    "integration.latency": integration?.latencyMs,
    "integration.status": integration?.status,
    integrationErrorMessage: integration === undefined ? undefined : error?.detail,
    integrationLatency: integration?.latencyMs,
    integrationStatus: integration?.status,
    path: `/${stage.stageName}${call.path}`,
    protocol: "HTTP/1.1",
    requestId: call.requestId,
    requestTime: clfTime(call.startedAt),
    requestTimeEpoch: call.startedAt.getTime(),
    resourceId: route?.resourceId,
    resourcePath: route?.path,
    responseLatency: latencyMs,
    responseLength: Buffer.byteLength(response.body),
    stage: stage.stageName,
    status: response.status,
  };
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** In the common log format, such as `24/Nov/2026:04:31:47 +0000`. */
export function clfTime(date: Date): string {
  const [day, time] = date.toISOString().split("T");
  const [year, , dayOfMonth] = (day ?? "").split("-");
  return `${dayOfMonth ?? ""}/${MONTHS[date.getUTCMonth()] ?? ""}/${year ?? ""}:${(time ?? "").slice(0, 8)} +0000`;
}
