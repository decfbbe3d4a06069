import * as pulumi from "@pulumi/pulumi";
import * as codedeploy from "@pulumi/aws/codedeploy";
import { predefinedConfigName, type TrafficShift } from "../../lib/traffic-shift";
import { serviceRole, type RoleTransforms, type ServiceRole } from "../service-role";
import { transform, type Transform } from "../support/transform";

/** What a program changes of the children by which CodeDeploy shifts an alias. */
export interface DeploymentGroupTransforms extends RoleTransforms {
  readonly application?: Transform<codedeploy.ApplicationArgs>;
  readonly group?: Transform<codedeploy.DeploymentGroupArgs>;
  readonly deploymentConfig?: Transform<codedeploy.DeploymentConfigArgs>;
}

/** Arguments of {@link deploymentGroup}. */
export interface DeploymentGroupArgs {
  /** Name of application and group. */
  readonly applicationName: pulumi.Input<string>;
  readonly functionArn: pulumi.Input<string>;
  readonly hookArns: readonly pulumi.Input<string>[];
  /** Names of the alarms that CodeDeploy watches. */
  readonly alarmNames: readonly pulumi.Input<string>[];
  readonly strategy: TrafficShift;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** @default - the children are as the component makes them */
  readonly transform?: DeploymentGroupTransforms;
}

/** What CodeDeploy needs to shift a Lambda alias. */
export interface DeploymentGroupNodes extends Omit<ServiceRole, "arn"> {
  readonly application: codedeploy.Application;
  readonly group: codedeploy.DeploymentGroup;
  /** It exists only if AWS has no predefined configuration for the strategy. */
  readonly deploymentConfig: codedeploy.DeploymentConfig | undefined;
}

/** Application, group with alarms and automatic rollback, and a role that can do nothing but shift this alias. */
export function deploymentGroup(
  name: string,
  args: DeploymentGroupArgs,
  parent: pulumi.Resource,
): DeploymentGroupNodes {
  const application = new codedeploy.Application(
    ...transform(
      args.transform?.application,
      `${name}-application`,
      { name: args.applicationName, computePlatform: "Lambda", tags: args.tags },
      { parent },
    ),
  );
  const { arn: serviceRoleArn, ...role } = serviceRole(
    `${name}-codedeploy-role`,
    {
      description: pulumi.interpolate`CodeDeploy shifts the alias of ${args.applicationName}`,
      service: "codedeploy.amazonaws.com",
      statements: [
        {
          Action: ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
          Resource: [args.functionArn, pulumi.interpolate`${args.functionArn}:*`],
        },
        ...(args.hookArns.length > 0 ? [{ Action: "lambda:InvokeFunction", Resource: args.hookArns }] : []),
        // Alarms cannot be named here: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
        { Action: "cloudwatch:DescribeAlarms", Resource: "*" },
      ],
      tags: args.tags,
      transform: args.transform,
    },
    parent,
  );
  const deploymentConfig = ownConfig(name, args, parent);
  const group = new codedeploy.DeploymentGroup(
    ...transform(
      args.transform?.group,
      `${name}-group`,
      {
        appName: application.name,
        deploymentGroupName: args.applicationName,
        serviceRoleArn,
        deploymentConfigName: deploymentConfig?.deploymentConfigName ?? predefinedConfigName(args.strategy),
        deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
        alarmConfiguration: { enabled: args.alarmNames.length > 0, alarms: [...args.alarmNames] },
        autoRollbackConfiguration: {
          enabled: true,
          events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
        tags: args.tags,
      },
      { parent },
    ),
  );
  return { application, ...role, group, deploymentConfig };
}

/**
 * A configuration of our own, where AWS has none predefined. A configuration cannot change, and cannot be deleted while a group uses it. So
 * both its names say what it contains: another strategy makes another configuration beside it, and the old one is deleted once the group
 * uses the new one.
 */
function ownConfig(
  name: string,
  { strategy, applicationName, transform: changes }: DeploymentGroupArgs,
  parent: pulumi.Resource,
): codedeploy.DeploymentConfig | undefined {
  if (predefinedConfigName(strategy) !== undefined || !("percent" in strategy)) {
    return undefined;
  }
  const { type, percent, intervalMinutes } = strategy;
  const content = `${type}-${percent}-percent-${intervalMinutes}-minutes`;
  const step = { percentage: percent, interval: intervalMinutes };
  return new codedeploy.DeploymentConfig(
    ...transform(
      changes?.deploymentConfig,
      `${name}-${content}`,
      {
        deploymentConfigName: pulumi.interpolate`${applicationName}-${content}`,
        computePlatform: "Lambda",
        trafficRoutingConfig:
          type === "canary"
            ? { type: "TimeBasedCanary", timeBasedCanary: step }
            : { type: "TimeBasedLinear", timeBasedLinear: step },
      },
      { parent },
    ),
  );
}
