import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import { LOOK_AT_ALARMS } from "../../lib/contract";
import { transform } from "../support/transform";
import { LOOK_SCHEDULE, type RetrainGovernorArgs, type RetrainGovernorNodes } from "./arguments";

/** The rule that passes the alarms on when they go to ALARM. */
export function askedByAlarms(
  name: string,
  { pipelineName, alarmNames, tags, transform: changes }: RetrainGovernorArgs,
  governor: lambda.Function,
  parent: pulumi.Resource,
): Pick<RetrainGovernorNodes, "rule" | "target" | "permission"> {
  const eventPattern = pulumi.all([...alarmNames]).apply((alarmName) =>
    JSON.stringify({
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      detail: { alarmName, state: { value: ["ALARM"] } },
    }),
  );
  const description = `Asks for a retraining by ${pipelineName} when an alarm fires`;
  return asks(name, { name: governor.name, description, eventPattern, tags }, {}, changes ?? {}, governor, parent);
}

/** The rule that has the alarms looked at, since each fires once, however long it stays on. */
export function looksAtAlarms(
  name: string,
  { pipelineName, lookSchedule = LOOK_SCHEDULE, tags, transform: changes }: RetrainGovernorArgs,
  governor: lambda.Function,
  parent: pulumi.Resource,
): Pick<RetrainGovernorNodes, "lookRule" | "lookTarget" | "lookPermission"> {
  const description = `Asks for a retraining by ${pipelineName} as long as an alarm stays on`;
  const { rule, target, permission } = asks(
    `${name}-look`,
    { name: pulumi.interpolate`${governor.name}-look`, description, scheduleExpression: lookSchedule, tags },
    { input: JSON.stringify(LOOK_AT_ALARMS) },
    { rule: changes?.lookRule, target: changes?.lookTarget, permission: changes?.lookPermission },
    governor,
    parent,
  );
  return { lookRule: rule, lookTarget: target, lookPermission: permission };
}

function asks(
  name: string,
  ruleArgs: cloudwatch.EventRuleArgs,
  targetArgs: Pick<cloudwatch.EventTargetArgs, "input">,
  changes: Pick<NonNullable<RetrainGovernorArgs["transform"]>, "rule" | "target" | "permission">,
  { name: functionName, arn }: lambda.Function,
  parent: pulumi.Resource,
) {
  const rule = new cloudwatch.EventRule(
    ...transform<cloudwatch.EventRuleArgs>(changes.rule, name, ruleArgs, { parent }),
  );
  const permission = new lambda.Permission(
    ...transform<lambda.PermissionArgs>(changes.permission, name, askedBy(rule, functionName), { parent }),
  );
  const target = new cloudwatch.EventTarget(
    ...transform<cloudwatch.EventTargetArgs>(
      changes.target,
      name,
      { rule: rule.name, arn, ...targetArgs },
      { parent, dependsOn: permission },
    ),
  );
  return { rule, target, permission };
}

/** Lets a rule of EventBridge call the function. */
export function askedBy(rule: cloudwatch.EventRule, functionName: pulumi.Input<string>): lambda.PermissionArgs {
  return {
    action: "lambda:InvokeFunction",
    function: functionName,
    principal: "events.amazonaws.com",
    sourceArn: rule.arn,
  };
}
