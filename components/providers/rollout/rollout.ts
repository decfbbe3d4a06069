import { explained, keeping, type Kept } from "../run/failure";
import { withoutUndefined } from "../run/implementation";
import { Patience } from "../run/patience";
import { Alias, isShifting, named, percent, type AliasState, type FunctionVersion } from "./alias";
import { Deployments, type Deployment } from "./deployments";
import { askHook } from "./hook";
import type { LambdaRolloutInputs, LambdaRolloutOutputs, LambdaRolloutResults } from "./rollout-inputs";
import { Shift } from "./shift";

/** What the state says of the time before; empty for a resource that is not in the state. */
export type Before = Partial<LambdaRolloutResults>;

/** One attempt to make a release live, or to take everything away. */
export class Rollout {
  private readonly patience: Patience;
  private readonly alias: Alias;
  private readonly deployments: Deployments;
  private readonly shifting: Shift;
  /** Deployment that this attempt is about; "" while there is none. */
  private deploymentId = "";

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly before: Before,
  ) {
    this.patience = new Patience(`${inputs.functionName}:${inputs.aliasName}`, inputs);
    this.alias = new Alias(inputs, this.patience);
    this.deployments = new Deployments(inputs, this.patience);
    this.shifting = new Shift(inputs, this.patience, this.alias, this.deployments);
  }

  /**
   * Makes the release live.
   *
   * @throws with what failed, what serves now and how to go back. What served before goes on serving.
   */
  async run(): Promise<LambdaRolloutOutputs> {
    const { functionName, functionVersion, release } = this.inputs;
    const target = await this.alias.version(functionVersion);
    if (target.release !== release) {
      throw new Error(
        `version ${functionVersion} of ${functionName} carries RELEASE=${target.release}, and release ${release} is to be rolled out: ` +
          "give the function and the rollout the same release",
      );
    }
    const isFirst = (await this.alias.read()) === undefined;
    return (isFirst ? await this.firstRelease(target) : undefined) ?? this.nextRelease(target);
  }

  /** What the alias serves, whoever made it so; `undefined` where there is no alias. */
  async truth(): Promise<Pick<LambdaRolloutResults, "aliasArn" | "liveRelease" | "liveVersion"> | undefined> {
    const alias = await this.alias.read();
    if (alias === undefined) {
      return undefined;
    }
    const { release, version } = await this.alias.version(alias.version);
    return { aliasArn: alias.arn, liveRelease: release, liveVersion: version };
  }

  describe(description: string): Promise<void> {
    return this.alias.describe(description);
  }

  /** Ends what is under way, traffic going back to where it was, and deletes the alias. */
  async remove(): Promise<void> {
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
    await this.alias.remove();
  }

  /** Without an alias there is nothing to shift from: the hook is asked directly. `undefined` where the alias has appeared meanwhile. */
  private async firstRelease(target: FunctionVersion): Promise<LambdaRolloutOutputs | undefined> {
    const { region, preTrafficHook, description } = this.inputs;
    if (preTrafficHook !== undefined) {
      const { status, reason } = await askHook(region, preTrafficHook, this.patience);
      this.patience.tell(`${preTrafficHook}: ${status}: ${reason}`);
      if (status === "Failed") {
        throw new Error(
          `release ${target.release} is not live: hook ${preTrafficHook} refused it: ${reason}\nNothing serves yet`,
        );
      }
    }
    const alias = await this.alias.create(target.version, description);
    if (alias === undefined) {
      return undefined;
    }
    this.patience.tell(`${named(target)} is live: it is the first release`);
    return this.outputs(alias, target, "created");
  }

  private nextRelease(target: FunctionVersion): Promise<LambdaRolloutOutputs> {
    const id = `${this.inputs.functionName}:${this.inputs.aliasName}`;
    return keeping(
      id,
      () => this.afterFailure(),
      async () => {
        const running = await this.underWay();
        if (running !== undefined) {
          this.patience.tell(`deployment ${running.id} is under way for this version: going on with it`);
          return this.shift(running.id, target);
        }
        const alias = await this.restedAlias();
        const live = await this.alias.version(alias.version);
        if (live.release === target.release) {
          return this.alreadyLive(alias, live, target);
        }
        const started = (await this.deployments.start(live.version)) ?? (await this.underWay())?.id;
        if (started === undefined) {
          throw new Error(
            "CodeDeploy runs another deployment in this group, which has ended by now: run pulumi up again",
          );
        }
        this.patience.tell(`deployment ${started} shifts the traffic from ${named(live)} to ${named(target)}`);
        return this.shift(started, target);
      },
    );
  }

  /**
   * The deployment of our version that is under way, if there is one: an interrupted run has left it. A rollback is waited for.
   *
   * @throws where a deployment of another version is under way.
   */
  private async underWay(): Promise<Deployment | undefined> {
    const followed = await this.patience.follow({
      look: () => this.deployments.lookUnderWay(),
      settled: (deployment) =>
        deployment === undefined || (!deployment.isRollback && deployment.targetVersion !== undefined),
      lines: (deployment) => (deployment?.isRollback ? [`waiting for CodeDeploy's rollback ${deployment.id}`] : []),
    });
    const deployment = followed.seen;
    if (!followed.settled) {
      throw this.shifting.outOfTime(deployment?.id);
    }
    if (deployment !== undefined && deployment.targetVersion !== this.inputs.functionVersion) {
      const { deploymentGroupName, functionVersion, region } = this.inputs;
      throw new Error(
        `deployment ${deployment.id} (release ${deployment.description || "?"}, to version ${deployment.targetVersion ?? "?"}) is under ` +
          `way in ${deploymentGroupName}, and version ${functionVersion} is to be rolled out: wait for it to end, or stop it with ` +
          `aws deploy stop-deployment --deployment-id ${deployment.id} --auto-rollback-enabled --region ${region}; then run pulumi up again`,
      );
    }
    return deployment;
  }

  /** The alias, with all its traffic on one version: shares that a vanished deployment has left over are taken back. */
  private async restedAlias(): Promise<AliasState> {
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
    return this.alias.pointTo(alias.version);
  }

  /** Nothing is deployed; but where an interrupted run's deployment has succeeded meanwhile, its old release is still to be drained. */
  private async alreadyLive(alias: AliasState, live: FunctionVersion, target: FunctionVersion) {
    const finished =
      this.before.liveRelease === live.release ? undefined : await this.deployments.lastSucceeded(live.version);
    if (finished !== undefined) {
      this.deploymentId = finished.id;
      this.patience.tell(`deployment ${finished.id} has made ${named(live)} live meanwhile`);
      await this.shifting.drain(finished.currentVersion, finished.completedAt);
      return this.outputs(alias, live, "deployed");
    }
    this.patience.tell(`${named(live)} is live already: nothing to deploy`);
    if (live.codeSha256 !== target.codeSha256) {
      this.patience.tell(`the code has changed, the release has not: to deploy the change, use a new release id`);
    }
    return this.outputs(alias, live, "unchanged");
  }

  private async shift(id: string, target: FunctionVersion): Promise<LambdaRolloutOutputs> {
    this.deploymentId = id;
    const { alias, oldVersion } = await this.shifting.follow(id, target);
    this.patience.tell(`${named(target)} is live`);
    await this.shifting.drain(oldVersion);
    return this.outputs(alias, target, "deployed");
  }

  /** What is true after a failure, for the state and for the person who reads the error. */
  private async afterFailure(): Promise<Kept> {
    const failed = { ...this.inputs, deploymentId: this.deploymentId, outcome: "failed" };
    try {
      const truth = await this.truth();
      if (truth === undefined) {
        return {
          properties: withoutUndefined({ ...failed, ...this.before }),
          note: "Nothing serves: the alias is gone",
        };
      }
      const { liveRelease, liveVersion } = truth;
      const goBack = `To go back to it: pulumi config set release ${liveRelease} && pulumi up`;
      const note = `Live now: release ${liveRelease} (version ${liveVersion})`;
      return {
        properties: withoutUndefined({ ...failed, ...truth }),
        note: liveRelease === this.inputs.release ? note : `${note}\n${goBack}`,
      };
    } catch (error) {
      const note = `What is live now could not be read (${explained(error).message})`;
      return { properties: withoutUndefined({ ...this.before, ...failed }), note };
    }
  }

  private outputs(
    alias: AliasState,
    live: FunctionVersion,
    outcome: LambdaRolloutResults["outcome"],
  ): LambdaRolloutOutputs {
    return withoutUndefined({
      ...this.inputs,
      aliasArn: alias.arn,
      liveRelease: live.release,
      liveVersion: live.version,
      deploymentId: this.deploymentId,
      outcome,
    });
  }
}
