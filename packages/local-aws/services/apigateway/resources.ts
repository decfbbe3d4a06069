import {
  CreateResourceCommand,
  DeleteResourceCommand,
  GetResourceCommand,
  GetResourcesCommand,
  type Resource as ShownResource,
} from "@aws-sdk/client-api-gateway";
import { operation, type Operation } from "../../core/operation";
import { badRequest, conflict } from "./errors";
import { shownMethod } from "./methods";
import { newId, page, type ApiStore, type Resource, type RestApi } from "./store";

const PATH_PART = /^(?:[a-zA-Z0-9._\-:]+|\{[a-zA-Z0-9._\-:]+\+?\})$/;

/** The paths of an API. */
export function resourceOperations(store: ApiStore): readonly Operation[] {
  return [
    operation(CreateResourceCommand, (input) => {
      const api = store.api(input.restApiId);
      const parent = store.resource(api.id, input.parentId);
      const { pathPart } = input;
      if (!PATH_PART.test(pathPart)) {
        throw badRequest(
          "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
        );
      }
      const siblings = [...api.resources.values()].filter(({ parentId }) => parentId === parent.id);
      if (siblings.some((sibling) => sibling.pathPart === pathPart)) {
        throw conflict(`Another resource with the same parent already has this name: ${pathPart}`);
      }
      if (pathPart.startsWith("{") && siblings.some((sibling) => sibling.pathPart?.startsWith("{") === true)) {
        throw badRequest("A sibling of this resource already has a variable path part -- only one is allowed");
      }
      const path = `${parent.path === "/" ? "" : parent.path}/${pathPart}`;
      const resource: Resource = { id: newId(6), parentId: parent.id, pathPart, path, methods: new Map() };
      api.resources.set(resource.id, resource);
      return shown(resource, false);
    }),

    operation(GetResourceCommand, (input) =>
      shown(store.resource(input.restApiId, input.resourceId), input.embed?.includes("methods") ?? false),
    ),

    operation(GetResourcesCommand, (input) => {
      const all = [...store.api(input.restApiId).resources.values()];
      const { items, nextToken } = page(all, input.position, input.limit);
      return { items: items.map((one) => shown(one, input.embed?.includes("methods") ?? false)), position: nextToken };
    }),

    operation(DeleteResourceCommand, (input) => {
      const api = store.api(input.restApiId);
      const resource = store.resource(api.id, input.resourceId);
      if (resource.parentId === undefined) {
        throw badRequest("Root resource cannot be deleted");
      }
      remove(api, resource);
      return {};
    }),
  ];
}

/** With all that is below it. */
function remove(api: RestApi, resource: Resource): void {
  for (const child of [...api.resources.values()].filter(({ parentId }) => parentId === resource.id)) {
    remove(api, child);
  }
  api.resources.delete(resource.id);
}

function shown({ id, parentId, pathPart, path, methods }: Resource, whole: boolean): ShownResource {
  const resourceMethods = [...methods].map(([name, method]) => [name, whole ? shownMethod(method) : {}] as const);
  return {
    id,
    parentId,
    pathPart,
    path,
    ...(resourceMethods.length === 0 ? {} : { resourceMethods: Object.fromEntries(resourceMethods) }),
  };
}
