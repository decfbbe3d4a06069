import type { Patience } from "../run/patience";
import { isShifting, named, percent, shareOf, type Alias, type AliasState, type FunctionVersion } from "./alias";
import { hasEnded, type Deployment, type Deployments } from "./deployments";
import { reasons } from "./reasons";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** Seconds beyond the function's timeout for which the old release is kept. */
const DRAIN_MARGIN_SECONDS = 5;

/** A deployment while the traffic moves, and what comes after: making sure of the end, or of the way back. */
export class Shift {
  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly patience: Patience,
    private readonly alias: Alias,
    private readonly deployments: Deployments,
  ) {}

  /**
   * Follows a deployment to its end and makes sure that the alias is where CodeDeploy says.
   *
   * @throws where it did not succeed, with all reasons that can be found; the traffic is back by then.
   */
  async follow(id: string, target: FunctionVersion): Promise<{ alias: AliasState; oldVersion: string | undefined }> {
    const followed = await this.patience.follow({
      look: async () => ({ deployment: await this.deployments.look(id), alias: await this.alias.look() }),
      settled: ({ deployment }) => hasEnded(deployment),
      lines: ({ deployment, alias }) => [...eventLines(deployment), ...trafficLines(alias, target)],
    });
    if (!followed.settled) {
      throw this.outOfTime(id);
    }
    const { deployment } = followed.seen;
    if (deployment.status !== "Succeeded") {
      throw await this.rolledBack(deployment);
    }
    const alias = await this.alias.read();
    if (alias === undefined || alias.version !== target.version || isShifting(alias)) {
      throw new Error(
        `CodeDeploy says that deployment ${id} has succeeded, but the alias does not send everything to version ${target.version}`,
      );
    }
    return { alias, oldVersion: deployment.currentVersion };
  }

  /** Waits until the old version has answered what it was answering when the traffic left it. */
  async drain(oldVersion: string | undefined, since = new Date()): Promise<void> {
    const longest = async (version: string) =>
      (await this.alias.version(version)).timeoutSeconds + DRAIN_MARGIN_SECONDS;
    const seconds = this.inputs.drainSeconds ?? (oldVersion === undefined ? 0 : await longest(oldVersion));
    const left = seconds - (Date.now() - since.getTime()) / 1000;
    if (left > 0) {
      this.patience.tell(`waiting ${Math.ceil(left)} s for the requests that the old release is answering`);
      await this.patience.wait(left);
    }
  }

  outOfTime(deploymentId = "?"): Error {
    return new Error(
      `deployment ${deploymentId} has not ended within timeoutSeconds (${this.inputs.timeoutSeconds}); it goes on in CodeDeploy, and ` +
        "the next pulumi up goes on with it",
    );
  }

  /** Why a deployment did not succeed; returns when CodeDeploy, or else we, have put the traffic back. */
  private async rolledBack(deployment: Deployment): Promise<Error> {
    // Before the rollback has ended, while the alarms are still as they were.
    const why = await reasons(this.inputs, deployment, this.patience);
    const { seen: next } = await this.patience.follow({
      look: () => this.deployments.lookUnderWay(),
      settled: (other) => !other?.isRollback,
      lines: (other) => (other?.isRollback ? [`CodeDeploy rolls back (deployment ${other.id})`] : []),
    });
    const alias = await this.alias.read();
    const { currentVersion: blue } = deployment;
    if (next === undefined && alias !== undefined && blue !== undefined && shareOf(alias, blue) < 1) {
      this.patience.tell(`CodeDeploy has not put all traffic back: sending everything to version ${blue}`);
      await this.alias.pointTo(blue);
    }
    const cause = deployment.failure === undefined ? "" : ` (${deployment.failure})`;
    const headline = `release ${this.inputs.release} is not live: deployment ${deployment.id} ${deployment.status.toLowerCase()}${cause}`;
    return new Error([headline, ...why.map((line) => `  ${line}`)].join("\n"));
  }
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
