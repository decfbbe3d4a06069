import {
  DeleteIntegrationCommand,
  DeleteMethodCommand,
  GetIntegrationCommand,
  GetMethodCommand,
  IntegrationType,
  PutIntegrationCommand,
  PutMethodCommand,
  UpdateIntegrationCommand,
  UpdateMethodCommand,
} from "@aws-sdk/client-api-gateway";
import { unlessGone } from "../../failures";
import { boolean, number, oneOf, text } from "../../kinds";
import { type Arguments, required, withDefault } from "../../properties";
import { recorded, resource } from "../../resource";
import { GONE, apiGateway, replaceChanged } from "./patch";

/** What tells a method, and its integration, from others. */
const address = {
  restApi: required(text, { replaces: true }),
  resourceId: required(text, { replaces: true }),
  httpMethod: required(text, { replaces: true }),
};

type Address = Arguments<typeof address>;

const ids = ({ restApi, resourceId, httpMethod }: Address) => ({ restApiId: restApi, resourceId, httpMethod });

/** Id of a method or an integration, as the AWS provider makes it. */
const idOf = (prefix: string, at: Address) => `${prefix}-${at.restApi}-${at.resourceId}-${at.httpMethod}`;

function recordedAddress(inputs: Partial<Address>): Address {
  return {
    restApi: recorded(inputs.restApi, "restApi"),
    resourceId: recorded(inputs.resourceId, "resourceId"),
    httpMethod: recorded(inputs.httpMethod, "httpMethod"),
  };
}

const method = resource({
  type: "aws:apigateway/method:Method",
  inputs: {
    ...address,
    // The other kinds need an authorizer, which the local AWS does not have.
    authorization: required(oneOf({ none: "NONE", iam: "AWS_IAM" })),
    apiKeyRequired: withDefault(boolean, false),
  },
  outputs: [],
  identity: ["restApi", "resourceId", "httpMethod"],
  async create({ aws, inputs }) {
    const { authorization: authorizationType, apiKeyRequired } = inputs;
    await apiGateway(aws).send(new PutMethodCommand({ ...ids(inputs), authorizationType, apiKeyRequired }));
    return idOf("agm", inputs);
  },
  async read({ aws, inputs }) {
    const at = recordedAddress(inputs);
    const found = await unlessGone(GONE, () => apiGateway(aws).send(new GetMethodCommand(ids(at))));
    return (
      found && {
        inputs: { ...at, authorization: found.authorizationType, apiKeyRequired: found.apiKeyRequired ?? false },
        outputs: {},
      }
    );
  },
  async update({ aws, inputs, changed }) {
    const patchOperations = replaceChanged(changed, {
      authorization: ["/authorizationType", inputs.authorization],
      apiKeyRequired: ["/apiKeyRequired", inputs.apiKeyRequired],
    });
    await apiGateway(aws).send(new UpdateMethodCommand({ ...ids(inputs), patchOperations }));
  },
  async delete({ aws, inputs }) {
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteMethodCommand(ids(inputs))));
  },
});

const integration = resource({
  type: "aws:apigateway/integration:Integration",
  inputs: {
    ...address,
    type: required(oneOf({ awsProxy: IntegrationType.AWS_PROXY }), { replaces: true }),
    integrationHttpMethod: required(text, { replaces: true }),
    uri: required(text),
    timeoutMilliseconds: withDefault(number, 29_000),
  },
  outputs: ["cacheNamespace", "passthroughBehavior"],
  identity: ["restApi", "resourceId", "httpMethod"],
  async create({ aws, inputs }) {
    await apiGateway(aws).send(
      new PutIntegrationCommand({
        ...ids(inputs),
        type: inputs.type,
        integrationHttpMethod: inputs.integrationHttpMethod,
        uri: inputs.uri,
        timeoutInMillis: inputs.timeoutMilliseconds,
      }),
    );
    return idOf("agi", inputs);
  },
  async read({ aws, inputs }) {
    const at = recordedAddress(inputs);
    const found = await unlessGone(GONE, () => apiGateway(aws).send(new GetIntegrationCommand(ids(at))));
    return (
      found && {
        inputs: {
          ...at,
          type: found.type,
          integrationHttpMethod: found.httpMethod,
          uri: found.uri,
          timeoutMilliseconds: found.timeoutInMillis ?? 29_000,
        },
        outputs: { cacheNamespace: found.cacheNamespace, passthroughBehavior: found.passthroughBehavior },
      }
    );
  },
  async update({ aws, inputs, changed }) {
    const patchOperations = replaceChanged(changed, {
      uri: ["/uri", inputs.uri],
      timeoutMilliseconds: ["/timeoutInMillis", inputs.timeoutMilliseconds],
    });
    await apiGateway(aws).send(new UpdateIntegrationCommand({ ...ids(inputs), patchOperations }));
  },
  async delete({ aws, inputs }) {
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteIntegrationCommand(ids(inputs))));
  },
});

export const resources = [method, integration];
