import { randomUUID } from "node:crypto";
import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import type { EventSink, ServiceEvent } from "../../core/local";
import { pager } from "../../core/paging";
import type { Rule } from "./rules";

/** An event as rules see it and targets get it. */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

/** The default event bus: what is put on it goes to the targets of every rule that means it. */
export class Bus implements EventSink {
  constructor(
    private readonly clock: Clock,
    private readonly account: Account,
    private readonly rules: () => readonly Rule[],
    private readonly deliver: (rule: Rule, event: BusEvent) => void,
  ) {}

  put(event: ServiceEvent, time: Date = this.clock.now()): BusEvent {
    const made = this.envelope(event, time);
    for (const rule of this.rules()) {
      if (rule.definition.state === "ENABLED" && rule.definition.matches(made)) {
        this.deliver(rule, made);
      }
    }
    return made;
  }

  /** A rule's schedule is due: its own targets are told, whatever other rules wait for. */
  due(rule: Rule): void {
    const event = { source: "aws.events", "detail-type": "Scheduled Event", resources: [rule.arn], detail: {} };
    this.deliver(rule, this.envelope(event, this.clock.now()));
  }

  private envelope({ source, resources = [], detail, ...named }: ServiceEvent, time: Date): BusEvent {
    return {
      version: "0",
      id: randomUUID(),
      "detail-type": named["detail-type"],
      source,
      account: this.account.accountId,
      time: time.toISOString().replace(/\.\d+Z$/, "Z"),
      region: this.account.region,
      resources,
      detail,
    };
  }
}

/**
 * The default event bus is the only one here.
 *
 * @throws AwsError `ResourceNotFoundException`
 */
export function checkBus(name: string | undefined): void {
  if (name !== undefined && name !== "default" && !/^arn:aws:events:[^:]+:\d{12}:event-bus\/default$/.test(name)) {
    throw new AwsError(
      "ResourceNotFoundException",
      `Event bus ${name} does not exist. The local AWS has the default event bus only.`,
    );
  }
}

/** One page of a list. */
export const page = pager(100, (token) => new AwsError("ValidationException", `The next token ${token} is invalid.`));
