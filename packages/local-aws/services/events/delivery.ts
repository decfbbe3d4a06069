import { CodePipelineClient, StartPipelineExecutionCommand } from "@aws-sdk/client-codepipeline";
import { z } from "zod";
import { initiatedBy } from "../../core/initiator";
import { clientConfig, type Local } from "../../core/local";
import type { Recipients } from "../../core/recipients";
import type { BusEvent } from "./bus";
import { inputOf } from "./input";
import type { Rule, RuleTarget } from "./rules";
import { sendToQueue } from "./queue";
import { targetKind } from "./target-kind";

/** What EventBridge passes on to a pipeline of a target's input. */
const pipelineInput = z.object({
  variables: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
  sourceRevisions: z
    .array(
      z.object({
        actionName: z.string(),
        revisionType: z.enum(["COMMIT_ID", "IMAGE_DIGEST", "S3_OBJECT_KEY", "S3_OBJECT_VERSION_ID"]),
        revisionValue: z.string(),
      }),
    )
    .optional(),
});

/** Delivers events to targets: to a pipeline in the name of the target's role, to the others where their own policies allow it. */
export class Deliveries {
  constructor(
    private readonly local: Local,
    private readonly recipients: Recipients,
  ) {}

  /** Delivers to all of a rule's targets in the background. A delivery that fails is told; it goes to the dead-letter queue if there is one. */
  deliver(rule: Rule, event: BusEvent): void {
    this.count(rule, "TriggeredRules");
    for (const target of rule.targets.values()) {
      void this.toTarget(rule, target, event);
    }
  }

  private async toTarget(rule: Rule, target: RuleTarget, event: BusEvent): Promise<void> {
    const { name } = rule.definition;
    const input = inputOf(target, event, { ruleArn: rule.arn, ruleName: name });
    try {
      this.count(rule, "Invocations");
      await this.send(rule, target, input);
    } catch (error) {
      this.count(rule, "FailedInvocations");
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      console.error(`local AWS: EventBridge could not deliver an event of rule ${name} to ${target.Arn}: ${reason}`);
      await this.toDeadLetters(rule, target, input, reason);
    }
  }

  private async send(rule: Rule, target: RuleTarget, input: string): Promise<void> {
    const kind = targetKind(target.Arn);
    if (kind === "codepipeline") {
      return this.startPipeline(rule, target, input);
    }
    const sender = { service: "events.amazonaws.com", sourceArn: rule.arn };
    if (kind === "lambda") {
      return this.recipients.invoke(target.Arn, input, sender);
    }
    return kind === "sns"
      ? this.recipients.publish(target.Arn, { message: input }, sender)
      : sendToQueue(this.local, target.Arn, input, {});
  }

  private async startPipeline(rule: Rule, target: RuleTarget, input: string): Promise<void> {
    const session = await this.local.sessions.assumeAs("events.amazonaws.com", target.RoleArn ?? "", SESSION_NAME);
    const client = new CodePipelineClient(clientConfig(this.local, session));
    client.middlewareStack.use(initiatedBy(rule.arn));
    const isOwnInput =
      target.Input !== undefined || target.InputTransformer !== undefined || target.InputPath !== undefined;
    try {
      const further = isOwnInput ? pipelineInput.parse(JSON.parse(input)) : {};
      const name = target.Arn.slice(target.Arn.lastIndexOf(":") + 1);
      await client.send(new StartPipelineExecutionCommand({ name, ...further }));
    } finally {
      client.destroy();
    }
  }

  private async toDeadLetters(rule: Rule, target: RuleTarget, input: string, reason: string): Promise<void> {
    const queue = target.DeadLetterConfig?.Arn;
    if (queue === undefined) {
      return;
    }
    try {
      const attributes = { RULE_ARN: rule.arn, TARGET_ARN: target.Arn, ERROR_MESSAGE: reason };
      await sendToQueue(this.local, queue, input, attributes);
    } catch (error) {
      console.error(`local AWS: the dead-letter queue ${queue} did not take the event either: ${String(error)}`);
    }
  }

  private count(rule: Rule, name: string): void {
    this.local.metrics.put([
      { namespace: "AWS/Events", name, dimensions: { RuleName: rule.definition.name }, value: 1, unit: "Count" },
    ]);
  }
}

const SESSION_NAME = "EventBridge";
