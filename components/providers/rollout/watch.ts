import { explained } from "../run/failure";
import type { Patience } from "../run/patience";
import type { FunctionVersion } from "./alias";
import { Alarms } from "./alarms";
import { ignoredAlarms } from "./attempt";
import type { Deployment } from "./deployments";
import { ReleaseMetrics } from "./evidence";
import { Prober } from "./prober";
import type { LambdaRolloutInputs } from "./rollout-inputs";
import { counted, hasFired, isFiring } from "./words";

/** What judges a release that gets traffic: alarms, its latency beside the old release's, and how much it was asked, also by us. */
export class Watch {
  readonly alarms: Alarms;
  private readonly metrics: ReleaseMetrics;
  private prober: Prober | undefined;

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly patience: Patience,
  ) {
    this.alarms = new Alarms(inputs, patience);
    this.metrics = new ReleaseMetrics(inputs, patience);
  }

  /** Sends known rows to the new version from now on, where there are any. */
  probe({ version }: FunctionVersion): void {
    const { probe } = this.inputs;
    if (probe !== undefined && this.prober === undefined) {
      this.patience.tell(`probing version ${version} directly, ${probe.perSecond} times a second`);
      this.prober = new Prober(this.inputs, version);
      this.prober.start();
    }
  }

  /** Sends no more of them. */
  async end(): Promise<void> {
    await this.prober?.stop();
  }

  /** @throws where the metrics that decide cannot be read. */
  async tryMetrics(): Promise<void> {
    if (this.inputs.minimumRequests > 0 || this.inputs.latencyTimesBlue !== undefined) {
      await this.metrics.counts(this.inputs.release, new Date());
    }
  }

  /** One look at the latency: what is wrong with it, if anything. */
  async lookSlow(blue: FunctionVersion, since: Date): Promise<string | undefined> {
    return this.metrics.lookSlowerThanBlue(this.inputs.release, blue.release, since);
  }

  /** One look at everything: what is wrong, if anything. */
  async lookBreach(deployment: Deployment, blue: FunctionVersion): Promise<string | undefined> {
    const firing = await this.alarms.lookFiring(this.watched(deployment));
    return firing.length > 0 ? firing.map(isFiring).join("\n  ") : this.lookSlow(blue, beginOf(deployment));
  }

  /** Alarms that have fired since the deployment began, also those that are OK again. */
  async fired(deployment: Deployment): Promise<string | undefined> {
    const fired = await this.alarms.firedSince(this.watched(deployment), beginOf(deployment));
    return fired.length > 0 ? fired.map(hasFired).join("\n  ") : undefined;
  }

  /**
   * One look at how many requests the new release has had, by whichever count is further. A probe that failed may never have reached
   * it; where it did, the release has counted it itself.
   */
  async lookRequests(deployment: Deployment): Promise<number> {
    const { answered = 0 } = this.prober?.counts() ?? {};
    if (answered >= this.inputs.minimumRequests) {
      return answered;
    }
    const { requests } = await this.metrics.lookCounts(this.inputs.release, beginOf(deployment));
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
      const { requests, faults } = await this.metrics.counts(release, beginOf(deployment));
      return `Release ${release} answered ${counted(requests - faults, "request")} and failed ${faults}, by CloudWatch's count${probes}`;
    } catch (error) {
      return `How many requests release ${release} answered could not be read (${explained(error).message})${probes}`;
    }
  }

  private watched(deployment: Deployment): string[] {
    const ignored = ignoredAlarms(this.inputs, deployment);
    return this.inputs.alarmNames.filter((name) => !ignored.includes(name));
  }
}

/** Since when what CloudWatch says is about this deployment. */
function beginOf({ createdAt }: Deployment): Date {
  return createdAt ?? new Date();
}
