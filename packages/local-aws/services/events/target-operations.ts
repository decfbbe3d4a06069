import {
  ListTargetsByRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { AwsError, notImplemented } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import { checkBus, page } from "./bus";
import { targetKind } from "./target-kind";
import { checkInput } from "./input";
import type { Rules } from "./rules";

const MAX_TARGETS = 5;
/** Parts of a target that only kinds of targets have that are not here. */
const FOREIGN = [
  "KinesisParameters",
  "RunCommandParameters",
  "EcsParameters",
  "BatchParameters",
  "SqsParameters",
  "HttpParameters",
  "RedshiftDataParameters",
  "SageMakerPipelineParameters",
  "AppSyncParameters",
] as const;

/** Operations on rules' targets. */
export function targetOperations(rules: Rules): readonly Operation[] {
  return [
    operation(PutTargetsCommand, (input) => {
      checkBus(input.EventBusName);
      const { targets } = rules.get(input.Rule);
      input.Targets.forEach(checkTarget);
      const ids = new Set([...targets.keys(), ...input.Targets.map(({ Id }) => Id)]);
      if (ids.size > MAX_TARGETS) {
        throw new AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.");
      }
      input.Targets.forEach((target) => targets.set(target.Id, target));
      return { FailedEntryCount: 0, FailedEntries: [] };
    }),

    operation(RemoveTargetsCommand, (input) => {
      checkBus(input.EventBusName);
      const { targets } = rules.get(input.Rule);
      const missing = input.Ids.filter((id) => !targets.delete(id));
      const FailedEntries = missing.map((TargetId) => ({
        TargetId,
        ErrorCode: "ResourceNotFoundException",
        ErrorMessage: `Rule ${input.Rule} does not have target ${TargetId}.`,
      }));
      return { FailedEntryCount: missing.length, FailedEntries };
    }),

    operation(ListTargetsByRuleCommand, (input) => {
      checkBus(input.EventBusName);
      const { items, nextToken } = page([...rules.get(input.Rule).targets.values()], input.NextToken, input.Limit);
      return { Targets: items, NextToken: nextToken };
    }),
  ];
}

function checkTarget(target: Checked<Target>): void {
  const foreign = FOREIGN.find((name) => target[name] !== undefined);
  if (foreign !== undefined) {
    throw notImplemented("EventBridge", `PutTargets with ${foreign}`);
  }
  const kind = targetKind(target.Arn);
  if (kind === undefined) {
    throw notImplemented("EventBridge", `PutTargets with the target ${target.Arn}`);
  }
  if (kind === "codepipeline" && target.RoleArn === undefined) {
    throw new AwsError("ValidationException", `RoleArn is required for target ${target.Arn}.`);
  }
  const deadLetters = target.DeadLetterConfig?.Arn;
  if (deadLetters !== undefined && targetKind(deadLetters) !== "sqs") {
    throw new AwsError("ValidationException", `The dead-letter queue must be an SQS queue, got ${deadLetters}.`);
  }
  checkInput(target);
}
