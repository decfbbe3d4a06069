import {
  AutoRollbackEvent,
  CreateDeploymentGroupCommand,
  DeleteDeploymentGroupCommand,
  type DeploymentGroupInfo,
  DeploymentOption,
  DeploymentType,
  GetDeploymentGroupCommand,
  TriggerEventType,
  UpdateDeploymentGroupCommand,
} from "@aws-sdk/client-codedeploy";
import { PROPAGATION } from "../aws";
import { errorMessage, unlessGone } from "../failures";
import { block, boolean, list, oneOf, set, text } from "../kinds";
import { type Arguments, optional, required, withDefault } from "../properties";
import { recorded, resource } from "../resource";
import { tagList, tagsArgument } from "../tags";
import { codeDeploy, codeDeployTagging, codeDeployTags } from "./codedeploy";

const GONE = ["DeploymentGroupDoesNotExistException", "ApplicationDoesNotExistException"];

const groupArguments = {
  appName: required(text, { replaces: true }),
  deploymentGroupName: required(text),
  serviceRoleArn: required(text),
  // "CodeDeployDefault.OneAtATime", the provider's default, is none for Lambda: here it must be said.
  deploymentConfigName: required(text),
  deploymentStyle: required(
    block({
      deploymentOption: withDefault(oneOf(DeploymentOption), "WITHOUT_TRAFFIC_CONTROL"),
      deploymentType: withDefault(oneOf(DeploymentType), "IN_PLACE"),
    }),
  ),
  alarmConfiguration: optional(
    block({
      alarms: optional(set(text)),
      enabled: withDefault(boolean, false),
      ignorePollAlarmFailure: withDefault(boolean, false),
    }),
  ),
  autoRollbackConfiguration: optional(
    block({ enabled: withDefault(boolean, false), events: optional(set(oneOf(AutoRollbackEvent))) }),
  ),
  triggerConfigurations: optional(
    list(
      block({
        triggerName: required(text),
        triggerTargetArn: required(text),
        triggerEvents: required(set(oneOf(TriggerEventType))),
      }),
    ),
  ),
  tags: tagsArgument,
};

/** What creation and update say alike. What is left out of the program is switched off, as it would be in a new group. */
function settings(inputs: Arguments<typeof groupArguments>) {
  const { alarmConfiguration: alarms, autoRollbackConfiguration: rollback, deploymentStyle: style } = inputs;
  return {
    applicationName: inputs.appName,
    serviceRoleArn: inputs.serviceRoleArn,
    deploymentConfigName: inputs.deploymentConfigName,
    deploymentStyle: { deploymentOption: style.deploymentOption, deploymentType: style.deploymentType },
    alarmConfiguration: {
      enabled: alarms?.enabled ?? false,
      ignorePollAlarmFailure: alarms?.ignorePollAlarmFailure ?? false,
      alarms: (alarms?.alarms ?? []).map((name) => ({ name })),
    },
    autoRollbackConfiguration: { enabled: rollback?.enabled ?? false, events: rollback?.events ?? [] },
    triggerConfigurations: inputs.triggerConfigurations ?? [],
  };
}

const deploymentGroup = resource({
  type: "aws:codedeploy/deploymentGroup:DeploymentGroup",
  inputs: groupArguments,
  outputs: ["arn", "computePlatform", "deploymentGroupId"],
  identity: ["appName", "deploymentGroupName"],
  tagging: codeDeployTagging,
  async create({ aws, inputs, tags }) {
    const request = new CreateDeploymentGroupCommand({
      ...settings(inputs),
      deploymentGroupName: inputs.deploymentGroupName,
      tags: tagList(tags),
    });
    // A role that was made a moment ago is not known everywhere yet.
    const roleIsNew = (error: unknown) => /cannot assume the role|not.*assum/i.test(errorMessage(error));
    const { deploymentGroupId = "" } = await aws.retried(roleIsNew, PROPAGATION, () => codeDeploy(aws).send(request));
    return deploymentGroupId;
  },
  async read({ aws, inputs }) {
    const applicationName = recorded(inputs.appName, "appName");
    const deploymentGroupName = recorded(inputs.deploymentGroupName, "deploymentGroupName");
    const request = new GetDeploymentGroupCommand({ applicationName, deploymentGroupName });
    const found = (await unlessGone(GONE, () => codeDeploy(aws).send(request)))?.deploymentGroupInfo;
    if (found === undefined) {
      return undefined;
    }
    const arn = await aws.arn("codedeploy", `deploymentgroup:${applicationName}/${deploymentGroupName}`);
    return {
      inputs: groupInputs(found),
      outputs: { arn, computePlatform: found.computePlatform, deploymentGroupId: found.deploymentGroupId },
      tags: await codeDeployTags(aws, arn),
    };
  },
  async update({ aws, inputs, olds, changed }) {
    await codeDeploy(aws).send(
      new UpdateDeploymentGroupCommand({
        ...settings(inputs),
        currentDeploymentGroupName: olds.deploymentGroupName,
        newDeploymentGroupName: changed.has("deploymentGroupName") ? inputs.deploymentGroupName : undefined,
      }),
    );
  },
  async delete({ aws, inputs: { appName: applicationName, deploymentGroupName } }) {
    const request = new DeleteDeploymentGroupCommand({ applicationName, deploymentGroupName });
    await unlessGone(GONE, () => codeDeploy(aws).send(request));
  },
});

function groupInputs(found: DeploymentGroupInfo) {
  const { alarmConfiguration: alarms, autoRollbackConfiguration: rollback } = found;
  const noAlarms = alarms?.enabled !== true && (alarms?.alarms ?? []).length === 0;
  const noRollback = rollback?.enabled !== true && (rollback?.events ?? []).length === 0;
  return {
    appName: found.applicationName,
    deploymentGroupName: found.deploymentGroupName,
    serviceRoleArn: found.serviceRoleArn,
    deploymentConfigName: found.deploymentConfigName,
    deploymentStyle: found.deploymentStyle,
    // AWS answers "switched off" for what was never said.
    alarmConfiguration: noAlarms
      ? undefined
      : {
          enabled: alarms?.enabled,
          ignorePollAlarmFailure: alarms?.ignorePollAlarmFailure ?? false,
          alarms: alarms?.alarms?.map(({ name }) => name),
        },
    autoRollbackConfiguration: noRollback ? undefined : { enabled: rollback?.enabled, events: rollback?.events },
    triggerConfigurations: found.triggerConfigurations,
  };
}

export const resources = [deploymentGroup];
