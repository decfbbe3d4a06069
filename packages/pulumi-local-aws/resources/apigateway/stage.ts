import {
  CreateDeploymentCommand,
  CreateStageCommand,
  DeleteDeploymentCommand,
  DeleteStageCommand,
  GetDeploymentCommand,
  GetStageCommand,
  type PatchOperation,
  UpdateDeploymentCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-api-gateway";
import { errorMessage, unlessGone } from "../../failures";
import { block, boolean, map, text, textMeaning } from "../../kinds";
import { type Arguments, optional, required, withDefault } from "../../properties";
import { recorded, resource } from "../../resource";
import { tagMap, tagsArgument } from "../../tags";
import { GONE, apiGateway, apiGatewayArn, apiGatewayTagging, remove, replace, replaceChanged } from "./patch";
import { executionArn } from "./rest-api";

const deployment = resource({
  type: "aws:apigateway/deployment:Deployment",
  inputs: {
    restApi: required(text, { replaces: true }),
    description: optional(text),
    // Nothing that AWS knows: a way for the program to say "again".
    triggers: optional(map(text), { replaces: true, unread: true }),
  },
  outputs: ["createdDate"],
  identity: [],
  async create({ aws, inputs: { restApi: restApiId, description } }) {
    const { id = "" } = await apiGateway(aws).send(new CreateDeploymentCommand({ restApiId, description }));
    return id;
  },
  async read({ aws, id: deploymentId, inputs }) {
    const restApiId = recorded(inputs.restApi, "restApi");
    const request = new GetDeploymentCommand({ restApiId, deploymentId });
    const found = await unlessGone(GONE, () => apiGateway(aws).send(request));
    return (
      found && {
        inputs: { restApi: restApiId, description: found.description },
        outputs: { createdDate: found.createdDate },
      }
    );
  },
  async update({ aws, id: deploymentId, inputs: { restApi: restApiId, description } }) {
    const patchOperations = [replace("/description", description)];
    await apiGateway(aws).send(new UpdateDeploymentCommand({ restApiId, deploymentId, patchOperations }));
  },
  async delete({ aws, id: deploymentId, inputs: { restApi: restApiId } }) {
    // A stage that has just been moved to another deployment can still count for a moment.
    const inUse = (error: unknown) => /active stages/i.test(errorMessage(error));
    await aws.retried(inUse, { timeoutSeconds: 30 }, () =>
      unlessGone(GONE, () => apiGateway(aws).send(new DeleteDeploymentCommand({ restApiId, deploymentId }))),
    );
  },
});

/** ARN of a log group: API Gateway takes off the ":*" that CloudWatch's own ARNs end in. */
const logGroupArn = textMeaning((arn) => arn.replace(/:\*$/, ""));

const stageArguments = {
  restApi: required(text, { replaces: true }),
  stageName: required(text, { replaces: true }),
  deployment: required(text),
  accessLogSettings: optional(block({ destinationArn: required(logGroupArn), format: required(text) })),
  xrayTracingEnabled: withDefault(boolean, false),
  variables: optional(map(text)),
  tags: tagsArgument,
};

const stage = resource({
  type: "aws:apigateway/stage:Stage",
  inputs: stageArguments,
  outputs: ["arn", "executionArn", "invokeUrl"],
  identity: ["restApi", "stageName"],
  tagging: apiGatewayTagging,
  async create({ aws, inputs, tags }) {
    await apiGateway(aws).send(
      new CreateStageCommand({
        restApiId: inputs.restApi,
        stageName: inputs.stageName,
        deploymentId: inputs.deployment,
        tracingEnabled: inputs.xrayTracingEnabled,
        variables: inputs.variables,
        tags: tagMap(tags),
      }),
    );
    return `ags-${inputs.restApi}-${inputs.stageName}`;
  },
  // A stage cannot be created with access logs.
  async settle({ aws, inputs }) {
    const patchOperations = accessLogOperations(inputs.accessLogSettings);
    if (inputs.accessLogSettings !== undefined) {
      const { restApi: restApiId, stageName } = inputs;
      await apiGateway(aws).send(new UpdateStageCommand({ restApiId, stageName, patchOperations }));
    }
  },
  async read({ aws, inputs }) {
    const restApiId = recorded(inputs.restApi, "restApi");
    const stageName = recorded(inputs.stageName, "stageName");
    const found = await unlessGone(GONE, () => apiGateway(aws).send(new GetStageCommand({ restApiId, stageName })));
    return (
      found && {
        inputs: {
          restApi: restApiId,
          stageName,
          deployment: found.deploymentId,
          accessLogSettings: found.accessLogSettings,
          xrayTracingEnabled: found.tracingEnabled ?? false,
          variables: found.variables,
        },
        outputs: {
          arn: apiGatewayArn(aws, `/restapis/${restApiId}/stages/${stageName}`),
          executionArn: await executionArn(aws, `${restApiId}/${stageName}`),
          // On AWS https://<id>.execute-api.<region>.amazonaws.com/<stage>: this is where the local AWS answers for it.
          invokeUrl: `${aws.endpoint}/_aws/execute-api/${restApiId}/${stageName}`,
        },
        tags: found.tags,
      }
    );
  },
  async update({ aws, inputs, olds, changed }) {
    const patchOperations = [
      ...replaceChanged(changed, {
        deployment: ["/deploymentId", inputs.deployment],
        xrayTracingEnabled: ["/tracingEnabled", inputs.xrayTracingEnabled],
      }),
      ...(changed.has("accessLogSettings") ? accessLogOperations(inputs.accessLogSettings) : []),
      ...(changed.has("variables") ? variableOperations(olds.variables ?? {}, inputs.variables ?? {}) : []),
    ];
    const { restApi: restApiId, stageName } = inputs;
    await apiGateway(aws).send(new UpdateStageCommand({ restApiId, stageName, patchOperations }));
  },
  async delete({ aws, inputs: { restApi: restApiId, stageName } }) {
    await unlessGone(GONE, () => apiGateway(aws).send(new DeleteStageCommand({ restApiId, stageName })));
  },
});

function accessLogOperations(settings: Arguments<typeof stageArguments>["accessLogSettings"]): PatchOperation[] {
  return settings === undefined
    ? [remove("/accessLogSettings")]
    : [
        replace("/accessLogSettings/destinationArn", settings.destinationArn),
        replace("/accessLogSettings/format", settings.format),
      ];
}

function variableOperations(
  olds: Readonly<Record<string, string>>,
  news: Readonly<Record<string, string>>,
): PatchOperation[] {
  const gone = Object.keys(olds).filter((key) => news[key] === undefined);
  const set = Object.entries(news).filter(([key, value]) => olds[key] !== value);
  return [
    ...gone.map((key) => remove(`/variables/${key}`)),
    ...set.map(([key, value]) => replace(`/variables/${key}`, value)),
  ];
}

export const resources = [deployment, stage];
