import {
  DeleteMethodCommand,
  GetMethodCommand,
  PutMethodCommand,
  UpdateMethodCommand,
  type Method as ShownMethod,
} from "@aws-sdk/client-api-gateway";
import { operation, type Operation } from "../../core/operation";
import { badRequest, conflict, notPlayed, refuse } from "./errors";
import { patch, patchedBoolean } from "./patch";
import type { ApiStore, Method } from "./store";

const HTTP_METHODS = ["ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** The methods of a resource, and who may call them. */
export function methodOperations(store: ApiStore): readonly Operation[] {
  return [
    operation(PutMethodCommand, (input) => {
      const resource = store.resource(input.restApiId, input.resourceId);
      const { httpMethod, authorizerId, requestParameters, requestModels, requestValidatorId } = input;
      refuse({ authorizerId, requestValidatorId });
      refuse({
        requestParameters: emptyToUndefined(requestParameters),
        requestModels: emptyToUndefined(requestModels),
        authorizationScopes: emptyToUndefined(input.authorizationScopes),
      });
      if (!HTTP_METHODS.includes(httpMethod)) {
        throw badRequest(`Invalid HTTP method specified, valid methods are ${HTTP_METHODS.join(", ")}`);
      }
      if (resource.methods.has(httpMethod)) {
        throw conflict("Method already exists for this resource");
      }
      const method: Method = {
        httpMethod,
        authorizationType: authorization(input.authorizationType),
        apiKeyRequired: input.apiKeyRequired ?? false,
        operationName: input.operationName,
        integration: undefined,
      };
      resource.methods.set(httpMethod, method);
      return shownMethod(method);
    }),

    operation(GetMethodCommand, (input) =>
      shownMethod(store.method(input.restApiId, input.resourceId, input.httpMethod).method),
    ),

    operation(UpdateMethodCommand, (input) => {
      const { resource, method } = store.method(input.restApiId, input.resourceId, input.httpMethod);
      const draft = { ...method };
      patch(input.patchOperations, [
        { path: /^\/authorizationType$/, apply: (value = "") => (draft.authorizationType = authorization(value)) },
        { path: /^\/apiKeyRequired$/, apply: (value) => (draft.apiKeyRequired = patchedBoolean(value)) },
        { path: /^\/operationName$/, apply: (value) => (draft.operationName = value) },
      ]);
      resource.methods.set(method.httpMethod, draft);
      return shownMethod(draft);
    }),

    operation(DeleteMethodCommand, (input) => {
      const { resource, method } = store.method(input.restApiId, input.resourceId, input.httpMethod);
      resource.methods.delete(method.httpMethod);
      return {};
    }),
  ];
}

function authorization(type: string): Method["authorizationType"] {
  if (type === "NONE" || type === "AWS_IAM") {
    return type;
  }
  if (type === "CUSTOM" || type === "COGNITO_USER_POOLS") {
    throw notPlayed(`authorizationType ${type}`);
  }
  throw badRequest(
    "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, or COGNITO_USER_POOLS",
  );
}

const emptyToUndefined = (value: object | undefined) =>
  value === undefined || Object.keys(value).length === 0 ? undefined : value;

/** A method as AWS shows it. */
export function shownMethod({ integration, ...method }: Method): ShownMethod {
  return { ...method, ...(integration === undefined ? {} : { methodIntegration: integration }) };
}
