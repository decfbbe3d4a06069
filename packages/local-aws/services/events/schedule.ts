import { AwsError } from "../../core/aws-error";
import { parseCron, type Schedule } from "./cron";

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * Reads a schedule expression: `rate(5 minutes)` or `cron(0 12 1 * ? *)`, in UTC.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 *
 * @throws AwsError `ValidationException`
 */
export function parseSchedule(expression: string): Schedule {
  const [, kind, inside = ""] = /^(rate|cron)\((.*)\)$/.exec(expression) ?? [];
  const schedule = kind === "rate" ? rate(inside) : kind === "cron" ? parseCron(inside) : undefined;
  if (schedule === undefined) {
    throw new AwsError("ValidationException", "Parameter ScheduleExpression is not valid.");
  }
  return schedule;
}

/** AWS wants the singular for one and the plural for more. */
function rate(text: string): Schedule | undefined {
  const [, count, unit = "", plural] = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined || (Number(count) === 1) !== (plural === "")) {
    return undefined;
  }
  return (after) => new Date(after.getTime() + Number(count) * unitMs);
}
