import { GetStageCommand, type MethodSetting, UpdateStageCommand } from "@aws-sdk/client-api-gateway";
import { unlessGone } from "../../failures";
import { block, boolean, number, oneOf, text } from "../../kinds";
import { type Arguments, optional, required, withDefault } from "../../properties";
import { recorded, resource } from "../../resource";
import { GONE, apiGateway, remove, replace } from "./patch";

/** What the AWS provider writes for "no limit of one's own". */
const NO_LIMIT = -1;

const settingsArguments = {
  restApi: required(text, { replaces: true }),
  stageName: required(text, { replaces: true }),
  /** Such as `api/POST`, or `*\/*` for all methods. */
  methodPath: required(text, { replaces: true }),
  settings: required(
    block({
      throttlingBurstLimit: withDefault(number, NO_LIMIT),
      throttlingRateLimit: withDefault(number, NO_LIMIT),
      metricsEnabled: withDefault(boolean, false),
      loggingLevel: optional(oneOf({ off: "OFF", error: "ERROR", info: "INFO" }), { computed: true }),
      dataTraceEnabled: withDefault(boolean, false),
    }),
  ),
};

type SettingsArguments = Arguments<typeof settingsArguments>;

/** The key of a method in a stage: slashes in its resource's path are escaped as JSON Pointer does. */
function settingsKey(methodPath: string): string {
  const cut = methodPath.lastIndexOf("/");
  return `${methodPath.slice(0, cut).replaceAll("/", "~1")}/${methodPath.slice(cut + 1)}`;
}

function operations({ methodPath, settings }: SettingsArguments) {
  const key = `/${settingsKey(methodPath)}`;
  return [
    replace(`${key}/throttling/burstLimit`, settings.throttlingBurstLimit),
    replace(`${key}/throttling/rateLimit`, settings.throttlingRateLimit),
    replace(`${key}/metrics/enabled`, settings.metricsEnabled),
    ...(settings.loggingLevel === undefined ? [] : [replace(`${key}/logging/loglevel`, settings.loggingLevel)]),
    replace(`${key}/logging/dataTrace`, settings.dataTraceEnabled),
  ];
}

const methodSettings = resource({
  type: "aws:apigateway/methodSettings:MethodSettings",
  inputs: settingsArguments,
  outputs: [],
  identity: ["restApi", "stageName", "methodPath"],
  async create({ aws, inputs }) {
    const { restApi: restApiId, stageName, methodPath } = inputs;
    const patchOperations = operations(inputs);
    await apiGateway(aws).send(new UpdateStageCommand({ restApiId, stageName, patchOperations }));
    return `${restApiId}-${stageName}-${methodPath}`;
  },
  async read({ aws, inputs }) {
    const restApiId = recorded(inputs.restApi, "restApi");
    const stageName = recorded(inputs.stageName, "stageName");
    const methodPath = recorded(inputs.methodPath, "methodPath");
    const found = await unlessGone(GONE, () => apiGateway(aws).send(new GetStageCommand({ restApiId, stageName })));
    const settings = found?.methodSettings?.[methodPath];
    return (
      settings && { inputs: { restApi: restApiId, stageName, methodPath, settings: argument(settings) }, outputs: {} }
    );
  },
  async update({ aws, inputs }) {
    const { restApi: restApiId, stageName } = inputs;
    const patchOperations = operations(inputs);
    await apiGateway(aws).send(new UpdateStageCommand({ restApiId, stageName, patchOperations }));
  },
  async delete({ aws, inputs: { restApi: restApiId, stageName, methodPath } }) {
    const patchOperations = [remove(`/${settingsKey(methodPath)}`)];
    await unlessGone(GONE, () =>
      apiGateway(aws).send(new UpdateStageCommand({ restApiId, stageName, patchOperations })),
    );
  },
});

function argument(live: MethodSetting) {
  return {
    throttlingBurstLimit: live.throttlingBurstLimit,
    throttlingRateLimit: live.throttlingRateLimit,
    metricsEnabled: live.metricsEnabled,
    loggingLevel: live.loggingLevel,
    dataTraceEnabled: live.dataTraceEnabled,
  };
}

export const resources = [methodSettings];
