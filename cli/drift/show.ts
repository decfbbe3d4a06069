import { MONITORING_SUBFOLDERS, monitoringNames } from "../../lib/monitoring-names";
import { monitoringFolder, watchPrefix } from "../../lib/release";
import { alarmsInWords, alarmStates } from "../support/alarms";
import type { Answer } from "../support/answer";
import type { Context } from "../support/context";
import { featuresInWords, reportsInWords } from "./report";
import { lastReports } from "./reports";

export interface ShowOptions {
  readonly stack: string;
  readonly last: number;
  readonly days: number;
}

/** `safe-deploy drift show` */
export async function show(context: Context, { stack, last, days }: ShowOptions): Promise<Answer> {
  const { aws, model } = context;
  const { driftAlarm, driftJobsAlarm } = monitoringNames(watchPrefix(model, stack));
  const bucket = await context.bucket();
  const folder = { bucket, prefix: `${monitoringFolder(model, stack)}/${MONITORING_SUBFOLDERS.reports}/` };
  const alarmNames = [driftAlarm, driftJobsAlarm];
  const [alarms, reports] = await Promise.all([
    alarmStates(aws, alarmNames),
    lastReports(aws, folder, { days, last, now: new Date() }),
  ]);
  const compared = reports.find(({ outcome }) => outcome === "compared");
  return {
    json: { alarms, reports },
    lines: [
      ...alarmsInWords(alarmNames, alarms),
      "",
      ...(reports.length === 0
        ? [`no report of the last ${days} days in s3://${bucket}/${folder.prefix}`]
        : reportsInWords(reports)),
      ...(compared === undefined ? [] : ["", "The newest comparison:", ...featuresInWords(compared)]),
    ],
  };
}
