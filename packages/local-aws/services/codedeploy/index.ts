/**
 * CodeDeploy for the compute platform Lambda: it shifts an alias from one version to the next, asks hooks, heeds alarms and rolls back.
 * Lambda and CloudWatch are reached as CodeDeploy reaches them, by their APIs.
 * `plan.ts` says which share is shifted when, `engine.ts` carries it out, `deployment.ts` is what has become of it.
 */
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { LambdaClient } from "@aws-sdk/client-lambda";
import type { Service } from "../../core/http";
import { jsonRpcService } from "../../core/json-rpc";
import { clientConfig, type Local, violationsOf } from "../../core/local";
import { applicationOperations } from "./applications";
import { configOperations } from "./configs";
import { deploymentOperations } from "./deployments";
import type { Deployment } from "./deployment";
import { stateChangeEvent } from "./deployment-event";
import { Engine } from "./engine";
import { groupOperations } from "./groups";
import { HookExecutions } from "./hooks";
import { Store } from "./store";
import { tagOperations } from "./tags";

/** CodeDeploy (AWS JSON 1.1). It must be able to assume its service role, but does not act under it; and triggers notify nobody. */
export function codeDeploy(local: Local): Service {
  const { clock, account } = local;
  // The engine tries again by itself, in AWS's time.
  const client = { ...clientConfig(local), maxAttempts: 1 };
  const lambda = new LambdaClient(client);
  const store = new Store();
  const hooks = new HookExecutions(lambda, clock);
  const announce = (deployment: Deployment) => local.events.put(stateChangeEvent(account, deployment));
  const engine = new Engine(store, clock, lambda, new CloudWatchClient(client), hooks, announce);
  const operations = [
    ...applicationOperations(store, clock),
    ...configOperations(store, clock),
    ...groupOperations(store, local.sessions),
    ...deploymentOperations({ store, clock, account, engine, hooks }),
    ...tagOperations(store, account),
  ];
  return jsonRpcService("CodeDeploy", operations, { violations: violationsOf(local, "codedeploy") });
}
