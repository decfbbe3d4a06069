import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { Background } from "../../core/background";
import type { Clock } from "../../core/clock";
import { pause } from "../../core/waiting";
import { AlarmWatch } from "./alarm-watch";
import { AliasMoved, DeployedAlias } from "./alias";
import { reversed, type AppSpec, type HookName } from "./app-spec";
import { Deployment, LIFECYCLE_EVENTS, type LifecycleEventName } from "./deployment";
import { DeploymentFailure } from "./failure";
import type { HookExecutions } from "./hooks";
import { stepsOf } from "./routing";
import { newDeploymentId, type Store } from "./store";

/** From `Created` to `InProgress`, in AWS's time. */
const START_SECONDS = 1;
/** From the end of a deployment to the beginning of its rollback, in AWS's time. Nothing tells of the rollback until then. */
const ROLLBACK_SECONDS = 5;
const ROLLBACK_CONFIG = "CodeDeployDefault.LambdaAllAtOnce";

/** Carries out deployments: shifts the alias step by step, asks the hooks, heeds the alarms, and goes back when it must. */
export class Engine {
  private readonly background = new Background();

  constructor(
    private readonly store: Store,
    private readonly clock: Clock,
    private readonly lambda: LambdaClient,
    private readonly cloudWatch: CloudWatchClient,
    private readonly hooks: HookExecutions,
    private readonly announce: (deployment: Deployment) => void = () => undefined,
  ) {}

  /** Begins a deployment. It goes on in the background; whatever happens to it ends up in the deployment. */
  launch(deployment: Deployment): void {
    this.store.deployments.set(deployment.id, deployment);
    deployment.onStatus = () => this.announce(deployment);
    this.begin(deployment, () => this.deploy(deployment));
  }

  private async deploy(deployment: Deployment): Promise<void> {
    const { signal, order } = deployment;
    const watch = new AlarmWatch(this.cloudWatch, this.clock, order.alarms);
    let alias: DeployedAlias | undefined;
    try {
      await pause(this.clock, START_SECONDS, signal);
      deployment.start(this.clock.now());
      if (order.appSpec instanceof Error) {
        throw order.appSpec;
      }
      const begun = new DeployedAlias(this.lambda, this.clock, order.appSpec);
      alias = begun;
      await begun.begin(signal);
      await watch.begin(signal, (failure) => deployment.interrupt(failure));
      await this.goThrough(deployment, order.appSpec, begun);
      deployment.succeed(this.clock.now());
    } catch (error) {
      this.end(deployment, failureOf(error), alias);
    } finally {
      watch.end();
    }
  }

  private async goThrough(deployment: Deployment, spec: AppSpec, alias: DeployedAlias): Promise<void> {
    const { signal } = deployment;
    await this.event(deployment, "BeforeAllowTraffic", () => this.hook(deployment, spec, "BeforeAllowTraffic"));
    await this.event(deployment, "AllowTraffic", async () => {
      for (const { weight, waitSeconds } of stepsOf(deployment.order.routing)) {
        await alias.shiftTo(weight, signal);
        deployment.weight = weight;
        await pause(this.clock, waitSeconds, signal);
      }
    });
    await this.event(deployment, "AfterAllowTraffic", () => this.hook(deployment, spec, "AfterAllowTraffic"));
    await alias.verify(signal);
    signal.throwIfAborted();
  }

  private async hook(deployment: Deployment, spec: AppSpec, name: HookName): Promise<void> {
    const functionName = spec.hooks[name];
    if (functionName !== undefined) {
      await this.hooks.execute(deployment.id, functionName, deployment.signal);
    }
  }

  private async event(deployment: Deployment, name: LifecycleEventName, run: () => Promise<void>): Promise<void> {
    deployment.signal.throwIfAborted();
    deployment.event(name, "InProgress", this.clock.now());
    await run();
    deployment.signal.throwIfAborted();
    deployment.event(name, "Succeeded", this.clock.now());
  }

  private end(deployment: Deployment, failure: DeploymentFailure, alias: DeployedAlias | undefined): void {
    deployment.fail(failure, this.clock.now());
    if (!deployment.rollsBackOn(failure.event)) {
      return;
    }
    const { appSpec } = deployment.order;
    if (alias === undefined || appSpec instanceof Error || !alias.isOurs || failure instanceof AliasMoved) {
      const why = failure instanceof AliasMoved ? "its alias was changed by somebody else" : "it had not begun";
      const rollbackMessage = `Deployment ${deployment.id} can't be rolled back: ${why}.`;
      deployment.rollbackInfo = { rollbackMessage };
      return;
    }
    deployment.rollbackIsDue = true;
    this.begin(deployment, async () => {
      await pause(this.clock, ROLLBACK_SECONDS);
      this.rollBack(deployment, appSpec, alias);
      deployment.rollbackIsDue = false;
    });
  }

  /** A rollback is a deployment of its own: back to the version before, all at once, without hooks and whatever the alarms say. */
  private rollBack(failed: Deployment, failedSpec: AppSpec, alias: DeployedAlias): void {
    const id = newDeploymentId();
    const { spec, revision } = reversed(failedSpec);
    const order = {
      ...failed.order,
      id,
      deploymentConfigName: ROLLBACK_CONFIG,
      routing: { type: "AllAtOnce" } as const,
      revision,
      previousRevision: failed.order.revision,
      appSpec: spec,
      description: undefined,
      creator: "codeDeployRollback" as const,
      alarms: undefined,
      overrideAlarms: undefined,
      autoRollback: undefined,
    };
    const rollback = new Deployment(order, this.clock.now());
    failed.rollbackInfo = {
      rollbackDeploymentId: id,
      rollbackMessage: `Deployment ${failed.id} terminated. Automatic rollback is triggered with a DeploymentId ${id}.`,
    };
    rollback.rollbackInfo = {
      rollbackTriggeringDeploymentId: failed.id,
      rollbackMessage: `Deployment ${id} is triggered to roll back deployment ${failed.id}.`,
    };
    this.store.deployments.set(id, rollback);
    rollback.onStatus = () => this.announce(rollback);
    this.begin(rollback, () => this.restore(rollback, alias));
  }

  private async restore(rollback: Deployment, alias: DeployedAlias): Promise<void> {
    rollback.start(this.clock.now());
    try {
      for (const name of LIFECYCLE_EVENTS) {
        await this.event(rollback, name, async () => {
          if (name === "AllowTraffic") {
            await alias.restore(rollback.signal);
            rollback.weight = 100;
          }
        });
      }
      rollback.succeed(this.clock.now());
    } catch (error) {
      rollback.fail(failureOf(error), this.clock.now());
    }
  }

  private begin(deployment: Deployment, work: () => Promise<void>): void {
    this.background.begin(`deployment ${deployment.id}`, work, (error) => {
      deployment.fail(new DeploymentFailure("INTERNAL_ERROR", String(error)), this.clock.now());
    });
  }
}

/** Passes on what is no failure of the deployment: the end of the local AWS, and defects. */
function failureOf(error: unknown): DeploymentFailure {
  if (error instanceof DeploymentFailure) {
    return error;
  }
  throw error;
}
