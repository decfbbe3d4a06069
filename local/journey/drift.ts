import { setTimeout as sleep } from "node:timers/promises";
import { reportOfJob, startDriftJobs, type StartedJob } from "../../cli/drift/jobs";
import type { DriftReport } from "../../cli/drift/report";
import { alarmStates } from "../../cli/support/alarms";
import { jobName, windowOf, type TimeWindow } from "../../handlers/time-window";
import { monitoringNames } from "../../lib/monitoring-names";
import { modelPrefix } from "../../lib/release";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { Model } from "../../lib/model";
import { windowSeconds } from "./local-config";
import { waitFor } from "./wait-for";

/** Fewest rows that the drift monitor compares by default. */
export const LEAST_COMPARED = 100;

/** AWS seconds that a job may take, or an alarm until it has seen what the job has found. */
const PATIENCE_SECONDS = 1200;
/** AWS seconds until captures are in S3: the local AWS writes them every minute. */
const CAPTURE_SECONDS = 90;
/** Least real seconds of that. */
const LEAST_CAPTURE_SECONDS = 1;

/** The drift monitor of a model as a person at a terminal uses it. */
export class DriftWatch {
  private readonly names: ReturnType<typeof monitoringNames>;
  /** How long a job or an alarm may take. */
  private readonly patience: { readonly awsSeconds: number; readonly speed: number };

  constructor(
    private readonly aws: LocalAws,
    model: Pick<Model, "name">,
    private readonly speed: number,
  ) {
    this.names = monitoringNames(modelPrefix(model.name));
    this.patience = { awsSeconds: PATIENCE_SECONDS, speed };
  }

  /** Does something that traffic comes of, and waits until that has been captured. Returns the window in which it was. */
  async windowOf(traffic: () => Promise<void>): Promise<TimeWindow> {
    // Captures tell whole seconds, cut off.
    const from = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    await traffic();
    await sleep(1000 * Math.max(LEAST_CAPTURE_SECONDS, CAPTURE_SECONDS / this.speed));
    return { from, to: new Date().toISOString() };
  }

  /** Asks for jobs that look at a window: one for each release that has traffic. */
  start(window: TimeWindow): Promise<readonly StartedJob[]> {
    return this.asked(window);
  }

  /** What the schedule asks for at a time: jobs that look at the last whole window before it. */
  due(time: Date): Promise<readonly StartedJob[]> {
    return this.asked({ time: time.toISOString() });
  }

  /** Name of the job that looks at the last whole window before a time, of an endpoint. */
  jobName(endpointName: string, time: Date): string {
    const window = windowOf({ time: time.toISOString() }, windowSeconds(this.speed), time);
    return jobName(this.names.schedule, endpointName, window);
  }

  /** Waits until an alarm fires, and returns its name. */
  async alarm(of: "driftAlarm" | "driftJobsAlarm" = "driftAlarm"): Promise<string> {
    await waitFor(`alarm ${this.names[of]} fires`, () => this.isFiring(of), this.patience);
    return this.names[of];
  }

  async isFiring(of: "driftAlarm" | "driftJobsAlarm"): Promise<boolean> {
    const [alarm] = await alarmStates(clientConfig(this.aws), [this.names[of]]);
    return alarm?.state === "ALARM";
  }

  /** Waits until a job has ended, and returns what it has found. */
  reportOf({ jobName: name }: Pick<StartedJob, "jobName">): Promise<DriftReport> {
    return waitFor(`${name} ends`, () => reportOfJob(clientConfig(this.aws), name), this.patience);
  }

  private asked(event: object): Promise<readonly StartedJob[]> {
    return startDriftJobs(clientConfig(this.aws), this.names.schedule, event);
  }
}
