import {
  CreateResourceCommand,
  CreateRestApiCommand,
  DeleteResourceCommand,
  DeleteRestApiCommand,
  EndpointType,
  GetResourceCommand,
  GetResourcesCommand,
  GetRestApiCommand,
  UpdateResourceCommand,
  UpdateRestApiCommand,
} from "@aws-sdk/client-api-gateway";
import type { Aws } from "../../aws";
import { unlessGone } from "../../failures";
import { block, boolean, json, list, oneOf, text } from "../../kinds";
import { autoNamed, optional, required, withDefault } from "../../properties";
import { recorded, resource } from "../../resource";
import { tagMap, tagsArgument } from "../../tags";
import { GONE, add, apiGateway, apiGatewayArn, apiGatewayTagging, remove, replace, replaceChanged } from "./patch";

const restApi = resource({
  type: "aws:apigateway/restApi:RestApi",
  inputs: {
    name: autoNamed(text, { maxLength: 255 }, { replaces: false }),
    description: optional(text),
    endpointConfiguration: optional(block({ types: required(oneOf(EndpointType)) }), { computed: true }),
    disableExecuteApiEndpoint: withDefault(boolean, false),
    binaryMediaTypes: optional(list(text)),
    policy: optional(json),
    tags: tagsArgument,
  },
  outputs: ["arn", "createdDate", "executionArn", "rootResourceId"],
  identity: [],
  tagging: apiGatewayTagging,
  async create({ aws, inputs, tags }) {
    const { id = "" } = await apiGateway(aws).send(
      new CreateRestApiCommand({
        name: inputs.name,
        description: inputs.description,
        endpointConfiguration: inputs.endpointConfiguration && { types: [inputs.endpointConfiguration.types] },
        disableExecuteApiEndpoint: inputs.disableExecuteApiEndpoint,
        binaryMediaTypes: inputs.binaryMediaTypes,
        policy: inputs.policy,
        tags: tagMap(tags),
      }),
    );
    return id;
  },
  async read({ aws, id: restApiId }) {
    const found = await unlessGone(GONE, () => apiGateway(aws).send(new GetRestApiCommand({ restApiId })));
    return (
      found && {
        inputs: {
          name: found.name,
          description: found.description,
          endpointConfiguration: { types: found.endpointConfiguration?.types?.[0] },
          disableExecuteApiEndpoint: found.disableExecuteApiEndpoint ?? false,
          binaryMediaTypes: found.binaryMediaTypes,
          // API Gateway answers the policy with its quotes escaped.
          policy: found.policy?.replaceAll('\\"', '"'),
        },
        outputs: {
          arn: apiGatewayArn(aws, `/restapis/${restApiId}`),
          createdDate: found.createdDate,
          executionArn: await executionArn(aws, restApiId),
          rootResourceId: found.rootResourceId ?? (await rootResource(aws, restApiId)),
        },
        tags: found.tags,
      }
    );
  },
  async update({ aws, id: restApiId, inputs, olds, changed }) {
    const patchOperations = replaceChanged(changed, {
      name: ["/name", inputs.name],
      description: ["/description", inputs.description],
      disableExecuteApiEndpoint: ["/disableExecuteApiEndpoint", inputs.disableExecuteApiEndpoint],
      policy: ["/policy", inputs.policy],
    });
    if (changed.has("endpointConfiguration")) {
      const from = olds.endpointConfiguration?.types ?? "";
      const to = inputs.endpointConfiguration?.types;
      patchOperations.push(replace(`/endpointConfiguration/types/${from}`, to));
    }
    const [before, after] = [olds.binaryMediaTypes ?? [], inputs.binaryMediaTypes ?? []];
    const pathOf = (type: string) => `/binaryMediaTypes/${type.replaceAll("/", "~1")}`;
    patchOperations.push(
      ...before.filter((type) => !after.includes(type)).map((type) => remove(pathOf(type))),
      ...after.filter((type) => !before.includes(type)).map((type) => add(pathOf(type), "")),
    );
    await apiGateway(aws).send(new UpdateRestApiCommand({ restApiId, patchOperations }));
  },
  async delete({ aws, id: restApiId }) {
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteRestApiCommand({ restApiId })));
  },
});

/** What permissions to call an API are given on. */
export async function executionArn(aws: Aws, path: string): Promise<string> {
  return aws.arn("execute-api", path);
}

async function rootResource(aws: Aws, restApiId: string): Promise<string | undefined> {
  const { items = [] } = await apiGateway(aws).send(new GetResourcesCommand({ restApiId }));
  return items.find(({ path }) => path === "/")?.id;
}

const apiResource = resource({
  type: "aws:apigateway/resource:Resource",
  inputs: { restApi: required(text, { replaces: true }), parentId: required(text), pathPart: required(text) },
  outputs: ["path"],
  identity: ["restApi", "parentId", "pathPart"],
  async create({ aws, inputs: { restApi: restApiId, parentId, pathPart } }) {
    const { id = "" } = await apiGateway(aws).send(new CreateResourceCommand({ restApiId, parentId, pathPart }));
    return id;
  },
  async read({ aws, id: resourceId, inputs }) {
    const restApiId = recorded(inputs.restApi, "restApi");
    const found = await unlessGone(GONE, () => apiGateway(aws).send(new GetResourceCommand({ restApiId, resourceId })));
    return (
      found && {
        inputs: { restApi: restApiId, parentId: found.parentId, pathPart: found.pathPart },
        outputs: { path: found.path },
      }
    );
  },
  async update({ aws, id: resourceId, inputs, changed }) {
    const patchOperations = replaceChanged(changed, {
      parentId: ["/parentId", inputs.parentId],
      pathPart: ["/pathPart", inputs.pathPart],
    });
    await apiGateway(aws).send(new UpdateResourceCommand({ restApiId: inputs.restApi, resourceId, patchOperations }));
  },
  async delete({ aws, id: resourceId, inputs: { restApi: restApiId } }) {
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteResourceCommand({ restApiId, resourceId })));
  },
  unknownAfter: () => ["path"],
});

export const resources = [restApi, apiResource];
