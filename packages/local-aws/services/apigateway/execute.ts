import { arn } from "../../core/account";
import type { HttpRequest, HttpResponse, Service } from "../../core/http";
import type { FunctionInvoker, Local } from "../../core/local";
import { writeAccessLog } from "./access-log";
import { newCall, type Call } from "./call";
import { writeExecutionLog } from "./execution-log";
import {
  forbidden,
  GatewayFault,
  misconfigured,
  missingToken,
  requestTooLong,
  tooManyRequests,
} from "./gateway-response";
import { LambdaIntegration } from "./integrate";
import { Permissions } from "./permission";
import { traceId } from "./proxy-event";
import { putMetrics } from "./request-metrics";
import { match } from "./routing";
import { checkCaller } from "./signature";
import { DEFAULT_METHOD_SETTING, settingsKey } from "./stage-patch";
import type { ApiStore, Route, Stage } from "./store";
import { Throttle } from "./throttle";

/** Where deployed APIs are called: `<endpoint>/_aws/execute-api/<apiId>/<stage>/<path>`. */
const ADDRESS = /^\/_aws\/execute-api\/([^/]+)\/([^/]+)(\/.*)?$/;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const REQUEST_LIMIT_BYTES = 10 * 1024 * 1024;

/** The deployed APIs, as their callers see them. */
export function executeService(local: Local, store: ApiStore, invoker: FunctionInvoker): Service {
  const permissions = new Permissions(local);
  const integration = new LambdaIntegration(local, invoker, permissions);
  const throttle = new Throttle();

  const answer = async (call: Call): Promise<HttpResponse> => {
    const route = routeOf(call);
    await authorise(local, store, call, route);
    limit(store, throttle, call, route);
    if (call.request.body.byteLength > REQUEST_LIMIT_BYTES) {
      throw requestTooLong();
    }
    return integration.answer(call, route);
  };

  return {
    name: "ExecuteApi",
    close: async () => permissions.close(),
    async handle(request) {
      const call = locate(local, store, request);
      if (call === undefined) {
        return forbidden().response();
      }
      const response = await answer(call).catch((error: unknown) => faultResponse(call, error));
      return finish(local, call, response);
    },
  };
}

/** `undefined` if no such API or stage answers; AWS tells callers nothing more than `Forbidden`. */
function locate(local: Local, store: ApiStore, request: HttpRequest): Call | undefined {
  const [, apiId = "", stageName = "", path = "/"] = ADDRESS.exec(request.path) ?? [];
  const api = store.apis.get(apiId);
  const stage = api?.stages.get(stageName);
  const deployment = stage === undefined ? undefined : api?.deployments.get(stage.deploymentId);
  if (api === undefined || stage === undefined || deployment === undefined || api.settings.disableExecuteApiEndpoint) {
    return undefined;
  }
  return newCall({ request, api, stage, deployment, path }, local.clock.now());
}

/** AWS answers an unknown path as if a signature were missing. */
function routeOf(call: Call): Route {
  const matched = match(call.deployment.routes, call.request.method, call.path);
  if (matched === undefined) {
    throw missingToken();
  }
  call.route = matched.route;
  call.pathParameters = matched.pathParameters;
  return matched.route;
}

async function authorise(local: Local, store: ApiStore, call: Call, { method }: Route): Promise<void> {
  if (method.authorizationType === "AWS_IAM") {
    const { api, stage, request, path } = call;
    const methodArn = arn(local.account, "execute-api", `${api.id}/${stage.stageName}/${request.method}${path}`);
    call.signedBy = await checkCaller(local, request, methodArn);
  }
  if (method.apiKeyRequired) {
    const value = call.request.headers["x-api-key"];
    const key = [...store.keys.values()].find((one) => one.value === value);
    if (key?.enabled !== true || planOf(store, call, key.id) === undefined) {
      throw forbidden();
    }
    call.apiKey = key;
  }
}

/** The usage plan by which a key opens the stage. */
function planOf(store: ApiStore, { api, stage }: Call, keyId: string) {
  return [...store.plans.values()].find(
    (plan) =>
      plan.keyIds.has(keyId) && plan.apiStages.some((one) => one.apiId === api.id && one.stage === stage.stageName),
  );
}

function limit(store: ApiStore, throttle: Throttle, call: Call, route: Route): void {
  const { api, stage, apiKey } = call;
  const settings = methodSetting(stage, route);
  const key = `${api.id}/${stage.stageName}/${settingsKey(route.path, route.method.httpMethod)}`;
  if (!throttle.allows(key, settings.throttlingRateLimit, settings.throttlingBurstLimit)) {
    throw tooManyRequests();
  }
  const plan = apiKey === undefined ? undefined : planOf(store, call, apiKey.id);
  const { rateLimit, burstLimit } = plan?.throttle ?? {};
  if (plan !== undefined && rateLimit !== undefined && burstLimit !== undefined) {
    if (!throttle.allows(`${plan.id}/${apiKey?.id ?? ""}`, rateLimit, burstLimit)) {
      throw tooManyRequests();
    }
  }
}

/** A stage's settings of one method: its own, else those of all. */
function methodSetting({ methodSettings }: Stage, { path, method }: Route) {
  return methodSettings[settingsKey(path, method.httpMethod)] ?? methodSettings["*/*"] ?? DEFAULT_METHOD_SETTING;
}

function faultResponse(call: Call, error: unknown): HttpResponse {
  const fault = error instanceof GatewayFault ? error : defect(error);
  call.error = { message: fault.message, responseType: fault.errorType, detail: fault.detail };
  return fault.response();
}

function defect(error: unknown): GatewayFault {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(`local AWS: API Gateway: ${text}`);
  return misconfigured(text);
}

function finish(local: Local, call: Call, response: HttpResponse): HttpResponse {
  const latencyMs = Math.round(performance.now() - call.startedMs);
  const setting = call.route === undefined ? undefined : methodSetting(call.stage, call.route);
  putMetrics(local.metrics, call, response.status, latencyMs, setting?.metricsEnabled ?? false);
  writeAccessLog(local.account, local.logs, call, response, latencyMs);
  writeExecutionLog(local.logs, call, response.status, setting?.loggingLevel ?? "OFF");
  return {
    ...response,
    headers: {
      ...response.headers,
      "x-amzn-requestid": call.requestId,
      "x-amz-apigw-id": call.extendedRequestId,
      "x-amzn-trace-id": traceId(call),
    },
  };
}
