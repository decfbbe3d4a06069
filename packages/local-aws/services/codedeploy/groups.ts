import { randomUUID } from "node:crypto";
import {
  BatchGetDeploymentGroupsCommand,
  CreateDeploymentGroupCommand,
  DeleteDeploymentGroupCommand,
  GetDeploymentGroupCommand,
  ListDeploymentGroupsCommand,
  UpdateDeploymentGroupCommand,
  type AlarmConfiguration,
  type AutoRollbackConfiguration,
  type DeploymentGroupInfo,
  type LastDeploymentInfo,
  type UpdateDeploymentGroupInput,
} from "@aws-sdk/client-codedeploy";
import { AwsError } from "../../core/aws-error";
import type { RoleSessions } from "../../core/local";
import { tagRecord, Tags } from "../../core/tags";
import { operation, type Checked, type Operation } from "../../core/operation";
import { DEFAULT_CONFIG } from "./configs";
import type { Deployment } from "./deployment";
import { page, type Group, type Store } from "./store";

const MAX_ALARMS = 10;

/** What a create and an update have in common. */
type Settings = Omit<
  Checked<UpdateDeploymentGroupInput>,
  "applicationName" | "currentDeploymentGroupName" | "newDeploymentGroupName"
>;

/** What deployment groups of other compute platforms have. */
const NOT_FOR_LAMBDA = [
  "ec2TagFilters",
  "onPremisesInstanceTagFilters",
  "autoScalingGroups",
  "blueGreenDeploymentConfiguration",
  "loadBalancerInfo",
  "ec2TagSet",
  "ecsServices",
  "onPremisesTagSet",
] as const;

/** Operations on deployment groups. Trigger configurations are kept and shown, but nothing is notified. */
export function groupOperations(store: Store, sessions: RoleSessions): readonly Operation[] {
  const infoOf = (group: Group): DeploymentGroupInfo => ({ ...group.info, ...lastDeployments(store, group) });
  return [
    operation(CreateDeploymentGroupCommand, async (input) => {
      const { applicationName, deploymentGroupName, tags, ...settings } = input;
      await checkRole(sessions, settings.serviceRoleArn);
      const { groups } = store.application(applicationName);
      requireFree(groups, deploymentGroupName);
      const info = {
        applicationName,
        deploymentGroupName,
        deploymentGroupId: randomUUID(),
        computePlatform: "Lambda" as const,
        ...checkedSettings(store, settings, {}),
      };
      groups.set(deploymentGroupName, { info, tags: new Tags(tagRecord(tags)) });
      return { deploymentGroupId: info.deploymentGroupId };
    }),

    operation(GetDeploymentGroupCommand, (input) => ({
      deploymentGroupInfo: infoOf(store.group(input.applicationName, input.deploymentGroupName)),
    })),

    operation(BatchGetDeploymentGroupsCommand, (input) => {
      const { groups } = store.application(input.applicationName);
      const found = input.deploymentGroupNames.flatMap((name) => groups.get(name) ?? []);
      const absent = input.deploymentGroupNames.filter((name) => !groups.has(name));
      return {
        deploymentGroupsInfo: found.map(infoOf),
        errorMessage: absent.length > 0 ? `No Deployment Group found for name: ${absent.join(", ")}` : undefined,
      };
    }),

    operation(ListDeploymentGroupsCommand, (input) => {
      const { name: applicationName, groups } = store.application(input.applicationName);
      const { items, nextToken } = page([...groups.keys()].sort(), input.nextToken);
      return { applicationName, deploymentGroups: items, nextToken };
    }),

    operation(UpdateDeploymentGroupCommand, async (input) => {
      const {
        applicationName,
        currentDeploymentGroupName: name,
        newDeploymentGroupName: newName = name,
        ...settings
      } = input;
      const group = store.group(applicationName, name);
      if (settings.serviceRoleArn !== undefined) {
        await checkRole(sessions, settings.serviceRoleArn);
      }
      const changes = checkedSettings(store, settings, group.info);
      if (newName !== name) {
        const { groups } = store.application(applicationName);
        requireFree(groups, newName);
        groups.delete(name);
        groups.set(newName, group);
      }
      group.info = { ...group.info, ...changes, deploymentGroupName: newName };
      return { hooksNotCleanedUp: [] };
    }),

    operation(DeleteDeploymentGroupCommand, (input) => {
      // AWS says nothing of one that does not exist.
      store.applications.get(input.applicationName)?.groups.delete(input.deploymentGroupName);
      return { hooksNotCleanedUp: [] };
    }),
  ];
}

/** @throws AwsError `InvalidRoleException` if the role does not exist (yet) or does not trust CodeDeploy */
async function checkRole(sessions: RoleSessions, roleArn: string): Promise<void> {
  try {
    await sessions.assumeAs("codedeploy.amazonaws.com", roleArn, "CodeDeploy");
  } catch (error) {
    throw error instanceof AwsError
      ? new AwsError(
          "InvalidRoleException",
          `AWS CodeDeploy does not have the permissions required to assume the role ${roleArn}.`,
        )
      : error;
  }
}

function requireFree(groups: ReadonlyMap<string, Group>, name: string): void {
  if (groups.has(name)) {
    throw new AwsError("DeploymentGroupAlreadyExistsException", `Deployment Group: ${name} already exists`);
  }
}

/** The settings that a Lambda deployment group has, checked; what is not given stays as it is. */
function checkedSettings(store: Store, given: Settings, before: DeploymentGroupInfo): DeploymentGroupInfo {
  const foreign = NOT_FOR_LAMBDA.find((name) => {
    const value = given[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
  if (foreign !== undefined) {
    throw new AwsError(
      "InvalidInputException",
      `A deployment group for the Lambda compute platform takes no ${foreign}.`,
    );
  }
  const settings = {
    deploymentConfigName: given.deploymentConfigName ?? before.deploymentConfigName ?? DEFAULT_CONFIG,
    serviceRoleArn: given.serviceRoleArn ?? before.serviceRoleArn,
    deploymentStyle: given.deploymentStyle ?? before.deploymentStyle,
    triggerConfigurations: given.triggerConfigurations ?? before.triggerConfigurations,
    alarmConfiguration: given.alarmConfiguration ?? before.alarmConfiguration,
    autoRollbackConfiguration: given.autoRollbackConfiguration ?? before.autoRollbackConfiguration,
    outdatedInstancesStrategy: given.outdatedInstancesStrategy ?? before.outdatedInstancesStrategy,
  };
  store.config(settings.deploymentConfigName);
  checkStyle(settings);
  checkAlarms(settings.alarmConfiguration);
  checkAutoRollback(settings.autoRollbackConfiguration);
  return settings;
}

function checkStyle({ deploymentStyle: style }: DeploymentGroupInfo): void {
  if (style?.deploymentType !== "BLUE_GREEN" || style.deploymentOption !== "WITH_TRAFFIC_CONTROL") {
    const got = `${style?.deploymentType ?? "IN_PLACE"} and ${style?.deploymentOption ?? "WITHOUT_TRAFFIC_CONTROL"}`;
    throw new AwsError(
      "InvalidDeploymentStyleException",
      `For the Lambda compute platform, deploymentStyle must be BLUE_GREEN and WITH_TRAFFIC_CONTROL, got ${got}.`,
    );
  }
}

/** @throws AwsError `InvalidAlarmConfigException`, `AlarmsLimitExceededException` */
export function checkAlarms(configuration: AlarmConfiguration | undefined): void {
  const names = (configuration?.alarms ?? []).map(({ name }) => name);
  if (configuration?.enabled === true && names.length === 0) {
    throw new AwsError(
      "InvalidAlarmConfigException",
      "An alarm configuration that is enabled must have at least one alarm.",
    );
  }
  if (names.includes(undefined) || new Set(names).size < names.length) {
    throw new AwsError(
      "InvalidAlarmConfigException",
      "Each alarm of an alarm configuration must have a name of its own.",
    );
  }
  if (names.length > MAX_ALARMS) {
    throw new AwsError(
      "AlarmsLimitExceededException",
      `At most ${MAX_ALARMS} alarms can be added, got ${names.length}.`,
    );
  }
}

/** @throws AwsError `InvalidAutoRollbackConfigException` */
export function checkAutoRollback(configuration: AutoRollbackConfiguration | undefined): void {
  if (configuration?.enabled === true && (configuration.events ?? []).length === 0) {
    throw new AwsError(
      "InvalidAutoRollbackConfigException",
      "An automatic rollback configuration that is enabled must have at least one event.",
    );
  }
}

function lastDeployments(store: Store, { info }: Group): Partial<DeploymentGroupInfo> {
  const ended = store
    .deploymentsOf(info.applicationName ?? "", info.deploymentGroupName ?? "")
    .filter(({ hasEnded }) => hasEnded);
  const succeeded = ended.findLast(({ status }) => status === "Succeeded");
  return {
    targetRevision: succeeded?.order.revision,
    lastSuccessfulDeployment: lastInfo(succeeded),
    lastAttemptedDeployment: lastInfo(ended.at(-1)),
  };
}

function lastInfo(deployment: Deployment | undefined): LastDeploymentInfo | undefined {
  return (
    deployment && {
      deploymentId: deployment.id,
      status: deployment.status,
      endTime: deployment.endTime,
      createTime: deployment.createTime,
    }
  );
}
