import { explained } from "../../../lib/errors";
import type { Waiter } from "../support/waiter";
import { counted } from "../support/words";
import type { BlueGreen, FunctionVersion } from "./alias";
import { Alarms, hasFired, isFiring, ReleaseMetrics, type Firing } from "./cloudwatch";
import type { Deployment } from "./deployments";
import type { LambdaRolloutInputs } from "./inputs";
import { Prober } from "./prober";

/** What judges a release that gets traffic: alarms, its latency beside the old release's, and how much it was asked, also by us. */
export class Judges {
  private readonly alarms: Alarms;
  private readonly metrics: ReleaseMetrics;
  private prober: Prober | undefined;

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly waiter: Waiter,
  ) {
    this.alarms = new Alarms(inputs, waiter);
    this.metrics = new ReleaseMetrics(inputs, waiter);
  }

  /**
   * Reads what a rollout will be judged by, before it begins: what is in ALARM already would stop it, and what cannot be read would
   * be missed in the middle of it.
   *
   * @returns the alarms that CodeDeploy is to watch instead of its group's; `undefined` for those.
   * @throws where an alarm does not exist, or is in ALARM and this is no emergency.
   */
  async beforehand(): Promise<readonly string[] | undefined> {
    const { alarmNames, emergency, release, kind } = this.inputs;
    await this.refuseMissing();
    const firing = await this.alarms.firing(alarmNames);
    if (firing.length > 0 && !emergency) {
      throw new Error(
        [
          `release ${release} is not rolled out: ${counted(firing.length, "alarm")} that would stop it ${firing.length === 1 ? "is" : "are"} in ALARM already`,
          ...firing.map((alarm) => `  ${isFiring(alarm)}`),
          "Mend what they tell of, wait until they are OK and run pulumi up again; or, where this release is the cure, leave them " +
            `unwatched: ${kind === "api" ? "pulumi config set emergency true && pulumi up" : "pulumi up with emergency: true"}`,
        ].join("\n"),
      );
    }
    firing.forEach((alarm) => this.waiter.tell(`EMERGENCY: not watched: ${isFiring(alarm)}`));
    await this.tryMetrics();
    const ignored = firing.map(({ name }) => name);
    return emergency && alarmNames.length > 0 ? alarmNames.filter((name) => !ignored.includes(name)) : undefined;
  }

  /** @throws where alarms do not exist: CodeDeploy fails a deployment that it cannot read an alarm for, after the first shift. */
  async refuseMissing(): Promise<void> {
    const { alarmNames, release } = this.inputs;
    const missing = await this.alarms.missing(alarmNames);
    if (missing.length > 0) {
      throw new Error(
        `release ${release} is not rolled out: there is no alarm named ${missing.join(", ")} to watch it by: create it, or take it out of alarmNames`,
      );
    }
  }

  /** Sends probes to the new version from now on, where there are any. */
  probe({ version }: FunctionVersion): void {
    const { probe } = this.inputs;
    if (probe !== undefined && this.prober === undefined) {
      this.waiter.tell(`probing version ${version} directly, ${probe.perSecond} times a second`);
      this.prober = new Prober(this.inputs, version);
      this.prober.start();
    }
  }

  /** Sends no more of them. */
  async end(): Promise<void> {
    await this.prober?.stop();
  }

  /**
   * What is wrong with the probes' answers, if anything. Those of any function are judged here; what those of a model's API find shows in
   * the metrics of the release, which its alarms watch.
   */
  failedProbes(): string | undefined {
    const { answered = 0, failed = 0, lastFailure } = this.prober?.counts() ?? {};
    return this.inputs.probe?.event === undefined || failed === 0
      ? undefined
      : `${failed} of ${counted(answered + failed, "probe")} failed: ${lastFailure ?? "?"}`;
  }

  /** One look at the latency: what is wrong with it, if anything. */
  lookSlow({ blue, green }: BlueGreen, since: Date): Promise<string | undefined> {
    return this.metrics.lookSlowerThanBlue(green, blue, since);
  }

  /** One look at everything: what is wrong, if anything. */
  async lookBreach(deployment: Deployment, versions: BlueGreen): Promise<string | undefined> {
    const firing = await this.alarms.lookFiring(this.watched(deployment));
    return firing.length > 0
      ? firing.map(isFiring).join("\n  ")
      : (this.failedProbes() ?? this.lookSlow(versions, beginOf(deployment)));
  }

  /** Alarms that have fired since the deployment began, also those that are OK again. */
  async fired(deployment: Deployment): Promise<string | undefined> {
    const fired = await this.alarms.firedSince(this.watched(deployment), beginOf(deployment));
    return fired.length > 0 ? fired.map(hasFired).join("\n  ") : undefined;
  }

  /** The same, and those of others, such as the deployment group's: one line each, with CloudWatch's reason. */
  async firingOrFired(deployment: Deployment, others: readonly string[]): Promise<string[]> {
    const ignored = ignoredAlarms(this.inputs, deployment);
    const names = [...new Set([...this.inputs.alarmNames, ...others])].filter((name) => !ignored.includes(name));
    const firing = await this.alarms.firing(names);
    const fired = await this.alarms.firedSince(names, beginOf(deployment));
    const isQuiet = ({ name }: Firing) => !firing.some((other) => other.name === name);
    return [...firing.map(isFiring), ...fired.filter(isQuiet).map(hasFired)];
  }

  /**
   * One look at how many requests the new release has had, by whichever count is further. A probe that failed may never have reached
   * it; where it did, the release has counted it itself.
   */
  async lookRequests(deployment: Deployment, green: FunctionVersion): Promise<number> {
    const { answered = 0 } = this.prober?.counts() ?? {};
    if (answered >= this.inputs.minimumRequests) {
      return answered;
    }
    const { requests } = await this.metrics.lookCounts(green, beginOf(deployment));
    return Math.max(answered, requests);
  }

  /** How many requests the new release has answered and how many it has failed, in words; what cannot be read is said as well. */
  async requestsInWords(deployment: Deployment): Promise<string> {
    const { release } = this.inputs;
    const { answered, failed, lastFailure } = this.prober?.counts() ?? {};
    const last = lastFailure === undefined ? "" : ` (the last: ${lastFailure})`;
    const probes =
      answered === undefined ? "" : `; this run's probes: ${answered} answered, ${failed ?? 0} failed${last}`;
    try {
      const { requests, faults } = await this.metrics.counts(this.rolledOut(), beginOf(deployment));
      return `Release ${release} answered ${counted(requests - faults, "request")} and failed ${faults}, by CloudWatch's count${probes}`;
    } catch (error) {
      return `How many requests release ${release} answered could not be read (${explained(error).message})${probes}`;
    }
  }

  /** @throws where the metrics that decide cannot be read. */
  private async tryMetrics(): Promise<void> {
    if (this.inputs.minimumRequests > 0 || this.inputs.latencyTimesBlue !== undefined) {
      await this.metrics.counts(this.rolledOut(), new Date());
    }
  }

  private rolledOut() {
    return { release: this.inputs.release, version: this.inputs.functionVersion };
  }

  private watched(deployment: Deployment): string[] {
    const ignored = ignoredAlarms(this.inputs, deployment);
    return this.inputs.alarmNames.filter((name) => !ignored.includes(name));
  }
}

/** The alarms that are not watched during a deployment and after it: an emergency has set them aside, and CodeDeploy remembers it. */
export function ignoredAlarms(
  { emergency, alarmNames }: Pick<LambdaRolloutInputs, "emergency" | "alarmNames">,
  deployment: Deployment | undefined,
): string[] {
  const watched = emergency ? deployment?.overridingAlarms : undefined;
  return watched === undefined ? [] : alarmNames.filter((name) => !watched.includes(name));
}

/** Since when what CloudWatch says is about this deployment. */
function beginOf({ createdAt }: Deployment): Date {
  return createdAt ?? new Date();
}
