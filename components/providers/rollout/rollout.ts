import { VARIABLES } from "../../../lib/contract";
import { explained } from "../../../lib/errors";
import { keeping } from "../support/keeping";
import { flip, named, type AliasState, type BlueGreen, type FunctionVersion } from "./alias";
import { Attempt, settledRelease, type Before } from "./attempt";
import { Bake, drain } from "./bake";
import { haveLeastInstances } from "./capacity";
import type { Deployment } from "./deployments";
import { Hooks } from "./hooks";
import type { LambdaRolloutInputs, LambdaRolloutOutputs, LambdaRolloutResults } from "./inputs";
import { afterFailure, forecast, Notifications } from "./report";
import { ourDeployment, restedAlias, Shift } from "./shift";

/** How often a deployment is started that CodeDeploy refuses because it is busy. */
const STARTS = 5;

/** Takes a release to its traffic. */
export class Rollout {
  private readonly attempt: Attempt;
  private readonly notifications: Notifications;
  /** The messages that are being sent. A topic must not hold up a rollout. */
  private sending = Promise.resolve();
  private readonly tell: Attempt["tell"];

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly before: Before,
  ) {
    this.attempt = new Attempt(inputs, before);
    this.tell = this.attempt.tell;
    this.notifications = new Notifications(inputs, this.attempt.waiter, this.tell);
  }

  /**
   * Makes the release live.
   *
   * @throws an error that says what failed, what serves now and how to go back. The release that served before goes on serving.
   */
  async run(): Promise<LambdaRolloutOutputs> {
    try {
      const { alias } = this.attempt;
      const target = await alias.version(this.inputs.functionVersion);
      this.refuseOtherRelease(target);
      const isFirst = (await alias.read()) === undefined;
      return (isFirst ? await this.firstRelease(target) : undefined) ?? (await this.nextRelease(target));
    } catch (error) {
      this.notify(this.attempt.wentBack === undefined ? "failed" : "rolled-back", explained(error).message);
      throw error;
    } finally {
      await this.attempt.judges.end();
      await this.sending;
    }
  }

  private refuseOtherRelease({ release: carried }: FunctionVersion): void {
    const { functionName, functionVersion, release } = this.inputs;
    if (carried !== release) {
      const found = carried === "" ? `no ${VARIABLES.release}` : `${VARIABLES.release}=${carried}`;
      throw new Error(
        `version ${functionVersion} of ${functionName} has ${found}, but release ${release} is to be rolled out: ` +
          "give the function and the rollout the same release",
      );
    }
  }

  private hookRefusal(): Promise<string | undefined> {
    return new Hooks(this.inputs, this.attempt.waiter).refusal();
  }

  /** Without an alias there is nothing to shift from, so the hook is called directly. `undefined` if the alias has appeared meanwhile. */
  private async firstRelease(target: FunctionVersion): Promise<LambdaRolloutOutputs | undefined> {
    const lines = forecast(this.inputs, {});
    lines.forEach(this.tell);
    this.notify("started", lines.join("\n"));
    await this.attempt.judges.refuseMissing();
    const refusal = await this.hookRefusal();
    if (refusal !== undefined) {
      throw new Error(`release ${target.release} is not live: ${refusal}\nNothing serves yet`);
    }
    const alias = await this.attempt.alias.create(target.version, this.inputs.description);
    return (
      alias && this.live(alias, target, "created", new Date(), `${named(target)} is live: it is the first release`)
    );
  }

  private nextRelease(green: FunctionVersion): Promise<LambdaRolloutOutputs> {
    const { functionName, aliasName } = this.inputs;
    return keeping(
      `${functionName}:${aliasName}`,
      () => afterFailure(this.attempt),
      () => this.fromWhatIsThere(green),
    );
  }

  /** @param tries How often CodeDeploy may say that it is busy. */
  private async fromWhatIsThere(green: FunctionVersion, tries = STARTS): Promise<LambdaRolloutOutputs> {
    const running = await ourDeployment(this.attempt);
    if (running !== undefined) {
      this.tell(`deployment ${running.id} is under way for this version: going on with it`);
      return this.shift(running.id, { blue: await this.attempt.alias.version(running.from), green });
    }
    const alias = await restedAlias(this.attempt);
    const blue = await this.attempt.alias.version(alias.version);
    if (blue.release === green.release) {
      return this.alreadyLive(alias, blue, green);
    }
    return this.inputs.standbyReleases.includes(green.release)
      ? this.flip({ blue, green })
      : this.deploy({ blue, green }, tries);
  }

  /** Lets CodeDeploy shift the traffic. */
  private async deploy(versions: BlueGreen, tries: number): Promise<LambdaRolloutOutputs> {
    const { blue, green } = versions;
    const lines = this.forecast(blue);
    const overridingAlarms = await this.attempt.judges.beforehand();
    const id =
      (await this.attempt.deployments.start(blue.version, overridingAlarms)) ?? (await ourDeployment(this.attempt))?.id;
    if (id === undefined) {
      return this.tryLater(green, tries - 1);
    }
    const line = `deployment ${id} shifts the traffic from ${named(blue)} to ${named(green)}`;
    this.tell(line);
    this.notify("started", [...lines, line].join("\n"));
    return this.shift(id, versions);
  }

  /** CodeDeploy is busy with what it does not list, such as a rollback that is about to begin, or with what has ended by now. */
  private async tryLater(green: FunctionVersion, tries: number): Promise<LambdaRolloutOutputs> {
    const { deploymentGroupName, pollSeconds } = this.inputs;
    if (tries === 0) {
      throw new Error(
        `CodeDeploy says that another deployment is under way in ${deploymentGroupName}, and shows none: run pulumi up again`,
      );
    }
    this.tell(`CodeDeploy is still busy in ${deploymentGroupName}: trying again`);
    await this.attempt.waiter.wait(pollSeconds);
    return this.fromWhatIsThere(green, tries);
  }

  private async shift(id: string, versions: BlueGreen): Promise<LambdaRolloutOutputs> {
    this.attempt.deploymentId = id;
    const { alias, deployment } = await new Shift(this.attempt).follow(id, versions);
    return this.settle(alias, deployment, versions, new Date());
  }

  /** Bakes and drains. @param since When the new release had all traffic. */
  private async settle(alias: AliasState, deployment: Deployment, versions: BlueGreen, since: Date) {
    await new Bake(this.attempt).run(deployment, versions, since);
    await this.attempt.judges.end();
    const line = `${named(versions.green)} is live`;
    this.tell(line);
    await drain(this.attempt, versions.blue, since);
    return this.live(alias, versions.green, "deployed", deployment.completedAt ?? since, line);
  }

  /** Flips the alias in one call: the release's endpoint is in service, and was kept warm. In an emergency it may have too few instances. */
  private async flip(versions: BlueGreen): Promise<LambdaRolloutOutputs> {
    const { blue, green } = versions;
    this.notify("started", this.forecast(blue).join("\n"));
    if (!this.inputs.emergency) {
      await haveLeastInstances(this.attempt, green);
    }
    const refusal = await this.hookRefusal();
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
    await drain(this.attempt, blue, since);
    return this.live(alias, green, "flipped", since, line);
  }

  /** Deploys nothing, but finishes what an interrupted run has left: the rest of a bake, and the drain. */
  private async alreadyLive(alias: AliasState, live: FunctionVersion, target: FunctionVersion) {
    const deployment = await this.interrupted(live);
    if (deployment?.currentVersion !== undefined) {
      this.attempt.deploymentId = deployment.id;
      this.tell(`deployment ${deployment.id} has made ${named(live)} live meanwhile`);
      const blue = await this.attempt.alias.version(deployment.currentVersion);
      return this.settle(alias, deployment, { blue, green: live }, deployment.completedAt ?? new Date());
    }
    const { liveRelease, liveVersion } = this.before;
    if (
      liveVersion !== undefined &&
      liveRelease !== live.release &&
      this.inputs.standbyReleases.includes(live.release)
    ) {
      return this.flipped(alias, { blue: await this.attempt.alias.version(liveVersion), green: live });
    }
    this.tell(`${named(live)} is live already: nothing to deploy`);
    if (live.codeSha256 !== target.codeSha256) {
      this.tell(`the code has changed, the release has not: to deploy the change, use a new release id`);
    }
    return this.attempt.outputs({ alias, live, outcome: "unchanged", since: undefined });
  }

  /** The deployment that has made a release live, if no run has finished its rollout. */
  private async interrupted(live: FunctionVersion): Promise<Deployment | undefined> {
    const settled = settledRelease(this.before);
    if (settled === undefined || settled === live.release) {
      return undefined;
    }
    const last = await this.attempt.deployments.lastSucceeded();
    if (last?.currentVersion === undefined || last.isRollback || last.targetVersion !== live.version) {
      return undefined;
    }
    const { history = [], liveSince = "" } = this.before;
    if (liveSince !== "") {
      // A deployment that ended before that is finished, even if somebody has moved the alias to its version.
      return last.completedAt !== undefined && last.completedAt >= new Date(liveSince) ? last : undefined;
    }
    const isNews =
      !history.includes(live.release) || (await this.attempt.alias.version(last.currentVersion)).release === settled;
    return isNews ? last : undefined;
  }

  /** The plan, for a new resource: `diff` tells it for others, but is never called for a new one. */
  private forecast({ release, version }: FunctionVersion): string[] {
    const known = this.before.liveRelease === release ? this.before : {};
    const lines = forecast(this.inputs, { ...known, liveRelease: release, liveVersion: version });
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
    return this.attempt.outputs({ alias, live, outcome, since });
  }

  private notify(event: Parameters<Notifications["send"]>[0], message: string): void {
    const { functionName, aliasName, release } = this.inputs;
    const subject = `${functionName}:${aliasName}: release ${release} ${event}`;
    this.sending = this.sending.then(() => this.notifications.send(event, subject, message));
  }
}
