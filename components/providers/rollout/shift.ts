import { explained } from "../../../lib/errors";
import { passes } from "../support/aws";
import { engineClock } from "../support/engine-clock";
import {
  directions,
  isShifting,
  named,
  percent,
  sendsAll,
  shareOf,
  type AliasState,
  type BlueGreen,
  type FunctionVersion,
} from "./alias";
import type { Attempt } from "./attempt";
import { hasEnded, type Deployment } from "./deployments";
import { Hooks } from "./hooks";
import { goneBack, notLive, reasons } from "./report";

/**
 * The deployment of our version that an interrupted run has left under way, if any, and the version it comes from. A rollback is waited
 * for.
 *
 * @throws if a deployment of another version is under way.
 */
export async function ourDeployment(
  attempt: Attempt,
): Promise<{ readonly id: string; readonly from: string } | undefined> {
  const { inputs, waiter, deployments } = attempt;
  const followed = await waiter.follow({
    look: () => deployments.lookUnderWay(),
    settled: (deployment) =>
      deployment === undefined || (!deployment.isRollback && deployment.currentVersion !== undefined),
    lines: (deployment) => (deployment?.isRollback ? [`waiting for CodeDeploy's rollback ${deployment.id}`] : []),
  });
  const deployment = followed.seen;
  if (!followed.settled) {
    throw outOfTime(attempt, deployment?.id);
  }
  if (deployment !== undefined && deployment.targetVersion !== inputs.functionVersion) {
    const { deploymentGroupName, functionVersion, region } = inputs;
    throw new Error(
      `deployment ${deployment.id} (release ${deployment.description || "?"}, to version ${deployment.targetVersion ?? "?"}) is under ` +
        `way in ${deploymentGroupName}, and version ${functionVersion} is to be rolled out: wait for it to end, or stop it with ` +
        `aws deploy stop-deployment --deployment-id ${deployment.id} --auto-rollback-enabled --region ${region}; then run pulumi up again`,
    );
  }
  const { id, currentVersion: from } = deployment ?? {};
  return id === undefined || from === undefined ? undefined : { id, from };
}

/** The alias, with all its traffic on one version. Shares that a vanished deployment has left are taken back. */
export async function restedAlias({ alias: ofRollout, waiter }: Attempt): Promise<AliasState> {
  const alias = await ofRollout.read();
  if (alias === undefined) {
    throw new Error("the alias has been deleted just now: run pulumi up again");
  }
  if (!isShifting(alias)) {
    return alias;
  }
  const left = Object.entries(alias.weights).map(([version, weight]) => `${percent(weight)} to version ${version}`);
  waiter.tell(
    `no deployment is under way, and yet the alias sends ${left.join(", ")}: sending everything to version ${alias.version} again`,
  );
  const rested = await ofRollout.pointTo(alias.version, alias.revisionId);
  if (rested === undefined) {
    throw new Error("somebody else has changed the alias just now: run pulumi up again");
  }
  return rested;
}

/** Stops the deployment that is under way. The traffic goes back to where it was. */
export async function stopDeployment(attempt: Attempt): Promise<void> {
  const stopped = await stopAll(attempt);
  if (stopped !== undefined) {
    await rollbackBegun(attempt, stopped);
    await stopAll(attempt);
  }
}

/** Stops what is under way until nothing is. @returns the deployment that was stopped, if any */
async function stopAll({ inputs, waiter, deployments }: Attempt): Promise<string | undefined> {
  let stopped: string | undefined;
  const followed = await waiter.follow({
    look: async () => {
      const deployment = await deployments.lookUnderWay();
      if (deployment !== undefined && !deployment.isRollback) {
        await deployments.stop(deployment.id);
        stopped = deployment.id;
      }
      return deployment;
    },
    settled: (deployment) => deployment === undefined,
    lines: (deployment) => (deployment === undefined ? [] : [`stopping deployment ${deployment.id} first`]),
  });
  if (!followed.settled) {
    throw new Error(
      `a deployment of ${inputs.deploymentGroupName} was told to stop, but has not stopped within ` +
        `timeoutSeconds (${inputs.timeoutSeconds}): try again`,
    );
  }
  return stopped;
}

/** For how long a rollback is waited for that CodeDeploy has not begun. It takes seconds. */
const ROLLBACK_PATIENCE_SECONDS = 60;

/** Waits until CodeDeploy has begun to undo a deployment that has failed, or says that it cannot. */
async function rollbackBegun({ waiter, deployments }: Attempt, id: string): Promise<void> {
  const deadline = engineClock.now() + ROLLBACK_PATIENCE_SECONDS * 1000;
  await waiter.follow({
    look: () => deployments.look(id),
    settled: ({ awaitsRollback }) => !awaitsRollback || engineClock.now() >= deadline,
    lines: () => [],
  });
}

/** A deployment while the traffic moves. Reports its progress, stops it if something goes wrong, and checks where the traffic is in the end. */
export class Shift {
  private readonly hooks: Hooks;
  /** Why we have stopped the deployment. */
  private stopped: string | undefined;

  constructor(private readonly attempt: Attempt) {
    this.hooks = new Hooks(attempt.inputs, attempt.waiter);
  }

  /**
   * Follows a deployment to its end and makes sure that the alias is where CodeDeploy says.
   *
   * @throws if it did not succeed, with all reasons that can be found. The traffic is back by then.
   */
  async follow(id: string, versions: BlueGreen): Promise<{ alias: AliasState; deployment: Deployment }> {
    const { green } = versions;
    const followed = await this.attempt.waiter.follow({
      look: () => this.look(id, versions),
      settled: ({ deployment }) => hasEnded(deployment),
      lines: ({ deployment, alias, verdicts }) => [
        ...eventLines(deployment),
        ...verdicts,
        ...trafficLines(alias, green),
      ],
    });
    if (!followed.settled) {
      throw outOfTime(this.attempt, id);
    }
    const { deployment } = followed.seen;
    if (deployment.status !== "Succeeded") {
      throw await this.rolledBack(deployment, versions);
    }
    if (this.stopped !== undefined) {
      // The deployment ended before CodeDeploy could stop it.
      throw await goneBack(this.attempt, versions, `deployment ${id} was to be stopped`, [this.stopped]);
    }
    await this.hooks.waitForVerdicts(deployment);
    const alias = await this.attempt.alias.read();
    if (alias === undefined || !sendsAll(alias, green.version)) {
      throw new Error(
        `CodeDeploy says that deployment ${id} has succeeded, but the alias does not send everything to version ${green.version}: ` +
          `it ${directions(alias)}`,
      );
    }
    return { alias, deployment };
  }

  private async look(id: string, versions: BlueGreen) {
    const { green } = versions;
    const deployment = await this.attempt.deployments.look(id);
    this.attempt.deployment = deployment;
    const alias = await this.attempt.alias.look();
    this.attempt.hadAllTraffic ||= sendsAll(alias, green.version);
    if (hasEnded(deployment)) {
      return { deployment, alias, verdicts: [] };
    }
    const shifting = shiftingSince(deployment, alias, green);
    if (shifting !== undefined) {
      this.attempt.judges.probe(green);
    }
    const why =
      this.stopped ??
      this.hooks.overdue(deployment) ??
      this.attempt.judges.failedProbes() ??
      (await this.worse(versions, shifting));
    if (why !== undefined && this.stopped === undefined) {
      this.attempt.waiter.tell(`stopping deployment ${id}: ${why}`);
      await this.attempt.deployments.stop(id);
      this.stopped = why;
    }
    return { deployment, alias, verdicts: await this.hooks.lookForVerdicts(deployment) };
  }

  private async worse(versions: BlueGreen, since: Date | undefined): Promise<string | undefined> {
    try {
      return since === undefined ? undefined : await this.attempt.judges.lookWorse(versions, since);
    } catch (error) {
      // CodeDeploy goes on meanwhile, so following it goes on too. They are compared once more before the release is live.
      return passes(error)
        ? undefined
        : `its latency and refusals cannot be compared with that of ${named(versions.blue)} (${explained(error).message})`;
    }
  }

  /** Why a deployment did not succeed. Returns when CodeDeploy, or else this rollout, has put the traffic back. */
  private async rolledBack(deployment: Deployment, versions: BlueGreen): Promise<Error> {
    if (deployment.awaitsRollback) {
      // The traffic does not wait for that. Should this fail, the reason is told below.
      await goneBack(this.attempt, versions, "", []);
    }
    // The reasons are read before the rollback has ended, while the alarms are still as they were.
    const why = this.stopped === undefined ? await reasons(this.attempt, this.hooks, deployment) : [this.stopped];
    await rollbackBegun(this.attempt, deployment.id);
    const { seen: next } = await this.attempt.waiter.follow({
      look: () => this.attempt.deployments.lookUnderWay(),
      settled: (other) => !other?.isRollback,
      lines: (other) => (other?.isRollback ? [`CodeDeploy rolls back (deployment ${other.id})`] : []),
    });
    const cause = deployment.failure === undefined || this.stopped !== undefined ? "" : ` (${deployment.failure})`;
    const headline = `deployment ${deployment.id} ${deployment.status.toLowerCase()}${cause}`;
    return next === undefined
      ? goneBack(this.attempt, versions, headline, why)
      : notLive(this.attempt.inputs.release, headline, [...why, `deployment ${next.id} is under way by now`]);
  }
}

/** The error that this run no longer waits for a deployment, which goes on. */
function outOfTime({ inputs }: Attempt, deploymentId = "?"): Error {
  return new Error(
    `deployment ${deploymentId} has not ended within timeoutSeconds (${inputs.timeoutSeconds}); it goes on in CodeDeploy, and ` +
      "the next pulumi up goes on with it",
  );
}

/** Since when the new version may have had traffic, if at all. */
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
