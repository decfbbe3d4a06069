import { driftSettings } from "./drift-settings";
import { startJobs, type MonitorEvent } from "./monitoring-jobs";
import { hourFolder, isScheduled, jobName, windowBefore, windowOf } from "./time-window";

/**
 * Starts a processing job for each release that traffic goes to, which compares a window of its traffic with its baseline. A window has one
 * job at most, whatever calls the function and however often. See {@link startJobs} for what it does about jobs that have failed.
 */
export async function handler(event: MonitorEvent): ReturnType<typeof startJobs> {
  const settings = driftSettings();
  const { schedule, windowSeconds, baselineUri, reportsUri } = settings;
  const now = new Date();
  const window = windowOf(event, windowSeconds, now);
  if (!isScheduled(event) && Date.parse(window.to) > now.getTime()) {
    throw new Error(`to must not be in the future, since a window is looked at once, got ${window.to}`);
  }
  const before = windowBefore(window);
  return startJobs({
    settings,
    kind: "drift job",
    window,
    nameOf: (endpointName) => jobName(schedule, endpointName, window),
    ...(isScheduled(event) ? { nameBefore: (endpointName) => jobName(schedule, endpointName, before) } : {}),
    program: ({ jobName: ofJob, endpointName, release }) => ({
      file: "drift.py",
      arguments: [],
      inputs: { baseline: baselineUri.replaceAll("{release}", release) },
      outputUri: `${reportsUri}/${endpointName}/${hourFolder(window, windowSeconds, ofJob)}`,
    }),
  });
}
