import type { Patience } from "../run/patience";
import { isShifting, percent, type Alias, type AliasState } from "./alias";
import type { Deployments } from "./deployments";
import type { LambdaRolloutInputs } from "./rollout-inputs";
import { outOfTime } from "./shift";

/** What an attempt finds that others, or interrupted runs, have begun. */
export class UnderWay {
  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly patience: Patience,
    private readonly alias: Alias,
    private readonly deployments: Deployments,
  ) {}

  /**
   * The deployment of our version that is under way and the version it comes from, if there is one: an interrupted run has left it.
   * A rollback is waited for.
   *
   * @throws where a deployment of another version is under way.
   */
  async ours(): Promise<{ readonly id: string; readonly from: string } | undefined> {
    const followed = await this.patience.follow({
      look: () => this.deployments.lookUnderWay(),
      settled: (deployment) =>
        deployment === undefined || (!deployment.isRollback && deployment.currentVersion !== undefined),
      lines: (deployment) => (deployment?.isRollback ? [`waiting for CodeDeploy's rollback ${deployment.id}`] : []),
    });
    const deployment = followed.seen;
    if (!followed.settled) {
      throw outOfTime(this.inputs, deployment?.id);
    }
    if (deployment !== undefined && deployment.targetVersion !== this.inputs.functionVersion) {
      const { deploymentGroupName, functionVersion, region } = this.inputs;
      throw new Error(
        `deployment ${deployment.id} (release ${deployment.description || "?"}, to version ${deployment.targetVersion ?? "?"}) is under ` +
          `way in ${deploymentGroupName}, and version ${functionVersion} is to be rolled out: wait for it to end, or stop it with ` +
          `aws deploy stop-deployment --deployment-id ${deployment.id} --auto-rollback-enabled --region ${region}; then run pulumi up again`,
      );
    }
    const { id, currentVersion: from } = deployment ?? {};
    return id === undefined || from === undefined ? undefined : { id, from };
  }

  /** The alias, with all its traffic on one version: shares that a vanished deployment has left over are taken back. */
  async restedAlias(): Promise<AliasState> {
    const alias = await this.alias.read();
    if (alias === undefined) {
      throw new Error("the alias has been deleted just now: run pulumi up again");
    }
    if (!isShifting(alias)) {
      return alias;
    }
    const left = Object.entries(alias.weights).map(([version, weight]) => `${percent(weight)} to version ${version}`);
    this.patience.tell(
      `no deployment is under way, and yet the alias sends ${left.join(", ")}: sending everything to version ${alias.version} again`,
    );
    const rested = await this.alias.pointTo(alias.version, alias.revisionId);
    if (rested === undefined) {
      throw new Error("somebody else has changed the alias just now: run pulumi up again");
    }
    return rested;
  }

  /** Ends what is under way, traffic going back to where it was. */
  async stop(): Promise<void> {
    const followed = await this.patience.follow({
      look: async () => {
        const deployment = await this.deployments.lookUnderWay();
        if (deployment !== undefined && !deployment.isRollback) {
          await this.deployments.stop(deployment.id);
        }
        return deployment;
      },
      settled: (deployment) => deployment === undefined,
      lines: (deployment) => (deployment === undefined ? [] : [`stopping deployment ${deployment.id} first`]),
    });
    if (!followed.settled) {
      throw new Error(
        `a deployment of ${this.inputs.deploymentGroupName} has been told to stop, and has not within ` +
          `timeoutSeconds (${this.inputs.timeoutSeconds}): try again`,
      );
    }
  }
}
