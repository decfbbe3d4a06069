/**
 * API Gateway's REST APIs. The control plane keeps APIs, methods, deployments, stages, keys and plans, a few operations per file;
 * `execute.ts` is the data plane, which answers at `/_aws/execute-api/<apiId>/<stage>/<path>` from a stage's deployment.
 */
import type { Service } from "../../core/http";
import { type FunctionInvoker, type Local, violationsOf } from "../../core/local";
import { restJsonService } from "../../core/rest-json";
import { accountOperations } from "./account";
import { apiKeyOperations } from "./api-keys";
import { deploymentOperations } from "./deployments";
import { executeService } from "./execute";
import { integrationOperations } from "./integrations";
import { methodOperations } from "./methods";
import { resourceOperations } from "./resources";
import { restApiOperations } from "./rest-apis";
import { stageOperations } from "./stages";
import { ApiStore } from "./store";
import { tagOperations } from "./tags";
import { usagePlanOperations } from "./usage-plans";

/** API Gateway of one account and region. */
export interface ApiGateway {
  /** What manages APIs. */
  readonly control: Service;
  /** The APIs themselves. */
  readonly execute: Service;
  /** Whether an API is among them. */
  hasApi(apiId: string): boolean;
}

export function apiGateway(local: Local, invoker: FunctionInvoker): ApiGateway {
  const store = new ApiStore(local.account);
  const operations = [
    ...restApiOperations(store, local.clock),
    ...resourceOperations(store),
    ...methodOperations(store),
    ...integrationOperations(store),
    ...deploymentOperations(store, local.clock),
    ...stageOperations(store, local.clock),
    ...apiKeyOperations(store, local.clock),
    ...usagePlanOperations(store),
    ...accountOperations(store, local),
    ...tagOperations(store),
  ];
  const control = restJsonService("APIGateway", operations, { violations: violationsOf(local, "apigateway") });
  return { control, execute: executeService(local, store, invoker), hasApi: (apiId) => store.apis.has(apiId) };
}
