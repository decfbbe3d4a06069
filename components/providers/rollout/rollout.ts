import { explained, keeping } from "../run/failure";
import { Patience } from "../run/patience";
import { Alias, named, type AliasState, type FunctionVersion } from "./alias";
import { newAttempt } from "./attempt";
import { Bake } from "./bake";
import { Deployments, type Deployment } from "./deployments";
import { drain } from "./drain";
import { afterFailure, type Truth } from "./failure-message";
import { flip, type BlueGreen } from "./flip";
import { refusedBy } from "./hook";
import { Notifications } from "./notifications";
import { plan } from "./plan";
import { preCheck, refuseMissing } from "./pre-check";
import { outputs, settledRelease, type Before } from "./record";
import type { LambdaRolloutInputs, LambdaRolloutOutputs, LambdaRolloutResults } from "./rollout-inputs";
import { Shift } from "./shift";
import { UnderWay } from "./under-way";
import { Watch } from "./watch";

/** One attempt to make a release live, or to take everything away. */
export class Rollout {
  private readonly patience: Patience;
  private readonly alias: Alias;
  private readonly deployments: Deployments;
  private readonly underWay: UnderWay;
  private readonly watch: Watch;
  private readonly shifting: Shift;
  private readonly bake: Bake;
  private readonly notifications: Notifications;
  private readonly attempt = newAttempt();
  /** The messages that are being sent: a topic does not hold up a rollout. */
  private sending = Promise.resolve();
  private readonly tell = (line: string) => this.patience.tell(line);

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly before: Before,
  ) {
    this.patience = new Patience(`${inputs.functionName}:${inputs.aliasName}`, inputs);
    this.alias = new Alias(inputs, this.patience);
    this.deployments = new Deployments(inputs, this.patience);
    this.underWay = new UnderWay(inputs, this.patience, this.alias, this.deployments);
    this.watch = new Watch(inputs, this.patience);
    this.shifting = new Shift(inputs, this.patience, this.alias, this.deployments, this.watch, this.attempt);
    this.bake = new Bake(inputs, this.patience, this.alias, this.watch, this.attempt);
    this.notifications = new Notifications(inputs, this.patience, this.tell);
  }

  /**
   * Makes the release live.
   *
   * @throws with what failed, what serves now and how to go back. What served before goes on serving.
   */
  async run(): Promise<LambdaRolloutOutputs> {
    try {
      const { functionName, functionVersion, release } = this.inputs;
      const target = await this.alias.version(functionVersion);
      if (target.release !== release) {
        throw new Error(
          `version ${functionVersion} of ${functionName} carries RELEASE=${target.release}, and release ${release} is to be rolled out: ` +
            "give the function and the rollout the same release",
        );
      }
      const isFirst = (await this.alias.read()) === undefined;
      return (isFirst ? await this.firstRelease(target) : undefined) ?? (await this.nextRelease(target));
    } catch (error) {
      this.notify(this.attempt.wentBack === undefined ? "failed" : "rolled-back", explained(error).message);
      throw error;
    } finally {
      await this.watch.end();
      await this.sending;
    }
  }

  /** What the alias serves, whoever made it so; `undefined` where there is no alias. */
  async truth(): Promise<Truth | undefined> {
    const alias = await this.alias.read();
    return alias && { alias, live: await this.alias.version(alias.version) };
  }

  describe(description: string): Promise<void> {
    return this.alias.describe(description);
  }

  /** Ends what is under way, traffic going back to where it was, and deletes the alias. */
  async remove(): Promise<void> {
    await this.underWay.stop();
    await this.alias.remove();
  }

  /** Without an alias there is nothing to shift from: the hook is asked directly. `undefined` where the alias has appeared meanwhile. */
  private async firstRelease(target: FunctionVersion): Promise<LambdaRolloutOutputs | undefined> {
    const lines = plan(this.inputs, {});
    lines.forEach(this.tell);
    this.notify("started", lines.join("\n"));
    await refuseMissing(this.inputs, this.watch);
    const refusal = await refusedBy(this.inputs, this.patience);
    if (refusal !== undefined) {
      throw new Error(`release ${target.release} is not live: ${refusal}\nNothing serves yet`);
    }
    const alias = await this.alias.create(target.version, this.inputs.description);
    return (
      alias && this.live(alias, target, "created", new Date(), `${named(target)} is live: it is the first release`)
    );
  }

  private nextRelease(green: FunctionVersion): Promise<LambdaRolloutOutputs> {
    const { functionName, aliasName, standbyReleases } = this.inputs;
    return keeping(
      `${functionName}:${aliasName}`,
      () => afterFailure(this.inputs, this.before, this.attempt, this.watch, () => this.truth()),
      async () => {
        const running = await this.underWay.ours();
        if (running !== undefined) {
          this.tell(`deployment ${running.id} is under way for this version: going on with it`);
          return this.shift(running.id, { blue: await this.alias.version(running.from), green });
        }
        const alias = await this.underWay.restedAlias();
        const blue = await this.alias.version(alias.version);
        if (blue.release === green.release) {
          return this.alreadyLive(alias, blue, green);
        }
        return standbyReleases.includes(green.release) ? this.flip({ blue, green }) : this.deploy({ blue, green });
      },
    );
  }

  /** Has CodeDeploy shift the traffic. */
  private async deploy(versions: BlueGreen): Promise<LambdaRolloutOutputs> {
    const { blue, green } = versions;
    const lines = this.plan(blue);
    const overridingAlarms = await preCheck(this.inputs, this.watch, this.patience);
    const id = (await this.deployments.start(blue.version, overridingAlarms)) ?? (await this.underWay.ours())?.id;
    if (id === undefined) {
      throw new Error("CodeDeploy runs another deployment in this group, which has ended by now: run pulumi up again");
    }
    const line = `deployment ${id} shifts the traffic from ${named(blue)} to ${named(green)}`;
    this.tell(line);
    this.notify("started", [...lines, line].join("\n"));
    return this.shift(id, versions);
  }

  private async shift(id: string, versions: BlueGreen): Promise<LambdaRolloutOutputs> {
    this.attempt.deploymentId = id;
    const { alias, deployment } = await this.shifting.follow(id, versions);
    return this.settle(alias, deployment, versions, new Date());
  }

  /** Bakes and drains. @param since When the new release had all traffic. */
  private async settle(alias: AliasState, deployment: Deployment, versions: BlueGreen, since: Date) {
    await this.bake.run(deployment, versions, since);
    await this.watch.end();
    const line = `${named(versions.green)} is live`;
    this.tell(line);
    await drain(this.inputs, this.patience, versions.blue, since);
    return this.live(alias, versions.green, "deployed", deployment.completedAt ?? since, line);
  }

  /** To a release whose endpoint is in service there is no way that could fail on it, and back in seconds is what it is kept for. */
  private async flip(versions: BlueGreen): Promise<LambdaRolloutOutputs> {
    const { blue, green } = versions;
    this.notify("started", this.plan(blue).join("\n"));
    const refusal = await refusedBy(this.inputs, this.patience);
    if (refusal !== undefined) {
      throw new Error(`release ${green.release} is not live: ${refusal}`);
    }
    const alias = await flip(this.inputs, blue, green, this.tell);
    return this.flipped(alias, versions);
  }

  private async flipped(alias: AliasState, { blue, green }: BlueGreen): Promise<LambdaRolloutOutputs> {
    const since = new Date();
    const line = `${named(green)} is live: the alias was flipped to it`;
    this.tell(line);
    await drain(this.inputs, this.patience, blue, since);
    return this.live(alias, green, "flipped", since, line);
  }

  /** Nothing is deployed; but what an interrupted run has left to do is done: the rest of a bake, and the drain. */
  private async alreadyLive(alias: AliasState, live: FunctionVersion, target: FunctionVersion) {
    const deployment = await this.interrupted(live);
    if (deployment?.currentVersion !== undefined) {
      this.attempt.deploymentId = deployment.id;
      this.tell(`deployment ${deployment.id} has made ${named(live)} live meanwhile`);
      const blue = await this.alias.version(deployment.currentVersion);
      return this.settle(alias, deployment, { blue, green: live }, deployment.completedAt ?? new Date());
    }
    const { liveRelease, liveVersion } = this.before;
    if (
      liveVersion !== undefined &&
      liveRelease !== live.release &&
      this.inputs.standbyReleases.includes(live.release)
    ) {
      return this.flipped(alias, { blue: await this.alias.version(liveVersion), green: live });
    }
    this.tell(`${named(live)} is live already: nothing to deploy`);
    if (live.codeSha256 !== target.codeSha256) {
      this.tell(`the code has changed, the release has not: to deploy the change, use a new release id`);
    }
    return outputs(this.inputs, this.before, this.attempt, { alias, live, outcome: "unchanged", since: undefined });
  }

  /** The deployment that has made a release live which no run has brought to its end. */
  private async interrupted(live: FunctionVersion): Promise<Deployment | undefined> {
    const settled = settledRelease(this.before);
    if (settled === undefined || settled === live.release) {
      return undefined;
    }
    const last = await this.deployments.lastSucceeded();
    if (last?.currentVersion === undefined || last.isRollback || last.targetVersion !== live.version) {
      return undefined;
    }
    const { history = [], liveSince = "" } = this.before;
    if (liveSince !== "") {
      // One that ended before that is no news, though somebody has moved the alias to what it brought.
      return last.completedAt !== undefined && last.completedAt >= new Date(liveSince) ? last : undefined;
    }
    const isNews =
      !history.includes(live.release) || (await this.alias.version(last.currentVersion)).release === settled;
    return isNews ? last : undefined;
  }

  /** What is going to happen; told here only where `diff`, which nobody calls for a new resource, has not. */
  private plan({ release, version }: FunctionVersion): string[] {
    const known = this.before.liveRelease === release ? this.before : {};
    const lines = plan(this.inputs, { ...known, liveRelease: release, liveVersion: version });
    if (this.before.liveRelease === undefined) {
      lines.forEach(this.tell);
    }
    return lines;
  }

  private live(
    alias: AliasState,
    live: FunctionVersion,
    outcome: LambdaRolloutResults["outcome"],
    since: Date,
    line: string,
  ): LambdaRolloutOutputs {
    this.tell(line);
    this.notify("succeeded", line);
    return outputs(this.inputs, this.before, this.attempt, { alias, live, outcome, since });
  }

  private notify(event: Parameters<Notifications["send"]>[0], message: string): void {
    const { functionName, aliasName, release } = this.inputs;
    const subject = `${functionName}:${aliasName}: release ${release} ${event}`;
    this.sending = this.sending.then(() => this.notifications.send(event, subject, message));
  }
}
