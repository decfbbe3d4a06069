import { monitoringNames } from "../../lib/monitoring-names";
import { watchPrefix } from "../../lib/release";
import { alarmsInWords, alarmStates } from "../support/alarms";
import { table, timeOf, type Answer } from "../support/answer";
import type { Context } from "../support/context";
import { counted } from "../support/numbers";
import { canaryMinutes, canaryRuns } from "./runs";

export interface ShowOptions {
  readonly stack: string;
  readonly last: number;
  readonly hours: number;
}

/** `safe-deploy canary show` */
export async function show({ aws, model }: Context, { stack, last, hours }: ShowOptions): Promise<Answer> {
  const { canary } = monitoringNames(watchPrefix(model, stack));
  const [day, minutes, alarms] = await Promise.all([
    canaryRuns(aws, canary),
    canaryMinutes(aws, canary, hours),
    // The alarm is called like the canary.
    alarmStates(aws, [canary]),
  ]);
  const shown = minutes.slice(0, last);
  const rows = shown.map(({ time, runs, successPercent, tookMs }) => [
    timeOf(new Date(time)),
    counted(runs),
    `${successPercent} %`,
    tookMs === undefined ? "" : `${Math.round(tookMs)} ms`,
  ]);
  return {
    json: { canary, alarms, day: day ?? null, minutes: shown },
    lines: [
      ...alarmsInWords([canary], alarms),
      day === undefined
        ? `canary ${canary} has not run in the last day: the stack's config canary makes it`
        : `canary ${canary}: found all well in ${day.successPercent} % of the last day's ${counted(day.runs)} runs`,
      ...(rows.length === 0 ? [] : ["", ...table([["minute", "runs", "found all well", "took"], ...rows])]),
    ],
  };
}
