import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { caller, clientSettings, passes, type Caller } from "../run/aws";
import { explained } from "../run/failure";
import type { Patience } from "../run/patience";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** SNS takes subjects of less than 100 characters. */
const MAX_SUBJECT = 99;

/** A rollout does not wait for a topic as long as for what it is about. */
const ATTEMPTS = 3;
const PAUSE_SECONDS = 0.5;
const ATTEMPT_MILLISECONDS = 10_000;

/** Tells a topic, where there is one, what becomes of a rollout. */
export class Notifications {
  private readonly sns: Caller<SNSClient>;

  /** @param tell Takes the line that a message could not be sent. */
  constructor(
    private readonly inputs: Pick<LambdaRolloutInputs, "region" | "notificationTopicArn">,
    private readonly patience: Patience,
    private readonly tell: (line: string) => void,
  ) {
    this.sns = caller(() => new SNSClient(clientSettings(inputs.region)));
  }

  /**
   * Sends a message, with the attribute `event` for subscriptions to filter by. Never fails: where the topic cannot be reached in a
   * few seconds, that is told.
   *
   * @param subject Cut to what SNS takes: one line of fewer than 100 ASCII characters.
   */
  async send(
    event: "started" | "succeeded" | "failed" | "rolled-back",
    subject: string,
    message: string,
  ): Promise<void> {
    const { notificationTopicArn: TopicArn } = this.inputs;
    if (TopicArn === undefined) {
      return;
    }
    const command = new PublishCommand({
      TopicArn,
      Subject: asSubject(subject),
      Message: message,
      MessageAttributes: { event: { DataType: "String", StringValue: event } },
    });
    for (let attempt = 1; ; attempt++) {
      try {
        await this.sns((client) => client.send(command, { abortSignal: AbortSignal.timeout(ATTEMPT_MILLISECONDS) }));
        return;
      } catch (error) {
        if (attempt === ATTEMPTS || !passes(error)) {
          this.tell(`the message "${event}" could not be sent to ${TopicArn} (${explained(error).message})`);
          return;
        }
      }
      await this.patience.wait(PAUSE_SECONDS);
    }
  }
}

function asSubject(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .trim()
    .slice(0, MAX_SUBJECT);
}
