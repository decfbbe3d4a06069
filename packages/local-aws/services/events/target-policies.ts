import { GetPolicyCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetTopicAttributesCommand, SNSClient } from "@aws-sdk/client-sns";
import { AwsError } from "../../core/aws-error";
import { clientConfig, type Local } from "../../core/local";
import { targetKind } from "./target-kind";

/** Whether a resource's own policy lets EventBridge do something with it, for a rule. */
export type ResourcePolicyAllows = (
  policy: string,
  request: { readonly action: string; readonly resource: string; readonly service: string; readonly sourceArn: string },
) => boolean;

/** Asks targets whether EventBridge may deliver to them: functions and topics have policies of their own that must say so. */
export class TargetPolicies {
  constructor(
    private readonly local: Local,
    private readonly allows: ResourcePolicyAllows,
  ) {}

  /** Queues are not asked. @throws AwsError `AccessDenied` */
  async check(targetArn: string, ruleArn: string): Promise<void> {
    const kind = targetKind(targetArn);
    if (kind !== "lambda" && kind !== "sns") {
      return;
    }
    const action = kind === "lambda" ? "lambda:InvokeFunction" : "sns:Publish";
    const policy = kind === "lambda" ? await this.functionPolicy(targetArn) : await this.topicPolicy(targetArn);
    const request = { action, resource: targetArn, service: "events.amazonaws.com", sourceArn: ruleArn };
    if (policy === undefined || !this.allows(policy, request)) {
      throw new AwsError(
        "AccessDenied",
        `events.amazonaws.com is not authorized to perform: ${action} on resource: ${targetArn} because no resource-based policy allows the ${action} action`,
        403,
      );
    }
  }

  private async functionPolicy(FunctionName: string): Promise<string | undefined> {
    const client = new LambdaClient(clientConfig(this.local));
    try {
      return (await client.send(new GetPolicyCommand({ FunctionName }))).Policy;
    } catch (error) {
      // No function or no policy: nothing is permitted.
      if (error instanceof Error && error.name === "ResourceNotFoundException") {
        return undefined;
      }
      throw error;
    } finally {
      client.destroy();
    }
  }

  private async topicPolicy(TopicArn: string): Promise<string | undefined> {
    const client = new SNSClient(clientConfig(this.local));
    try {
      return (await client.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes?.Policy;
    } finally {
      client.destroy();
    }
  }
}
