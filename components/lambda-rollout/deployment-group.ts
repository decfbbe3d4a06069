import * as pulumi from "@pulumi/pulumi";
import * as codedeploy from "@pulumi/aws/codedeploy";
import { predefinedConfigName, type TrafficShift } from "../../lib/traffic-shift";
import { serviceRole } from "../service-role";

/** Arguments of {@link deploymentGroup}. */
export interface DeploymentGroupArgs {
  /** Name of application and group. */
  readonly applicationName: pulumi.Input<string>;
  readonly functionArn: pulumi.Input<string>;
  readonly hookArns: readonly pulumi.Input<string>[];
  /** Names of the alarms that CodeDeploy watches. */
  readonly alarmNames: readonly pulumi.Input<string>[];
  readonly strategy: TrafficShift;
  readonly tags?: Readonly<Record<string, string>>;
}

/** What CodeDeploy needs to shift a Lambda alias: application, group with alarms and automatic rollback, and a role. */
export function deploymentGroup(
  name: string,
  args: DeploymentGroupArgs,
  parent: pulumi.Resource,
): codedeploy.DeploymentGroup {
  const application = new codedeploy.Application(
    `${name}-application`,
    { name: args.applicationName, computePlatform: "Lambda", tags: args.tags },
    { parent },
  );
  const { arn: serviceRoleArn } = serviceRole(
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
    },
    parent,
  );
  return new codedeploy.DeploymentGroup(
    `${name}-group`,
    {
      appName: application.name,
      deploymentGroupName: args.applicationName,
      serviceRoleArn,
      deploymentConfigName: deploymentConfigName(name, args, parent),
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      alarmConfiguration: { enabled: args.alarmNames.length > 0, alarms: [...args.alarmNames] },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
      tags: args.tags,
    },
    { parent },
  );
}

/**
 * AWS's predefined configuration if there is one, else one of our own. A configuration cannot change, and cannot be deleted while a group
 * uses it. So both its names say what it contains: another strategy makes another configuration beside it, and the old one is deleted once
 * the group uses the new one.
 */
function deploymentConfigName(
  name: string,
  { strategy, applicationName }: DeploymentGroupArgs,
  parent: pulumi.Resource,
): pulumi.Input<string> | undefined {
  const predefined = predefinedConfigName(strategy);
  if (predefined !== undefined || !("percent" in strategy)) {
    return predefined;
  }
  const { type, percent, intervalMinutes } = strategy;
  const content = `${type}-${percent}-percent-${intervalMinutes}-minutes`;
  const step = { percentage: percent, interval: intervalMinutes };
  const config = new codedeploy.DeploymentConfig(
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
  );
  return config.deploymentConfigName;
}
