import { createHash } from "node:crypto";

const DAY_MS = 86_400_000;

/** A span of time: its begin belongs to it and its end does not, such as `2026-03-01T12:00:00.000Z`. */
export interface TimeWindow {
  readonly from: string;
  readonly to: string;
}

/**
 * The window that is asked for, else the last whole one before the time that is given. Whole ones lie end to end since 1970, so that every
 * call for the same one names it alike.
 *
 * @throws if one of two ends is missing, is no time, or comes too late
 */
export function windowOf(
  { time, from, to }: { readonly time?: string; readonly from?: string; readonly to?: string },
  windowSeconds: number,
  now: Date,
): TimeWindow {
  if (from !== undefined || to !== undefined) {
    const [start, end] = [timeOf("from", from), timeOf("to", to)];
    if (start >= end) {
      throw new Error(`from must be before to, got from ${from} and to ${to}`);
    }
    return written(start, end);
  }
  const windowMs = windowSeconds * 1000;
  const at = time === undefined ? now.getTime() : timeOf("time", time);
  const end = Math.floor(at / windowMs) * windowMs;
  return written(end - windowMs, end);
}

/** `Date.parse` takes much else, such as `5` for the 1st of May. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function timeOf(name: string, text: unknown): number {
  const time = typeof text === "string" && TIME.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) {
    throw new Error(`${name} must be a time such as 2026-03-01T12:00:00Z, got ${JSON.stringify(text)}`);
  }
  return time;
}

function written(from: number, to: number): TimeWindow {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

/** Whether it is the schedule that asks, rather than somebody with a window of his own. */
export function isScheduled({ from, to }: { readonly from?: string; readonly to?: string }): boolean {
  return from === undefined && to === undefined;
}

/** The window of the same length that ends where this one begins. */
export function windowBefore({ from, to }: TimeWindow): TimeWindow {
  const start = Date.parse(from);
  return written(start - (Date.parse(to) - start), start);
}

/** A window that begins and ends so many days later, or earlier if they are negative. */
export function daysLater({ from, to }: TimeWindow, { begin, end }: { begin: number; end: number }): TimeWindow {
  return written(Date.parse(from) + begin * DAY_MS, Date.parse(to) + end * DAY_MS);
}

/** Whether it consists of whole days in UTC. */
export function isWholeDays({ from, to }: TimeWindow): boolean {
  return Date.parse(from) % DAY_MS === 0 && Date.parse(to) % DAY_MS === 0;
}

/**
 * Name of the job of an endpoint's window: `<schedule>-<begin, to the minute>-<digest>`. SageMaker takes a name once, for ever, and so there
 * is never another one. It has 22 characters more than the schedule's name.
 *
 * @param call tells calls for the same window apart @default - they are not told apart
 */
export function jobName(schedule: string, endpointName: string, { from, to }: TimeWindow, call?: string): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([endpointName, from, to, ...(call === undefined ? [] : [call])]))
    .digest("hex")
    .slice(0, 8);
  return `${schedule}-${from.slice(0, 16).replaceAll(/[-T:]/g, "")}-${digest}`;
}

/**
 * Where the reports of a window lie below the endpoint's folder: `<yyyy>/<mm>/<dd>/<hh>`, by its begin. A window that is not the schedule's
 * own has a folder below that, so that it takes no other's place.
 */
export function hourFolder({ from, to }: TimeWindow, windowSeconds: number, ofJob: string): string {
  const hour = from.slice(0, 13).replaceAll(/[-T]/g, "/");
  const isScheduled = Date.parse(to) - Date.parse(from) === windowSeconds * 1000;
  const isOnTheHour = Date.parse(from) % 3_600_000 === 0;
  return isScheduled && isOnTheHour ? hour : `${hour}/${ofJob}`;
}
