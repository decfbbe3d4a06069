import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in the past, for an option: `90m`, `24h` and `7d` ago, or a time such as `2026-11-30T12:00:00Z`. */
export function since(text: string): Date {
  const [, number, unit = ""] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const time = number === undefined ? Date.parse(text) : Date.now() - Number(number) * (UNITS[unit] ?? NaN);
  if (!(time < Date.now())) {
    throw new InvalidArgumentError(
      `must be a time in the past such as 90m, 24h, 7d or 2026-11-30T12:00:00Z, got "${text}"`,
    );
  }
  return new Date(time);
}
