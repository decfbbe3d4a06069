import { passes } from "../run/aws";
import { explained } from "../run/failure";
import type { Patience } from "../run/patience";
import {
  directions,
  named,
  percent,
  sendsAll,
  shareOf,
  type Alias,
  type AliasState,
  type FunctionVersion,
} from "./alias";
import type { Attempt } from "./attempt";
import { hasEnded, type Deployment, type Deployments } from "./deployments";
import { goneBack, notLive, type BlueGreen } from "./flip";
import { HookWatch } from "./hook-watch";
import { reasons } from "./reasons";
import type { LambdaRolloutInputs } from "./rollout-inputs";
import type { Watch } from "./watch";

/** A deployment while the traffic moves: tells how far it is, stops it where it goes wrong, and makes sure of its end or of the way back. */
export class Shift {
  private readonly hooks: HookWatch;
  /** Why this has stopped the deployment. */
  private stopped: string | undefined;

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly patience: Patience,
    private readonly alias: Alias,
    private readonly deployments: Deployments,
    private readonly watch: Watch,
    private readonly attempt: Attempt,
  ) {
    this.hooks = new HookWatch(inputs, patience);
  }

  /**
   * Follows a deployment to its end and makes sure that the alias is where CodeDeploy says.
   *
   * @throws where it did not succeed, with all reasons that can be found; the traffic is back by then.
   */
  async follow(id: string, versions: BlueGreen): Promise<{ alias: AliasState; deployment: Deployment }> {
    const { green } = versions;
    const followed = await this.patience.follow({
      look: () => this.look(id, versions),
      settled: ({ deployment }) => hasEnded(deployment),
      lines: ({ deployment, alias, verdicts }) => [
        ...eventLines(deployment),
        ...verdicts,
        ...trafficLines(alias, green),
      ],
    });
    if (!followed.settled) {
      throw outOfTime(this.inputs, id);
    }
    const { deployment } = followed.seen;
    if (deployment.status !== "Succeeded") {
      throw await this.rolledBack(deployment, versions);
    }
    if (this.stopped !== undefined) {
      // It had ended before CodeDeploy could stop it.
      throw await this.goneBack(`deployment ${id} was to be stopped`, [this.stopped], versions);
    }
    await this.hooks.waitForVerdicts(deployment);
    const alias = await this.alias.read();
    if (alias === undefined || !sendsAll(alias, green.version)) {
      throw new Error(
        `CodeDeploy says that deployment ${id} has succeeded, but the alias does not send everything to version ${green.version}: ` +
          `it ${directions(alias)}`,
      );
    }
    return { alias, deployment };
  }

  private async look(id: string, { blue, green }: BlueGreen) {
    const deployment = await this.deployments.look(id);
    this.attempt.deployment = deployment;
    const alias = await this.alias.look();
    this.attempt.hadAllTraffic ||= sendsAll(alias, green.version);
    if (hasEnded(deployment)) {
      return { deployment, alias, verdicts: [] };
    }
    const shifting = shiftingSince(deployment, alias, green);
    if (shifting !== undefined) {
      this.watch.probe(green);
    }
    const why = this.stopped ?? this.hooks.overdue(deployment) ?? (await this.tooSlow(blue, shifting));
    if (why !== undefined && this.stopped === undefined) {
      this.patience.tell(`stopping deployment ${id}: ${why}`);
      await this.deployments.stop(id);
      this.stopped = why;
    }
    return { deployment, alias, verdicts: await this.hooks.lookForVerdicts(deployment) };
  }

  private async tooSlow(blue: FunctionVersion, since: Date | undefined): Promise<string | undefined> {
    try {
      return since === undefined ? undefined : await this.watch.lookSlow(blue, since);
    } catch (error) {
      // CodeDeploy goes on meanwhile, and so does the look at it. Before the release is live it is compared once more.
      return passes(error)
        ? undefined
        : `its latency cannot be compared with that of ${named(blue)} (${explained(error).message})`;
    }
  }

  /** Why a deployment did not succeed; returns when CodeDeploy, or else we, have put the traffic back. */
  private async rolledBack(deployment: Deployment, versions: BlueGreen): Promise<Error> {
    // Before the rollback has ended, while the alarms are still as they were.
    const why = this.stopped === undefined ? await reasons(this.inputs, deployment, this.patience) : [this.stopped];
    const { seen: next } = await this.patience.follow({
      look: () => this.deployments.lookUnderWay(),
      settled: (other) => !other?.isRollback,
      lines: (other) => (other?.isRollback ? [`CodeDeploy rolls back (deployment ${other.id})`] : []),
    });
    const cause = deployment.failure === undefined || this.stopped !== undefined ? "" : ` (${deployment.failure})`;
    const headline = `deployment ${deployment.id} ${deployment.status.toLowerCase()}${cause}`;
    return next === undefined
      ? this.goneBack(headline, why, versions)
      : notLive(this.inputs.release, headline, [...why, `deployment ${next.id} is under way by now`]);
  }

  private goneBack(headline: string, lines: readonly string[], versions: BlueGreen): Promise<Error> {
    return goneBack(this.inputs, versions, this.attempt, { headline, lines, tell: (line) => this.patience.tell(line) });
  }
}

/** That waiting for a deployment has been given up, while it goes on. */
export function outOfTime({ timeoutSeconds }: LambdaRolloutInputs, deploymentId = "?"): Error {
  return new Error(
    `deployment ${deploymentId} has not ended within timeoutSeconds (${timeoutSeconds}); it goes on in CodeDeploy, and ` +
      "the next pulumi up goes on with it",
  );
}

/** Since when the new version may have had traffic, if it may. */
function shiftingSince(
  { events, createdAt }: Deployment,
  alias: AliasState | undefined,
  green: FunctionVersion,
): Date | undefined {
  const allow = events.find(({ lifecycleEventName }) => lifecycleEventName === "AllowTraffic");
  const hasBegun = allow?.status === "InProgress" || allow?.status === "Succeeded";
  const hasTraffic = alias !== undefined && shareOf(alias, green.version) > 0;
  return hasBegun || hasTraffic ? (allow?.startTime ?? createdAt ?? new Date()) : undefined;
}

function eventLines({ events }: Deployment): string[] {
  return events
    .filter(({ status }) => status === "InProgress" || status === "Succeeded" || status === "Failed")
    .map(({ lifecycleEventName = "", status = "" }) => `${lifecycleEventName}: ${status}`);
}

function trafficLines(alias: AliasState | undefined, target: FunctionVersion): string[] {
  const share = alias === undefined ? 0 : shareOf(alias, target.version);
  return share > 0 ? [`${percent(share)} of the traffic goes to ${named(target)}`] : [];
}
