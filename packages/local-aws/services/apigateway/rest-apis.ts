import {
  CreateRestApiCommand,
  DeleteRestApiCommand,
  GetRestApiCommand,
  GetRestApisCommand,
  UpdateRestApiCommand,
  type RestApi as ShownRestApi,
} from "@aws-sdk/client-api-gateway";
import type { Clock } from "../../core/clock";
import { Tags } from "../../core/tags";
import { operation, type Operation } from "../../core/operation";
import { badRequest, refuse } from "./errors";
import { patch, patchedBoolean } from "./patch";
import { newId, page, type ApiStore, type RestApi } from "./store";

/** REST APIs; each comes with its root resource. */
export function restApiOperations(store: ApiStore, clock: Clock): readonly Operation[] {
  return [
    operation(CreateRestApiCommand, (input) => {
      const { policy, cloneFrom, minimumCompressionSize, securityPolicy, endpointAccessMode } = input;
      refuse({ policy, cloneFrom, minimumCompressionSize, securityPolicy, endpointAccessMode });
      refuse({ apiKeySource: input.apiKeySource === "HEADER" ? undefined : input.apiKeySource });
      const id = newId();
      const rootResourceId = newId();
      const api: RestApi = {
        id,
        createdDate: clock.now(),
        rootResourceId,
        settings: {
          name: input.name,
          description: input.description,
          version: input.version,
          binaryMediaTypes: input.binaryMediaTypes ?? [],
          endpointTypes: input.endpointConfiguration?.types ?? ["EDGE"],
          disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
        },
        tags: new Tags(input.tags),
        resources: new Map([
          [
            rootResourceId,
            { id: rootResourceId, parentId: undefined, pathPart: undefined, path: "/", methods: new Map() },
          ],
        ]),
        deployments: new Map(),
        stages: new Map(),
      };
      store.apis.set(id, api);
      return shown(api);
    }),

    operation(GetRestApiCommand, (input) => shown(store.api(input.restApiId))),

    operation(GetRestApisCommand, (input) => {
      const { items, nextToken } = page([...store.apis.values()], input.position, input.limit);
      return { items: items.map(shown), position: nextToken };
    }),

    operation(UpdateRestApiCommand, (input) => {
      const api = store.api(input.restApiId);
      const draft = { ...api.settings };
      patch(input.patchOperations, [
        {
          path: /^\/name$/,
          apply: (value) => {
            if (value === undefined || value === "") {
              throw badRequest("API name cannot be empty");
            }
            draft.name = value;
          },
        },
        { path: /^\/description$/, apply: (value) => (draft.description = value) },
        { path: /^\/version$/, apply: (value) => (draft.version = value) },
        {
          path: /^\/disableExecuteApiEndpoint$/,
          apply: (value) => (draft.disableExecuteApiEndpoint = patchedBoolean(value)),
        },
        {
          path: /^\/endpointConfiguration\/types\/[^/]+$/,
          apply: (value) => {
            if (value !== "EDGE" && value !== "REGIONAL" && value !== "PRIVATE") {
              throw badRequest(`Invalid endpoint type specified: ${value ?? ""}`);
            }
            draft.endpointTypes = [value];
          },
        },
        {
          path: /^\/binaryMediaTypes\/(.+)$/,
          apply: (_value, [type = ""], op) => {
            const others = draft.binaryMediaTypes.filter((one) => one !== type);
            draft.binaryMediaTypes = op === "remove" ? others : [...others, type];
          },
        },
        { path: /^\/policy$/, apply: (policy) => refuse({ policy }) },
      ]);
      api.settings = draft;
      return shown(api);
    }),

    operation(DeleteRestApiCommand, (input) => {
      const { id } = store.api(input.restApiId);
      store.apis.delete(id);
      for (const plan of store.plans.values()) {
        store.plans.set(plan.id, { ...plan, apiStages: plan.apiStages.filter(({ apiId }) => apiId !== id) });
      }
      return {};
    }),
  ];
}

function shown({ id, createdDate, rootResourceId, settings, tags }: RestApi): ShownRestApi {
  const { endpointTypes, binaryMediaTypes, ...others } = settings;
  return {
    id,
    createdDate,
    rootResourceId,
    ...others,
    ...(binaryMediaTypes.length === 0 ? {} : { binaryMediaTypes: [...binaryMediaTypes] }),
    apiKeySource: "HEADER",
    endpointConfiguration: { types: [...endpointTypes] },
    tags: tags.record(),
  };
}
