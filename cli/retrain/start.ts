import { governorName } from "../../lib/monitoring-names";
import type { Answer } from "../support/answer";
import type { AwsSettings, Context } from "../support/context";
import { invoke } from "../support/invoke";
import { decisionSchema, type RetrainDecision } from "./decisions";

export interface StartOptions {
  readonly reason: string;
}

/** `safe-deploy retrain start` */
export async function start({ aws, pipelineName, terminal }: Context, { reason }: StartOptions): Promise<Answer> {
  terminal.progress(`asking ${governorName(pipelineName)}`);
  const decided = await askForRetraining(aws, pipelineName, reason);
  const { decision, executionId, why } = decided;
  return {
    json: decided,
    lines:
      decision === "retrain"
        ? [
            `${executionId ?? "an execution"} was started: ${why}`,
            `To follow it: safe-deploy release watch ${executionId ?? ""}`,
          ]
        : [`no retraining was started: ${why}`, "To train all the same: safe-deploy release start"],
    exitStatus: decision === "retrain" ? 0 : 1,
  };
}

/** Asks a pipeline's retrain governor, as a person does, and returns what it has decided. */
export async function askForRetraining(
  aws: AwsSettings,
  pipelineName: string,
  reason: string,
): Promise<RetrainDecision> {
  const otherwise = "stack pipeline makes it, unless its config retrain is false";
  return decisionSchema.parse(await invoke(aws, governorName(pipelineName), { reason }, otherwise));
}
