import * as pulumi from "@pulumi/pulumi";
import type { MetricAlarm } from "@pulumi/aws/cloudwatch";
import * as codedeploy from "@pulumi/aws/codedeploy";
import type * as lambda from "@pulumi/aws/lambda";
import { serviceRole } from "../service-role";

/** Arguments of {@link deploymentGroup}. */
export interface DeploymentGroupArgs {
  /** Name of application and group. */
  readonly applicationName: string;
  readonly function: lambda.Function;
  readonly hooks: readonly lambda.Function[];
  readonly alarms: readonly MetricAlarm[];
  /** How traffic moves, such as `CodeDeployDefault.LambdaCanary10Percent5Minutes`. */
  readonly deploymentConfigName: string;
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
  const serviceRoleArn = serviceRole(
    `${name}-codedeploy-role`,
    {
      description: `CodeDeploy shifts the alias of ${args.applicationName}`,
      service: "codedeploy.amazonaws.com",
      statements: [
        {
          Action: ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
          Resource: [args.function.arn, pulumi.interpolate`${args.function.arn}:*`],
        },
        { Action: "lambda:InvokeFunction", Resource: args.hooks.map((hook) => hook.arn) },
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
      deploymentConfigName: args.deploymentConfigName,
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      alarmConfiguration: { enabled: true, alarms: args.alarms.map((alarm) => alarm.name) },
      autoRollbackConfiguration: {
        enabled: true,
        events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
      },
      tags: args.tags,
    },
    { parent },
  );
}
