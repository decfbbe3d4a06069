import { randomUUID } from "node:crypto";
import {
  CreateDeploymentConfigCommand,
  DeleteDeploymentConfigCommand,
  GetDeploymentConfigCommand,
  ListDeploymentConfigsCommand,
  type TrafficRoutingConfig,
} from "@aws-sdk/client-codedeploy";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { operation, type Operation } from "../../core/operation";
import { routingOf, type Routing } from "./routing";
import { page, type Store } from "./store";

const PREDEFINED_PREFIX = "CodeDeployDefault.";
/** What a deployment group has that names no configuration. */
export const DEFAULT_CONFIG = `${PREDEFINED_PREFIX}LambdaAllAtOnce`;

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
const PREDEFINED: Readonly<Record<string, Routing>> = {
  LambdaCanary10Percent5Minutes: { type: "TimeBasedCanary", percentage: 10, minutes: 5 },
  LambdaCanary10Percent10Minutes: { type: "TimeBasedCanary", percentage: 10, minutes: 10 },
  LambdaCanary10Percent15Minutes: { type: "TimeBasedCanary", percentage: 10, minutes: 15 },
  LambdaCanary10Percent30Minutes: { type: "TimeBasedCanary", percentage: 10, minutes: 30 },
  LambdaLinear10PercentEvery1Minute: { type: "TimeBasedLinear", percentage: 10, minutes: 1 },
  LambdaLinear10PercentEvery2Minutes: { type: "TimeBasedLinear", percentage: 10, minutes: 2 },
  LambdaLinear10PercentEvery3Minutes: { type: "TimeBasedLinear", percentage: 10, minutes: 3 },
  LambdaLinear10PercentEvery10Minutes: { type: "TimeBasedLinear", percentage: 10, minutes: 10 },
  LambdaAllAtOnce: { type: "AllAtOnce" },
};

/** Operations on deployment configurations, those of AWS for Lambda among them. */
export function configOperations(store: Store, clock: Clock): readonly Operation[] {
  for (const [name, routing] of Object.entries(PREDEFINED)) {
    const fullName = PREDEFINED_PREFIX + name;
    store.configs.set(fullName, { id: randomUUID(), name: fullName, createTime: clock.now(), routing });
  }
  return [
    operation(CreateDeploymentConfigCommand, (input) => {
      const { deploymentConfigName: name, trafficRoutingConfig, computePlatform } = input;
      if (computePlatform !== "Lambda") {
        throw notImplemented(
          "CodeDeploy",
          `CreateDeploymentConfig for compute platform ${computePlatform ?? "Server"}`,
        );
      }
      if (name.startsWith(PREDEFINED_PREFIX)) {
        throw new AwsError(
          "InvalidDeploymentConfigNameException",
          `Deployment configuration names beginning with ${PREDEFINED_PREFIX} are reserved, got ${name}.`,
        );
      }
      if (input.minimumHealthyHosts !== undefined || input.zonalConfig !== undefined) {
        throw new AwsError(
          "InvalidMinimumHealthyHostValueException",
          "A deployment configuration for Lambda takes no minimumHealthyHosts and no zonalConfig.",
        );
      }
      if (trafficRoutingConfig === undefined) {
        throw new AwsError(
          "InvalidTrafficRoutingConfigurationException",
          "A deployment configuration for Lambda must have a trafficRoutingConfig.",
        );
      }
      if (store.configs.has(name)) {
        throw new AwsError(
          "DeploymentConfigAlreadyExistsException",
          `Deployment Configuration: ${name} already exists`,
        );
      }
      const config = { id: randomUUID(), name, createTime: clock.now(), routing: routingOf(trafficRoutingConfig) };
      store.configs.set(name, config);
      return { deploymentConfigId: config.id };
    }),

    operation(GetDeploymentConfigCommand, (input) => {
      const { id, name, createTime, routing } = store.config(input.deploymentConfigName);
      return {
        deploymentConfigInfo: {
          deploymentConfigId: id,
          deploymentConfigName: name,
          createTime,
          computePlatform: "Lambda" as const,
          trafficRoutingConfig: routingConfig(routing),
        },
      };
    }),

    operation(ListDeploymentConfigsCommand, (input) => {
      const { items, nextToken } = page([...store.configs.keys()].sort(), input.nextToken);
      return { deploymentConfigsList: items, nextToken };
    }),

    operation(DeleteDeploymentConfigCommand, ({ deploymentConfigName: name }) => {
      if (name.startsWith(PREDEFINED_PREFIX)) {
        throw new AwsError(
          "InvalidOperationException",
          `The predefined deployment configuration ${name} cannot be deleted.`,
        );
      }
      const user = [...store.applications.values()]
        .flatMap(({ groups }) => [...groups.values()])
        .find(({ info }) => info.deploymentConfigName === name);
      if (user !== undefined) {
        const where = `${user.info.applicationName ?? ""}/${user.info.deploymentGroupName ?? ""}`;
        throw new AwsError(
          "DeploymentConfigInUseException",
          `Deployment Configuration ${name} is still in use by deployment group ${where}.`,
        );
      }
      store.configs.delete(name);
      return {};
    }),
  ];
}

function routingConfig(routing: Routing): TrafficRoutingConfig {
  switch (routing.type) {
    case "AllAtOnce":
      return { type: routing.type };
    case "TimeBasedCanary":
      return {
        type: routing.type,
        timeBasedCanary: { canaryPercentage: routing.percentage, canaryInterval: routing.minutes },
      };
    case "TimeBasedLinear":
      return {
        type: routing.type,
        timeBasedLinear: { linearPercentage: routing.percentage, linearInterval: routing.minutes },
      };
  }
}
