import {
  CreateApiKeyCommand,
  CreateUsagePlanCommand,
  CreateUsagePlanKeyCommand,
  DeleteApiKeyCommand,
  DeleteUsagePlanCommand,
  DeleteUsagePlanKeyCommand,
  GetApiKeyCommand,
  GetUsagePlanCommand,
  GetUsagePlanKeyCommand,
  type PatchOperation,
  UpdateApiKeyCommand,
  UpdateUsagePlanCommand,
} from "@aws-sdk/client-api-gateway";
import { unlessGone } from "../../failures";
import { block, boolean, number, oneOf, set, text } from "../../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../../properties";
import { recorded, resource } from "../../resource";
import { tagMap, tagsArgument } from "../../tags";
import { GONE, add, apiGateway, apiGatewayArn, apiGatewayTagging, remove, replace, replaceChanged } from "./patch";

const apiKey = resource({
  type: "aws:apigateway/apiKey:ApiKey",
  inputs: {
    name: autoNamed(text, { maxLength: 1024 }),
    description: withDefault(text, "Managed by Pulumi"),
    enabled: withDefault(boolean, true),
    value: optional(text, { replaces: true, computed: true }),
    tags: tagsArgument,
  },
  outputs: ["arn", "createdDate", "lastUpdatedDate"],
  secretOutputs: ["value"],
  // AWS allows two keys of one name, but not of one value.
  identity: ["value"],
  tagging: apiGatewayTagging,
  async create({ aws, inputs: { name, description, enabled, value }, tags }) {
    const request = new CreateApiKeyCommand({ name, description, enabled, value, tags: tagMap(tags) });
    const { id = "" } = await apiGateway(aws).send(request);
    return id;
  },
  async read({ aws, id }) {
    const request = new GetApiKeyCommand({ apiKey: id, includeValue: true });
    const found = await unlessGone(GONE, () => apiGateway(aws).send(request));
    return (
      found && {
        inputs: {
          name: found.name,
          description: found.description ?? "",
          enabled: found.enabled,
          value: found.value,
        },
        outputs: {
          arn: apiGatewayArn(aws, `/apikeys/${id}`),
          createdDate: found.createdDate,
          lastUpdatedDate: found.lastUpdatedDate,
        },
        tags: found.tags,
      }
    );
  },
  async update({ aws, id, inputs, changed }) {
    const patchOperations = replaceChanged(changed, {
      description: ["/description", inputs.description],
      enabled: ["/enabled", inputs.enabled],
    });
    await apiGateway(aws).send(new UpdateApiKeyCommand({ apiKey: id, patchOperations }));
  },
  async delete({ aws, id }) {
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteApiKeyCommand({ apiKey: id })));
  },
  unknownAfter: () => ["lastUpdatedDate"],
});

const planArguments = {
  name: autoNamed(text, { maxLength: 255 }, { replaces: false }),
  apiStages: optional(set(block({ apiId: required(text), stage: required(text) }))),
  throttleSettings: optional(block({ burstLimit: withDefault(number, 0), rateLimit: withDefault(number, 0) })),
  tags: tagsArgument,
};

type PlanArguments = Arguments<typeof planArguments>;

const stageKeys = (plan: PlanArguments) => (plan.apiStages ?? []).map(({ apiId, stage }) => `${apiId}:${stage}`);

/** Brings the stages of a plan from one list to another. */
function stageOperations(olds: readonly string[], news: readonly string[]): PatchOperation[] {
  return [
    ...olds.filter((key) => !news.includes(key)).map((key) => remove("/apiStages", key)),
    ...news.filter((key) => !olds.includes(key)).map((key) => add("/apiStages", key)),
  ];
}

function throttleOperations(throttle: PlanArguments["throttleSettings"]): PatchOperation[] {
  return throttle === undefined
    ? [remove("/throttle")]
    : [replace("/throttle/burstLimit", throttle.burstLimit), replace("/throttle/rateLimit", throttle.rateLimit)];
}

const usagePlan = resource({
  type: "aws:apigateway/usagePlan:UsagePlan",
  inputs: planArguments,
  outputs: ["arn"],
  identity: [],
  tagging: apiGatewayTagging,
  async create({ aws, inputs, tags }) {
    const { id = "" } = await apiGateway(aws).send(
      new CreateUsagePlanCommand({
        name: inputs.name,
        apiStages: inputs.apiStages,
        throttle: inputs.throttleSettings,
        tags: tagMap(tags),
      }),
    );
    return id;
  },
  async read({ aws, id: usagePlanId }) {
    const found = await unlessGone(GONE, () => apiGateway(aws).send(new GetUsagePlanCommand({ usagePlanId })));
    return (
      found && {
        inputs: {
          name: found.name,
          apiStages: found.apiStages?.map(({ apiId, stage }) => ({ apiId, stage })),
          throttleSettings: found.throttle,
        },
        outputs: { arn: apiGatewayArn(aws, `/usageplans/${usagePlanId}`) },
        tags: found.tags,
      }
    );
  },
  async update({ aws, id: usagePlanId, inputs, olds, changed }) {
    const patchOperations = [
      ...replaceChanged(changed, { name: ["/name", inputs.name] }),
      ...stageOperations(stageKeys(olds), stageKeys(inputs)),
      ...(changed.has("throttleSettings") ? throttleOperations(inputs.throttleSettings) : []),
    ];
    await apiGateway(aws).send(new UpdateUsagePlanCommand({ usagePlanId, patchOperations }));
  },
  async delete({ aws, id: usagePlanId, inputs }) {
    // A plan with stages cannot be deleted; they go one by one, since one of them may be gone already.
    const patchOperations = stageOperations(stageKeys(inputs), []);
    if (patchOperations.length > 0) {
      const request = new UpdateUsagePlanCommand({ usagePlanId, patchOperations });
      await unlessGone(GONE, () => apiGateway(aws).send(request));
    }
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteUsagePlanCommand({ usagePlanId })));
  },
});

const usagePlanKey = resource({
  type: "aws:apigateway/usagePlanKey:UsagePlanKey",
  inputs: {
    keyId: required(text, { replaces: true }),
    keyType: required(oneOf({ apiKey: "API_KEY" }), { replaces: true }),
    usagePlanId: required(text, { replaces: true }),
  },
  outputs: ["name", "value"],
  secretOutputs: ["value"],
  identity: ["keyId", "usagePlanId"],
  async create({ aws, inputs: { keyId, keyType, usagePlanId } }) {
    await apiGateway(aws).send(new CreateUsagePlanKeyCommand({ keyId, keyType, usagePlanId }));
    return keyId;
  },
  async read({ aws, id: keyId, inputs }) {
    const usagePlanId = recorded(inputs.usagePlanId, "usagePlanId");
    const found = await unlessGone(GONE, () =>
      apiGateway(aws).send(new GetUsagePlanKeyCommand({ usagePlanId, keyId })),
    );
    return (
      found && {
        inputs: { keyId, keyType: found.type ?? "API_KEY", usagePlanId },
        outputs: { name: found.name, value: found.value },
      }
    );
  },
  async delete({ aws, id: keyId, inputs: { usagePlanId } }) {
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteUsagePlanKeyCommand({ usagePlanId, keyId })));
  },
});

export const resources = [apiKey, usagePlan, usagePlanKey];
