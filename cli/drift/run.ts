import { setTimeout as sleep } from "node:timers/promises";
import { monitoringNames } from "../../lib/monitoring-names";
import { watchPrefix } from "../../lib/release";
import { durationOf, type Answer } from "../support/answer";
import type { AwsSettings, Context } from "../support/context";
import { reportOfJob, startDriftJobs, type StartedJob } from "./jobs";
import { driftedIn, featuresInWords, reportsInWords, type DriftReport } from "./report";

export interface RunOptions {
  readonly stack: string;
  readonly hours: number;
  readonly from?: string;
  readonly to?: string;
}

const LOOK_EVERY_MS = 500;
const HOUR_MS = 3_600_000;
/** Exit status where something has drifted, so that a script can tell it from a failure. */
const DRIFTED = 2;

/** `safe-deploy drift run` */
export async function run({ aws, model, terminal }: Context, options: RunOptions): Promise<Answer> {
  const { schedule } = monitoringNames(watchPrefix(model, options.stack));
  const window = windowOf(options, new Date());
  terminal.progress(`asking ${schedule} about ${window.from} to ${window.to}`);
  const jobs = await startDriftJobs(aws, schedule, window);
  if (jobs.length === 0) {
    throw new Error(`no release of stack ${options.stack} has traffic`);
  }
  const began = performance.now();
  const reports = await Promise.all(
    jobs.map((job) =>
      endOf(aws, job, () => {
        const names = jobs.map(({ jobName }) => jobName).join(", ");
        const detail = durationOf((performance.now() - began) / 1000);
        terminal.show([{ text: `waiting for ${names}`, detail }]);
      }),
    ),
  );
  const hasDrifted = reports.some((report) => driftedIn(report).length > 0);
  return {
    json: { window, jobs, reports },
    lines: [
      ...reportsInWords(reports),
      ...reports.flatMap((report) => {
        const columns = featuresInWords(report);
        return columns.length === 0 ? [] : ["", `${report.endpoint ?? "the endpoint"}:`, ...columns];
      }),
    ],
    exitStatus: hasDrifted ? DRIFTED : 0,
  };
}

/** The window that is asked for. */
function windowOf({ hours, from, to }: RunOptions, now: Date) {
  const wrong = Object.entries({ from, to }).filter(([, text]) => text !== undefined && Number.isNaN(Date.parse(text)));
  if (wrong.length > 0) {
    const told = wrong.map(([name, text]) => `--${name} must be a time such as 2026-03-01T12:00:00Z, got "${text}"`);
    throw new Error(told.join("\n"));
  }
  const end = to ?? now.toISOString();
  return { from: from ?? new Date(Date.parse(end) - hours * HOUR_MS).toISOString(), to: end };
}

async function endOf(aws: AwsSettings, { jobName }: StartedJob, onLook: () => void): Promise<DriftReport> {
  for (;;) {
    const report = await reportOfJob(aws, jobName);
    if (report !== undefined) {
      return report;
    }
    onLook();
    await sleep(LOOK_EVERY_MS);
  }
}
