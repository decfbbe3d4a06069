import * as z from "zod/mini";
import { LOOK_AT_ALARMS, REASON_CHARACTERS } from "../lib/contract";

/** Somebody or something wants a retraining. */
export interface RetrainRequest {
  /** The same whenever the same event arrives again. */
  readonly id: string;
  readonly time: Date;
  /** A look is at the alarms, and finds one that is still on. */
  readonly source: "alarm" | "look" | "schedule" | "person";
  /** One line for the approval. */
  readonly reason: string;
  /** What the alarm said. */
  readonly detail?: string;
}

/** An alarm that is on. */
export interface Firing {
  readonly name: string;
  /** @default - not known */
  readonly since?: Date;
  /** What CloudWatch says. */
  readonly reason: string;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
const ALARM = z.object({
  id: z.string(),
  time: z.iso.datetime(),
  "detail-type": z.literal("CloudWatch Alarm State Change"),
  detail: z.object({
    alarmName: z.string(),
    state: z.object({ value: z.literal("ALARM"), reason: z.optional(z.string()) }),
  }),
});

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html */
const SCHEDULE = z.object({ id: z.string(), time: z.iso.datetime(), "detail-type": z.literal("Scheduled Event") });

const LOOK = z.strictObject({ look: z.literal(LOOK_AT_ALARMS.look) });

const PERSON = z.strictObject({ reason: z.string().check(z.regex(/\S/)) });

/** Whether an event asks for nothing by itself, and wants the alarms looked at. */
export const isLook = (event: unknown) => LOOK.safeParse(event).success;

/**
 * What an event asks for.
 *
 * @param invocationId Lambda's id of the invocation, which its own retries keep
 * @throws Error if the event asks for nothing that is known
 */
export function requestOf(event: unknown, invocationId: string, now: Date): RetrainRequest {
  const alarm = ALARM.safeParse(event).data;
  if (alarm !== undefined) {
    const { alarmName, state } = alarm.detail;
    const { id, time } = alarm;
    const detail = state.reason;
    return { id, time: new Date(time), source: "alarm", reason: oneLine(`alarm ${alarmName}`), detail };
  }
  const schedule = SCHEDULE.safeParse(event).data;
  if (schedule !== undefined) {
    return { id: schedule.id, time: new Date(schedule.time), source: "schedule", reason: "the schedule" };
  }
  const person = PERSON.safeParse(event).data;
  if (person !== undefined) {
    return { id: invocationId, time: now, source: "person", reason: oneLine(`a person: ${person.reason}`) };
  }
  throw new Error(
    `the event must be { "reason": "<why>" }, ${JSON.stringify(LOOK_AT_ALARMS)}, an alarm that goes to ALARM, ` +
      "or a scheduled event of EventBridge, " +
      `got ${JSON.stringify(event).slice(0, 500)}`,
  );
}

/**
 * What alarms ask for that are on.
 *
 * @param alarms at least one
 */
export function requestOfAlarms(alarms: readonly Firing[], invocationId: string, now: Date): RetrainRequest {
  const names = alarms.map(({ name }) => name).join(", ");
  const detail = alarms.map(
    ({ name, since, reason }) =>
      `${name} is still on${since === undefined ? "" : `, since ${since.toISOString()}`}: ${reason}`,
  );
  return {
    id: invocationId,
    time: now,
    source: "look",
    reason: oneLine(`${alarms.length === 1 ? "alarm" : "alarms"} ${names}`),
    detail: detail.join("\n"),
  };
}

/** What a variable of CodePipeline may have, and nothing that CodePipeline would take for a variable in it. */
function oneLine(text: string): string {
  const line = text
    .replace(/\s+/g, " ")
    .replace(/[^\x20-\x7e]/g, "?")
    .replaceAll("#{", "# {")
    .trim();
  return line.length <= REASON_CHARACTERS ? line : `${line.slice(0, REASON_CHARACTERS - 3)}...`;
}
