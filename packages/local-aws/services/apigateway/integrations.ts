import {
  DeleteIntegrationCommand,
  GetIntegrationCommand,
  PutIntegrationCommand,
  UpdateIntegrationCommand,
  type Integration,
} from "@aws-sdk/client-api-gateway";
import { operation, type Operation } from "../../core/operation";
import { badRequest, notFound, notPlayed, refuse } from "./errors";
import { patch, patchedNumber } from "./patch";
import type { ApiStore } from "./store";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
export const DEFAULT_TIMEOUT_MS = 29_000;
const TIMEOUT_MS = { minimum: 50, maximum: DEFAULT_TIMEOUT_MS };

/** What answers a method: Lambda proxies only. */
export function integrationOperations(store: ApiStore): readonly Operation[] {
  return [
    operation(PutIntegrationCommand, (input) => {
      const { resource, method } = store.method(input.restApiId, input.resourceId, input.httpMethod);
      if (input.type !== "AWS_PROXY") {
        throw notPlayed(`integration type ${input.type}`);
      }
      const { credentials, connectionId, contentHandling, tlsConfig, integrationTarget } = input;
      refuse({ credentials, connectionId, contentHandling, tlsConfig, integrationTarget });
      refuse({ responseTransferMode: input.responseTransferMode === "STREAM" ? "STREAM" : undefined });
      if (input.integrationHttpMethod === undefined) {
        throw badRequest("Enumeration value for HttpMethod must be non-empty");
      }
      const integration: Integration = {
        type: input.type,
        httpMethod: input.integrationHttpMethod,
        uri: checkedUri(input.uri),
        connectionType: input.connectionType ?? "INTERNET",
        passthroughBehavior: input.passthroughBehavior ?? "WHEN_NO_MATCH",
        timeoutInMillis: checkedTimeout(input.timeoutInMillis ?? DEFAULT_TIMEOUT_MS),
        cacheNamespace: input.cacheNamespace ?? resource.id,
        cacheKeyParameters: input.cacheKeyParameters ?? [],
      };
      resource.methods.set(method.httpMethod, { ...method, integration });
      return integration;
    }),

    operation(GetIntegrationCommand, (input) => {
      const { method } = store.method(input.restApiId, input.resourceId, input.httpMethod);
      return existing(method.integration);
    }),

    operation(UpdateIntegrationCommand, (input) => {
      const { resource, method } = store.method(input.restApiId, input.resourceId, input.httpMethod);
      const draft: Integration = { ...existing(method.integration) };
      patch(input.patchOperations, [
        { path: /^\/uri$/, apply: (value) => (draft.uri = checkedUri(value)) },
        { path: /^\/httpMethod$/, apply: (value) => (draft.httpMethod = value) },
        {
          path: /^\/timeoutInMillis$/,
          apply: (value) => (draft.timeoutInMillis = checkedTimeout(patchedNumber(value))),
        },
        { path: /^\/passthroughBehavior$/, apply: (value) => (draft.passthroughBehavior = value) },
      ]);
      resource.methods.set(method.httpMethod, { ...method, integration: draft });
      return draft;
    }),

    operation(DeleteIntegrationCommand, (input) => {
      const { resource, method } = store.method(input.restApiId, input.resourceId, input.httpMethod);
      existing(method.integration);
      resource.methods.set(method.httpMethod, { ...method, integration: undefined });
      return {};
    }),
  ];
}

function existing(integration: Integration | undefined): Integration {
  if (integration === undefined) {
    throw notFound("Invalid Integration identifier specified");
  }
  return integration;
}

function checkedUri(uri: string | undefined): string {
  if (uri === undefined || lambdaOf(uri) === undefined) {
    throw badRequest(`Invalid ARN specified in the request: ${uri ?? ""} is not the invoke ARN of a Lambda function`);
  }
  return uri;
}

function checkedTimeout(timeoutMs: number): number {
  if (timeoutMs < TIMEOUT_MS.minimum || timeoutMs > TIMEOUT_MS.maximum) {
    throw badRequest(`Timeout should be between ${TIMEOUT_MS.minimum} ms and ${TIMEOUT_MS.maximum} ms`);
  }
  return timeoutMs;
}

/** The function, with its qualifier, that an integration's URI calls. */
export function lambdaOf(
  uri: string,
): { readonly arn: string; readonly name: string; readonly qualifier: string | undefined } | undefined {
  const parts =
    /^arn:aws:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/(?<arn>arn:aws:lambda:[a-z0-9-]+:\d{12}:function:(?<name>[^:/]+)(?::(?<qualifier>[^/]+))?)\/invocations$/.exec(
      uri,
    )?.groups;
  return parts?.arn === undefined || parts.name === undefined
    ? undefined
    : { arn: parts.arn, name: parts.name, qualifier: parts.qualifier };
}
