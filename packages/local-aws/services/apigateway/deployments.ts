import {
  CreateDeploymentCommand,
  DeleteDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentsCommand,
  UpdateDeploymentCommand,
  type Deployment as ShownDeployment,
} from "@aws-sdk/client-api-gateway";
import type { Clock } from "../../core/clock";
import { operation, type Operation } from "../../core/operation";
import { badRequest, refuse } from "./errors";
import { patch } from "./patch";
import { newStage } from "./stages";
import { newId, page, type ApiStore, type Deployment, type RestApi, type Route } from "./store";

/** Snapshots of an API's methods, and what stages serve. */
export function deploymentOperations(store: ApiStore, clock: Clock): readonly Operation[] {
  return [
    operation(CreateDeploymentCommand, (input) => {
      const api = store.api(input.restApiId);
      const { canarySettings, cacheClusterEnabled, cacheClusterSize } = input;
      refuse({ canarySettings, cacheClusterEnabled, cacheClusterSize });
      const deployment: Deployment = {
        id: newId(6),
        description: input.description,
        createdDate: clock.now(),
        routes: routesOf(api),
        binaryMediaTypes: api.settings.binaryMediaTypes,
      };
      api.deployments.set(deployment.id, deployment);
      if (input.stageName !== undefined) {
        const before = api.stages.get(input.stageName);
        const stage =
          before === undefined
            ? newStage({ ...input, stageName: input.stageName, deploymentId: deployment.id }, clock.now())
            : {
                ...before,
                deploymentId: deployment.id,
                description: input.stageDescription ?? before.description,
                variables: input.variables ?? before.variables,
                lastUpdatedDate: clock.now(),
              };
        api.stages.set(stage.stageName, stage);
      }
      return shown(deployment, false);
    }),

    operation(GetDeploymentCommand, (input) =>
      shown(store.deployment(input.restApiId, input.deploymentId), input.embed?.includes("apisummary") ?? false),
    ),

    operation(GetDeploymentsCommand, (input) => {
      const all = [...store.api(input.restApiId).deployments.values()];
      const { items, nextToken } = page(all, input.position, input.limit);
      return { items: items.map((deployment) => shown(deployment, false)), position: nextToken };
    }),

    operation(UpdateDeploymentCommand, (input) => {
      const draft = { ...store.deployment(input.restApiId, input.deploymentId) };
      patch(input.patchOperations, [{ path: /^\/description$/, apply: (value) => (draft.description = value) }]);
      store.api(input.restApiId).deployments.set(draft.id, draft);
      return shown(draft, false);
    }),

    operation(DeleteDeploymentCommand, (input) => {
      const api = store.api(input.restApiId);
      const { id } = store.deployment(api.id, input.deploymentId);
      if ([...api.stages.values()].some(({ deploymentId }) => deploymentId === id)) {
        throw badRequest("Active stages pointing to this deployment must be moved or deleted");
      }
      api.deployments.delete(id);
      return {};
    }),
  ];
}

/** Records here are never changed in place, so that holding on to them is a copy. */
function routesOf(api: RestApi): readonly Route[] {
  const routes = [...api.resources.values()].flatMap(({ id, path, methods }) =>
    [...methods.values()].map((method) => ({ resourceId: id, path, method })),
  );
  if (routes.length === 0) {
    throw badRequest("The REST API doesn't contain any methods");
  }
  if (routes.some(({ method }) => method.integration === undefined)) {
    throw badRequest("No integration defined for method");
  }
  return routes;
}

function shown({ id, description, createdDate, routes }: Deployment, whole: boolean): ShownDeployment {
  return { id, description, createdDate, ...(whole ? { apiSummary: summary(routes) } : {}) };
}

function summary(routes: readonly Route[]): ShownDeployment["apiSummary"] {
  return Object.fromEntries(
    [...new Set(routes.map(({ path }) => path))].map((path) => [
      path,
      Object.fromEntries(
        routes
          .filter((route) => route.path === path)
          .map(({ method }) => [
            method.httpMethod,
            { authorizationType: method.authorizationType, apiKeyRequired: method.apiKeyRequired },
          ]),
      ),
    ]),
  );
}
