import type { ScheduleStatus } from "@aws-sdk/client-sagemaker";
import { RunControl } from "../../core/run-control";
import type { Context } from "./context";
import { jobDefinitionNamed } from "./data-quality-job-definitions";
import { monitoringCron } from "./monitoring-cron";
import { runMonitoringExecution } from "./monitoring-execution";
import { MonitoringExecution, type MonitoringSchedule } from "./monitoring-schedule";

/** AWS seconds until a schedule is what it was made to be. */
const SETTLING_SECONDS = 30;

/** Makes a schedule `Pending`, and a little later what it shall be. One that is `Scheduled` then runs when it is due. */
export function settle(context: Context, schedule: MonitoringSchedule, status: ScheduleStatus): void {
  schedule.callOff();
  schedule.enter("Pending");
  schedule.callOff = context.local.clock.after(SETTLING_SECONDS * 1000, () => {
    schedule.enter(status);
    if (status === "Scheduled") {
      schedule.unseenSince = wholeSecond(context.local.clock.now());
      waitUntilDue(context, schedule, context.local.clock.now());
    }
  });
}

/** Ends all waiting of schedules and executions; jobs that run are stopped like any others. */
export function stopWatching({ store }: Context): void {
  [...store.monitoringSchedules.values()].forEach((schedule) => schedule.callOff());
  store.monitoringExecutions.forEach(({ control }) => control.stop("closing"));
}

/**
 * Waits in AWS's time, which begins now and passes as fast as the clock says. Captures have real times, so an execution looks at what was
 * captured in the real time since the one before.
 */
function waitUntilDue(context: Context, schedule: MonitoringSchedule, from: Date): void {
  const { clock } = context.local;
  const next = monitoringCron(schedule.settings.config.ScheduleConfig?.ScheduleExpression).nextAfter(from);
  schedule.callOff = clock.after(next.getTime() - from.getTime(), () => {
    waitUntilDue(context, schedule, next);
    const definition = jobDefinitionNamed(context, schedule.jobDefinitionName);
    const window = { start: schedule.unseenSince, end: wholeSecond(clock.now()) };
    schedule.unseenSince = window.end;
    const execution = new MonitoringExecution(schedule, definition, window, new RunControl(clock));
    context.store.monitoringExecutions.push(execution);
    context.background.begin(`execution of monitoring schedule ${schedule.name}`, () =>
      runMonitoringExecution(context, execution),
    );
  });
}

/** Captures tell whole seconds, cut off. */
function wholeSecond(time: Date): Date {
  return new Date(Math.floor(time.getTime() / 1000) * 1000);
}
