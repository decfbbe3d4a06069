import { GetPolicyCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetTopicAttributesCommand, PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { AwsError } from "./aws-error";
import { clientConfig, type Local } from "./local";

/** A service of AWS that does something for one of its resources. */
export interface Sender {
  /** Such as `events.amazonaws.com`. */
  readonly service: string;
  /** The resource, such as a rule. */
  readonly sourceArn: string;
  /** Further condition keys of the request, such as `AWS:SourceOwner`. @default none */
  readonly context?: Readonly<Record<string, string>>;
}

/** Whether a resource's own policy lets a service do something with it. */
export type ResourcePolicyAllows = (
  policy: string,
  request: Sender & { readonly action: string; readonly resource: string },
) => boolean;

/** Functions and topics to which services tell something, where the policies that these have of their own let them. */
export class Recipients {
  constructor(
    private readonly local: Pick<Local, "account" | "endpoint">,
    private readonly allows: ResourcePolicyAllows,
  ) {}

  /**
   * Calls a function asynchronously: what it makes of it is not the sender's concern.
   *
   * @throws AwsError `AccessDenied`
   */
  async invoke(functionArn: string, payload: string, sender: Sender): Promise<void> {
    const client = new LambdaClient(clientConfig(this.local));
    try {
      const policy = await this.functionPolicy(client, functionArn);
      this.check(policy, "lambda:InvokeFunction", functionArn, sender);
      const Payload = Buffer.from(payload);
      await client.send(new InvokeCommand({ FunctionName: functionArn, InvocationType: "Event", Payload }));
    } finally {
      client.destroy();
    }
  }

  /** @throws AwsError `AccessDenied` */
  async publish(
    topicArn: string,
    { subject, message }: { readonly subject?: string; readonly message: string },
    sender: Sender,
  ): Promise<void> {
    const client = new SNSClient(clientConfig(this.local));
    try {
      const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn: topicArn }));
      this.check(Attributes?.Policy, "sns:Publish", topicArn, sender);
      await client.send(new PublishCommand({ TopicArn: topicArn, Subject: subject, Message: message }));
    } finally {
      client.destroy();
    }
  }

  private check(policy: string | undefined, action: string, resource: string, sender: Sender): void {
    if (policy === undefined || !this.allows(policy, { ...sender, action, resource })) {
      throw new AwsError(
        "AccessDenied",
        `${sender.service} is not authorized to perform: ${action} on resource: ${resource} because no resource-based policy allows the ${action} action`,
        403,
      );
    }
  }

  private async functionPolicy(client: LambdaClient, FunctionName: string): Promise<string | undefined> {
    try {
      return (await client.send(new GetPolicyCommand({ FunctionName }))).Policy;
    } catch (error) {
      // No function or no policy: nothing is permitted.
      if (error instanceof Error && error.name === "ResourceNotFoundException") {
        return undefined;
      }
      throw error;
    }
  }
}
