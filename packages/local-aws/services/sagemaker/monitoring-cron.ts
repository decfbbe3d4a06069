import { notPartOfLocal } from "../../core/aws-error";
import { invalid } from "./errors";

const HOUR_SECONDS = 3600;
const DAY_HOURS = 24;

/** When a monitoring schedule is due, in UTC. */
export interface MonitoringCron {
  /** Shortest time from one execution to the next. */
  readonly frequencySeconds: number;
  nextAfter(time: Date): Date;
}

/**
 * Reads the few forms that Model Monitor takes: `cron(0 * ? * * *)`, `cron(0 12 ? * * *)`, `cron(0 17/12 ? * * *)`.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html
 *
 * @param expression @default - daily, at a time that SageMaker picks
 * @throws AwsError `ValidationException`
 */
export function monitoringCron(expression = "cron(0 0 ? * * *)"): MonitoringCron {
  if (expression === "NOW") {
    throw notPartOfLocal("ScheduleExpression NOW");
  }
  const [, hour, first = "0", every] = /^cron\(0 (\*|(\d{1,2})(?:\/(\d{1,2}))?) \? \* \* \*\)$/.exec(expression) ?? [];
  const step = hour === "*" ? 1 : Number(every ?? DAY_HOURS);
  if (hour === undefined || Number(first) >= DAY_HOURS || step < 1 || step > DAY_HOURS) {
    throw invalid(
      `ScheduleExpression must be cron(0 * ? * * *), cron(0 [00-23] ? * * *) or cron(0 [00-23]/[01-24] ? * * *), got "${expression}"`,
    );
  }
  const isDue = (time: Date) => {
    const since = time.getUTCHours() - Number(first);
    return since >= 0 && since % step === 0;
  };
  return {
    frequencySeconds: step * HOUR_SECONDS,
    nextAfter(time) {
      const next = new Date(Math.floor(time.getTime() / 3_600_000) * 3_600_000);
      do {
        next.setUTCHours(next.getUTCHours() + 1);
      } while (!isDue(next));
      return next;
    },
  };
}
