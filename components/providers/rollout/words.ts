import type { Firing } from "./alarms";

/** A time as it appears in messages and in the state. */
export function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** `1 alarm`, `3 alarms`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** An alarm that is in ALARM. */
export function isFiring({ name, reason, since }: Firing): string {
  return `alarm ${name} is in ALARM${since === undefined ? "" : ` since ${timestamp(since)}`}: ${reason}`;
}

/** An alarm that went to ALARM, and may have left it again. */
export function hasFired({ name, reason, since }: Firing): string {
  return `alarm ${name} went to ALARM${since === undefined ? "" : ` at ${timestamp(since)}`}: ${reason}`;
}
