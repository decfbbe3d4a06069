import type * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker/getPrebuiltEcrImage";
import { callerPartition, callerRegion } from "../caller";
import { transform } from "../support/transform";
import { jobsAlarm } from "./alarms";
import type { MonitorNodes } from "./arguments";
import { uploadCode } from "./code";
import type { AnyMonitorArgs, MonitorKind, Place } from "./kind";
import { jobRole, starterFunction } from "./starter";

/** What every monitor consists of: a schedule calls a function, which starts jobs that run a program. */
export function monitorParts(
  name: string,
  args: AnyMonitorArgs,
  kind: MonitorKind,
  parent: pulumi.Resource,
): MonitorNodes {
  const code = uploadCode(name, kind, parent);
  const image = args.image ?? getPrebuiltEcrImageOutput(SCIKIT_LEARN, { parent }).registryPath;
  const place = placeOf(parent);
  const role = jobRole(name, args, kind, { image, code, place }, parent);
  const starter = starterFunction(`${name}-start`, args, kind, { image, code, role, place }, parent);
  return {
    job: { role: role.role, policy: role.policy },
    starter,
    ...startBySchedule(name, args, kind, starter.function, parent),
    jobsAlarm: jobsAlarm(name, args, kind, starter.function.name, parent),
    code: code.objects,
  };
}

/** Where what a monitor makes is. */
export function placeOf(parent: pulumi.Resource): Place {
  return {
    partition: callerPartition(parent),
    region: callerRegion(parent),
    accountId: getCallerIdentityOutput({}, { parent }).accountId,
  };
}

/** EventBridge, which may call the function by this rule alone. */
function startBySchedule(
  name: string,
  args: AnyMonitorArgs,
  { about, schedule }: MonitorKind,
  starter: lambda.Function,
  parent: pulumi.Resource,
) {
  const rule = new cloudwatch.EventRule(
    ...transform(
      args.transform?.rule,
      `${name}-schedule`,
      {
        name: args.monitorName,
        description: `Starts the ${about} jobs of ${args.monitorName}`,
        scheduleExpression: schedule,
        tags: args.tags,
      },
      { parent },
    ),
  );
  const permission = new lambda.Permission(
    ...transform(
      args.transform?.permission,
      `${name}-schedule`,
      {
        function: starter.name,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      { parent },
    ),
  );
  const target = new cloudwatch.EventTarget(
    ...transform(
      args.transform?.target,
      `${name}-schedule`,
      { rule: rule.name, arn: starter.arn },
      { parent, dependsOn: permission },
    ),
  );
  return { rule, permission, target };
}

/** SageMaker's image with scikit-learn, whose NumPy and pandas the programs use. */
const SCIKIT_LEARN = { repositoryName: "sagemaker-scikit-learn", imageTag: "1.2-1-cpu-py3" };
