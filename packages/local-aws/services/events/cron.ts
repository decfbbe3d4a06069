/** Tells the first time after a time at which a schedule is due; `undefined` if there is none any more. */
export type Schedule = (after: Date) => Date | undefined;

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const DAY_MS = 86_400_000;
const LAST_YEAR = 2199;

type Numbers = ReadonlySet<number>;
/** Whether a day, at midnight UTC, is one that is meant. */
type DayTest = (day: Date) => boolean;

/**
 * Reads the inside of `cron(…)`: minutes, hours, day of month, month, day of week (1 is Sunday), year; with `, - * / ? L W #`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
 *
 * The package aws-cron-parser (1.1.12) does not do for it: it takes expressions that AWS refuses, such as two days or none, and is due
 * on 1 March where a year has no 29 February.
 *
 * @returns `undefined` if it is none, such as where both days are given and neither is `?`
 */
export function parseCron(text: string): Schedule | undefined {
  const [minute, hour, dayOfMonth, month, dayOfWeek, year, ...more] = text.trim().split(/\s+/);
  if (year === undefined || more.length > 0 || (dayOfMonth === "?") === (dayOfWeek === "?")) {
    return undefined;
  }
  const minutes = numbers(minute ?? "", 0, 59);
  const hours = numbers(hour ?? "", 0, 23);
  const months = numbers(named(month ?? "", MONTHS), 1, 12);
  const years = numbers(year, 1970, LAST_YEAR);
  const isDay = dayOfMonth === "?" ? weekDay(named(dayOfWeek ?? "", DAYS)) : monthDay(dayOfMonth ?? "");
  if (!minutes || !hours || !months || !years || !isDay) {
    return undefined;
  }
  return (after) => {
    const earliest = new Date(Math.floor(after.getTime() / 60_000) * 60_000 + 60_000);
    for (let day = midnight(earliest); day.getUTCFullYear() <= LAST_YEAR; day = new Date(day.getTime() + DAY_MS)) {
      if (years.has(day.getUTCFullYear()) && months.has(day.getUTCMonth() + 1) && isDay(day)) {
        const times = [...hours].flatMap((h) => [...minutes].map((m) => day.getTime() + (h * 60 + m) * 60_000));
        const due = times.filter((time) => time >= earliest.getTime()).sort((a, b) => a - b)[0];
        if (due !== undefined) {
          return new Date(due);
        }
      }
    }
    return undefined;
  };
}

function midnight(time: Date): Date {
  return new Date(Math.floor(time.getTime() / DAY_MS) * DAY_MS);
}

/** Replaces names such as `MON` by numbers from 1 on. */
function named(text: string, names: readonly string[]): string {
  return text.replace(/[A-Za-z]{3}/g, (name) => {
    const index = names.indexOf(name.toUpperCase());
    return index < 0 ? name : String(index + 1);
  });
}

/** A list of numbers, ranges and steps. */
function numbers(text: string, min: number, max: number): Numbers | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(?:(\*)|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) {
      return undefined;
    }
    const [, all, from, to, step] = match;
    const first = all === undefined ? Number(from) : min;
    const last = to !== undefined ? Number(to) : all !== undefined || step !== undefined ? max : first;
    if (first < min || last > max || first > last || Number(step ?? 1) < 1) {
      return undefined;
    }
    for (let value = first; value <= last; value += Number(step ?? 1)) {
      found.add(value);
    }
  }
  return found;
}

function monthDay(text: string): DayTest | undefined {
  if (text === "L") {
    return (day) => day.getUTCDate() === lastOfMonth(day);
  }
  const [, nearest] = /^(\d{1,2})W$/.exec(text) ?? [];
  if (nearest !== undefined) {
    const wanted = Number(nearest);
    return wanted >= 1 && wanted <= 31 ? (day) => day.getUTCDate() === nearestWorkday(day, wanted) : undefined;
  }
  const days = numbers(text, 1, 31);
  return days && ((day) => days.has(day.getUTCDate()));
}

function weekDay(text: string): DayTest | undefined {
  const [, day, nth] = /^([1-7])(?:#([1-5])|L)$/.exec(text) ?? [];
  if (day !== undefined) {
    const isWanted = (date: Date) => date.getUTCDay() + 1 === Number(day);
    return nth === undefined
      ? (date) => isWanted(date) && date.getUTCDate() + 7 > lastOfMonth(date)
      : (date) => isWanted(date) && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  }
  const days = text === "L" ? new Set([7]) : numbers(text, 1, 7);
  return days && ((date) => days.has(date.getUTCDay() + 1));
}

function lastOfMonth(day: Date): number {
  return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).getUTCDate();
}

/** The day from Monday to Friday that is nearest to a day of the month, within the month; 0 if the month has no such day. */
function nearestWorkday(day: Date, wanted: number): number {
  const last = lastOfMonth(day);
  if (wanted > last) {
    return 0;
  }
  const weekday = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), wanted)).getUTCDay();
  if (weekday === 6) {
    return wanted === 1 ? 3 : wanted - 1;
  }
  if (weekday === 0) {
    return wanted === last ? wanted - 2 : wanted + 1;
  }
  return wanted;
}
