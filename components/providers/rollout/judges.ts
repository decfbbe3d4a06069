import { explained } from "../../../lib/errors";
import type { Waiter } from "../support/waiter";
import { counted } from "../support/words";
import type { BlueGreen, FunctionVersion } from "./alias";
import { Alarms, hasFired, isFiring, type Firing } from "./alarms";
import type { Deployment } from "./deployments";
import { ForgedMetrics } from "./forged-metrics";
import type { LambdaRolloutInputs } from "./inputs";
import { Prober } from "./prober";
import { ReleaseMetrics, type Since } from "./release-metrics";

/**
 * Judges a release that gets traffic: by alarms, by its latency and refusals next to the old release's, by the function's errors once it has all
 * traffic, and by the number of requests, probes included.
 */
export class Judges {
  private readonly alarms: Alarms;
  private readonly metrics: ReleaseMetrics;
  private readonly forged: ForgedMetrics;
  private prober: Prober | undefined;

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly waiter: Waiter,
  ) {
    this.alarms = new Alarms(inputs, waiter);
    this.metrics = new ReleaseMetrics(inputs, waiter);
    this.forged = new ForgedMetrics(inputs);
  }

  /**
   * Reads everything that will judge the rollout before it begins. An alarm that is in ALARM already would stop it, and one that cannot be
   * read would be missed in the middle.
   *
   * @returns the alarms that CodeDeploy is to watch instead of the group's; `undefined` for the group's.
   * @throws if an alarm does not exist, or is in ALARM and this is no emergency.
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
          "Fix what they report, wait until they are OK and run pulumi up again; or, if this release is the cure, leave them " +
            `unwatched: ${kind === "api" ? "pulumi config set emergency true && pulumi up" : "pulumi up with emergency: true"}`,
        ].join("\n"),
      );
    }
    firing.forEach((alarm) => this.waiter.tell(`EMERGENCY: not watched: ${isFiring(alarm)}`));
    await this.tryMetrics();
    const ignored = firing.map(({ name }) => name);
    return emergency && alarmNames.length > 0 ? alarmNames.filter((name) => !ignored.includes(name)) : undefined;
  }

  /** @throws if an alarm does not exist. CodeDeploy would fail the deployment for that only after the first shift. */
  async refuseMissing(): Promise<void> {
    const { alarmNames, release } = this.inputs;
    const missing = await this.alarms.missing(alarmNames);
    if (missing.length > 0) {
      throw new Error(
        `release ${release} is not rolled out: there is no alarm named ${missing.join(", ")} to watch it by: create it, or take it out of alarmNames`,
      );
    }
  }

  /** Sends probes to the new version from now on, if the inputs have any. */
  probe({ version }: FunctionVersion): void {
    const { probe } = this.inputs;
    if (probe !== undefined && this.prober === undefined) {
      this.waiter.tell(`probing version ${version} directly, ${probe.perSecond} times a second`);
      this.prober = new Prober(this.inputs, version);
      this.prober.start();
    }
  }

  /** Stops the probes. */
  async end(): Promise<void> {
    await this.prober?.stop();
  }

  /**
   * What is wrong with the probes' answers, if anything. Only probes of `kind` `function` are judged here. Failed probes of `kind` `api` show
   * in the release's metrics, which its alarms watch.
   */
  failedProbes(): string | undefined {
    const { answered = 0, failed = 0, lastFailure } = this.prober?.counts() ?? {};
    return this.inputs.kind === "api" || failed === 0
      ? undefined
      : `${failed} of ${counted(answered + failed, "probe")} failed: ${lastFailure ?? "?"}`;
  }

  /** One look at what can be compared with blue: what is worse, if anything. */
  async lookWorse({ blue, green }: BlueGreen, since: Date): Promise<string | undefined> {
    return (
      (await this.metrics.lookSlowerThanBlue(green, blue, since)) ??
      (await this.metrics.lookRefusesMoreThanBlue(green, blue, since))
    );
  }

  /** One look at everything: what is wrong, if anything. */
  async lookBreach(deployment: Deployment, versions: BlueGreen): Promise<string | undefined> {
    const firing = await this.alarms.lookFiring(this.watched(deployment));
    if (firing.length > 0) {
      return firing.map(isFiring).join("\n  ");
    }
    const { begin, allTraffic } = sinceOf(deployment);
    return (
      this.failedProbes() ??
      (allTraffic && (await this.metrics.lookFunctionErrors(allTraffic))) ??
      (await this.lookWorse(versions, begin))
    );
  }

  /** Alarms that have fired since the deployment began, including those that are OK again. */
  async fired(deployment: Deployment): Promise<string | undefined> {
    const fired = await this.alarms.firedSince(this.watched(deployment), beginOf(deployment));
    return fired.length > 0 ? fired.map(hasFired).join("\n  ") : undefined;
  }

  /** The alarms that fire or have fired, including others such as the deployment group's: one line each, with CloudWatch's reason. */
  async firingOrFired(deployment: Deployment, others: readonly string[]): Promise<string[]> {
    const ignored = ignoredAlarms(this.inputs, deployment);
    const names = [...new Set([...this.inputs.alarmNames, ...others])].filter((name) => !ignored.includes(name));
    const firing = await this.alarms.firing(names);
    const fired = await this.alarms.firedSince(names, beginOf(deployment));
    const isQuiet = ({ name }: Firing) => !firing.some((other) => other.name === name);
    return [...firing.map(isFiring), ...fired.filter(isQuiet).map(hasFired)];
  }

  /**
   * One look at how many requests the new release has had: the greater of our count and its own. A failed probe may never have reached the
   * release. If it did, the release has counted it.
   */
  async lookRequests(deployment: Deployment, green: FunctionVersion): Promise<number> {
    const { answered = 0 } = this.prober?.counts() ?? {};
    if (answered >= this.inputs.minimumRequests) {
      return answered;
    }
    const { requests } = await this.metrics.lookCounts(green, sinceOf(deployment));
    return Math.max(answered, requests);
  }

  /** One look at whether somebody else has written the metrics that judge until then: a line about them, if so. */
  lookForged(deployment: Deployment, versions: BlueGreen, until: Date): Promise<string | undefined> {
    return this.forged.look(versions, { since: beginOf(deployment), until });
  }

  /** How many requests the new release has answered and failed, in words, or why that cannot be read. */
  async requestsInWords(deployment: Deployment): Promise<string> {
    const { release } = this.inputs;
    const { answered, failed, lastFailure } = this.prober?.counts() ?? {};
    const last = lastFailure === undefined ? "" : ` (the last: ${lastFailure})`;
    const probes =
      answered === undefined ? "" : `; this run's probes: ${answered} answered, ${failed ?? 0} failed${last}`;
    try {
      const { requests, faults } = await this.metrics.counts(this.rolledOut(), sinceOf(deployment));
      return `Release ${release} answered ${counted(requests - faults, "request")} and failed ${faults}, by CloudWatch's count${probes}`;
    } catch (error) {
      return `How many requests release ${release} answered could not be read (${explained(error).message})${probes}`;
    }
  }

  /** @throws if the metrics that decide cannot be read. */
  private async tryMetrics(): Promise<void> {
    const { minimumRequests, latencyTimesBlue, refusalsPercentAboveBlue, functionErrorsPerMinute } = this.inputs;
    const limits = [latencyTimesBlue, refusalsPercentAboveBlue, functionErrorsPerMinute];
    if (minimumRequests > 0 || limits.some((limit) => limit !== undefined)) {
      await this.metrics.counts(this.rolledOut(), { begin: new Date() });
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

/**
 * The alarms that are not watched during a deployment and after it, because an emergency has set them aside. CodeDeploy keeps that with the
 * deployment.
 */
export function ignoredAlarms(
  { emergency, alarmNames }: Pick<LambdaRolloutInputs, "emergency" | "alarmNames">,
  deployment: Deployment | undefined,
): string[] {
  const watched = emergency ? deployment?.overridingAlarms : undefined;
  return watched === undefined ? [] : alarmNames.filter((name) => !watched.includes(name));
}

/** Since when CloudWatch's data is about this deployment. */
function beginOf({ createdAt }: Deployment): Date {
  return createdAt ?? new Date();
}

/** The same, and since when the new release has all traffic. */
function sinceOf(deployment: Deployment): Since {
  const shifted = deployment.events.find(
    ({ lifecycleEventName, status }) => lifecycleEventName === "AllowTraffic" && status === "Succeeded",
  );
  const ended = deployment.status === "Succeeded" ? deployment.completedAt : undefined;
  return { begin: beginOf(deployment), allTraffic: shifted?.endTime ?? ended };
}
