import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  RuleState,
  TagResourceCommand,
  type Target,
  UntagResourceCommand,
} from "@aws-sdk/client-eventbridge";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { block, json, map, number, oneOf, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { recorded, resource } from "../resource";
import { fromTagList, tagList, tagsArgument } from "../tags";

const GONE = ["ResourceNotFoundException"];
const events = (aws: Aws) => aws.client(EventBridgeClient);

const ruleArguments = {
  name: autoNamed(text, { maxLength: 64 }),
  description: optional(text),
  eventPattern: optional(json),
  scheduleExpression: optional(text),
  state: withDefault(oneOf(RuleState), "ENABLED"),
  roleArn: optional(text),
  tags: tagsArgument,
};

/** An update puts the whole rule again; only its tags are then left as they are. */
function ruleInput(inputs: Arguments<typeof ruleArguments>) {
  return {
    Name: inputs.name,
    Description: inputs.description,
    EventPattern: inputs.eventPattern,
    ScheduleExpression: inputs.scheduleExpression,
    State: inputs.state,
    RoleArn: inputs.roleArn,
  };
}

const rule = resource({
  type: "aws:cloudwatch/eventRule:EventRule",
  inputs: ruleArguments,
  outputs: ["arn"],
  identity: ["name"],
  tagging: {
    put: ({ aws, arn: ResourceARN }, tags) =>
      events(aws).send(new TagResourceCommand({ ResourceARN, Tags: tagList(tags) })),
    remove: ({ aws, arn: ResourceARN }, TagKeys) =>
      events(aws).send(new UntagResourceCommand({ ResourceARN, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    await events(aws).send(new PutRuleCommand({ ...ruleInput(inputs), Tags: tagList(tags) }));
    return inputs.name;
  },
  async read({ aws, id: Name }) {
    const found = await unlessGone(GONE, () => events(aws).send(new DescribeRuleCommand({ Name })));
    if (found === undefined) {
      return undefined;
    }
    const { Tags } = await events(aws).send(new ListTagsForResourceCommand({ ResourceARN: found.Arn }));
    return {
      inputs: {
        name: found.Name,
        description: found.Description,
        eventPattern: found.EventPattern,
        scheduleExpression: found.ScheduleExpression,
        state: found.State,
        roleArn: found.RoleArn,
      },
      outputs: { arn: found.Arn },
      tags: fromTagList(Tags),
    };
  },
  async update({ aws, inputs }) {
    await events(aws).send(new PutRuleCommand(ruleInput(inputs)));
  },
  async delete({ aws, id: Name }) {
    await unlessGone(GONE, () => events(aws).send(new DeleteRuleCommand({ Name })));
  },
});

const targetArguments = {
  rule: required(text, { replaces: true }),
  targetId: autoNamed(text, { maxLength: 64 }),
  arn: required(text),
  roleArn: optional(text),
  input: optional(text),
  inputPath: optional(text),
  inputTransformer: optional(block({ inputPaths: optional(map(text)), inputTemplate: required(text) })),
  deadLetterConfig: optional(block({ arn: required(text) })),
  retryPolicy: optional(block({ maximumEventAgeInSeconds: optional(number), maximumRetryAttempts: optional(number) })),
};

async function putTarget(aws: Aws, inputs: Arguments<typeof targetArguments>): Promise<void> {
  const { inputTransformer: transformer, retryPolicy: retries } = inputs;
  const target: Target = {
    Id: inputs.targetId,
    Arn: inputs.arn,
    RoleArn: inputs.roleArn,
    Input: inputs.input,
    InputPath: inputs.inputPath,
    InputTransformer: transformer && {
      InputPathsMap: transformer.inputPaths,
      InputTemplate: transformer.inputTemplate,
    },
    DeadLetterConfig: inputs.deadLetterConfig && { Arn: inputs.deadLetterConfig.arn },
    RetryPolicy: retries && {
      MaximumEventAgeInSeconds: retries.maximumEventAgeInSeconds,
      MaximumRetryAttempts: retries.maximumRetryAttempts,
    },
  };
  refuseFailures(await events(aws).send(new PutTargetsCommand({ Rule: inputs.rule, Targets: [target] })));
}

function refuseFailures(answer: { FailedEntries?: { ErrorCode?: string; ErrorMessage?: string }[] }): void {
  const [failed] = answer.FailedEntries ?? [];
  if (failed !== undefined && failed.ErrorCode !== "ResourceNotFoundException") {
    throw new Error(`${failed.ErrorCode ?? ""}: ${failed.ErrorMessage ?? ""}`);
  }
}

function targetArgument(found: Target) {
  const { InputTransformer: transformer, DeadLetterConfig: deadLetters, RetryPolicy: retries } = found;
  return {
    targetId: found.Id,
    arn: found.Arn,
    roleArn: found.RoleArn,
    input: found.Input,
    inputPath: found.InputPath,
    inputTransformer: transformer && {
      inputPaths: transformer.InputPathsMap,
      inputTemplate: transformer.InputTemplate,
    },
    deadLetterConfig: deadLetters?.Arn === undefined ? undefined : { arn: deadLetters.Arn },
    retryPolicy: retries && {
      maximumEventAgeInSeconds: retries.MaximumEventAgeInSeconds,
      maximumRetryAttempts: retries.MaximumRetryAttempts,
    },
  };
}

const target = resource({
  type: "aws:cloudwatch/eventTarget:EventTarget",
  inputs: targetArguments,
  outputs: [],
  identity: ["rule", "targetId"],
  async create({ aws, inputs }) {
    await putTarget(aws, inputs);
    return `${inputs.rule}-${inputs.targetId}`;
  },
  async read({ aws, inputs }) {
    const Rule = recorded(inputs.rule, "rule");
    const targetId = recorded(inputs.targetId, "targetId");
    // A rule has a handful of targets: they are all on one page.
    const found = await unlessGone(GONE, () => events(aws).send(new ListTargetsByRuleCommand({ Rule })));
    const own = found?.Targets?.find(({ Id }) => Id === targetId);
    return own && { inputs: { rule: Rule, ...targetArgument(own) }, outputs: {} };
  },
  async update({ aws, inputs }) {
    await putTarget(aws, inputs);
  },
  async delete({ aws, inputs: { rule: Rule, targetId } }) {
    const answer = await unlessGone(GONE, () => events(aws).send(new RemoveTargetsCommand({ Rule, Ids: [targetId] })));
    refuseFailures(answer ?? {});
  },
});

export const resources = [rule, target];
