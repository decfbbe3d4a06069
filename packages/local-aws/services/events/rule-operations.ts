import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  PutRuleCommand,
  TagResourceCommand,
  UntagResourceCommand,
  type PutRuleRequest,
} from "@aws-sdk/client-eventbridge";
import { AwsError, notImplemented } from "../../core/aws-error";
import { tagRecord } from "../../core/tags";
import { operation, type Checked, type Operation } from "../../core/operation";
import { checkBus, page } from "./bus";
import { parsePattern } from "./pattern";
import type { Rule, RuleDefinition, Rules } from "./rules";
import { parseSchedule } from "./schedule";

/** Operations on rules and their tags. */
export function ruleOperations(rules: Rules): readonly Operation[] {
  return [
    operation(PutRuleCommand, (input) => {
      checkBus(input.EventBusName);
      const isNew = !rules.has(input.Name);
      const rule = rules.put(definitionOf(input));
      // Tags of a rule that exists are left as they are, as by EventBridge.
      if (isNew) {
        rule.tags.add(tagRecord(input.Tags));
      }
      return { RuleArn: rule.arn };
    }),

    operation(DescribeRuleCommand, (input) => {
      checkBus(input.EventBusName);
      return { ...shown(rules.get(input.Name)), EventBusName: "default" };
    }),

    operation(ListRulesCommand, (input) => {
      checkBus(input.EventBusName);
      const all = rules
        .list()
        .map(shown)
        .filter(({ Name }) => Name.startsWith(input.NamePrefix ?? ""));
      const { items, nextToken } = page(all, input.NextToken, input.Limit);
      return { Rules: items.map((each) => ({ ...each, EventBusName: "default" })), NextToken: nextToken };
    }),

    operation(ListRuleNamesByTargetCommand, (input) => {
      checkBus(input.EventBusName);
      const names = rules
        .list()
        .filter(({ targets }) => [...targets.values()].some(({ Arn }) => Arn === input.TargetArn))
        .map(({ definition }) => definition.name);
      const { items, nextToken } = page(names, input.NextToken, input.Limit);
      return { RuleNames: items, NextToken: nextToken };
    }),

    operation(EnableRuleCommand, (input) => {
      checkBus(input.EventBusName);
      rules.put({ ...rules.get(input.Name).definition, state: "ENABLED" });
      return {};
    }),

    operation(DisableRuleCommand, (input) => {
      checkBus(input.EventBusName);
      rules.put({ ...rules.get(input.Name).definition, state: "DISABLED" });
      return {};
    }),

    operation(DeleteRuleCommand, (input) => {
      checkBus(input.EventBusName);
      if (rules.has(input.Name) && rules.get(input.Name).targets.size > 0) {
        throw new AwsError("ValidationException", "Rule can't be deleted since it has targets.");
      }
      rules.delete(input.Name);
      return {};
    }),

    operation(TagResourceCommand, (input) => {
      rules.byArn(input.ResourceARN).tags.add(tagRecord(input.Tags));
      return {};
    }),

    operation(UntagResourceCommand, (input) => {
      rules.byArn(input.ResourceARN).tags.remove(input.TagKeys);
      return {};
    }),

    operation(ListTagsForResourceCommand, (input) => ({ Tags: rules.byArn(input.ResourceARN).tags.list() })),
  ];
}

function definitionOf(input: Checked<PutRuleRequest>): RuleDefinition {
  const { Name, EventPattern, ScheduleExpression, State = "ENABLED", Description, RoleArn } = input;
  if (State !== "ENABLED" && State !== "DISABLED") {
    throw notImplemented("EventBridge", `PutRule with State ${State}`);
  }
  if (EventPattern === undefined && ScheduleExpression === undefined) {
    throw new AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (ScheduleExpression !== undefined) {
    parseSchedule(ScheduleExpression);
  }
  return {
    name: Name,
    pattern: EventPattern,
    matches: EventPattern === undefined ? () => false : parsePattern(EventPattern),
    scheduleExpression: ScheduleExpression,
    state: State,
    description: Description,
    roleArn: RoleArn,
  };
}

function shown({ definition, arn }: Rule) {
  return {
    Name: definition.name,
    Arn: arn,
    EventPattern: definition.pattern,
    ScheduleExpression: definition.scheduleExpression,
    State: definition.state,
    Description: definition.description,
    RoleArn: definition.roleArn,
  };
}
