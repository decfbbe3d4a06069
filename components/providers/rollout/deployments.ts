import {
  CodeDeployClient,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  GetDeploymentTargetCommand,
  ListDeploymentTargetsCommand,
  paginateListDeployments,
  StopDeploymentCommand,
  type AlarmConfiguration,
  type DeploymentInfo,
  type DeploymentStatus,
  type LambdaTarget,
  type LifecycleEvent,
  type TimeRange,
} from "@aws-sdk/client-codedeploy";
import { answered, caller, clientSettings, type Caller } from "../support/aws";
import type { Waiter } from "../support/waiter";
import type { LambdaRolloutInputs } from "./inputs";

/** A deployment as it stands. */
export interface Deployment {
  readonly id: string;
  readonly status: DeploymentStatus;
  /** Whether CodeDeploy started it by itself to undo another deployment. */
  readonly isRollback: boolean;
  /**
   * Whether it has failed and CodeDeploy is to undo it, but has not begun to. It begins some seconds after the failure, and names the
   * deployment with which it does.
   */
  readonly awaitsRollback: boolean;
  /** Its description, which is the release here. */
  readonly description: string;
  /** Versions between which it shifts; unknown until it has started. */
  readonly currentVersion: string | undefined;
  readonly targetVersion: string | undefined;
  readonly events: readonly LifecycleEvent[];
  /** CodeDeploy's reason for a failure, such as `ALARM_ACTIVE: …`. */
  readonly failure: string | undefined;
  readonly failureCode: string | undefined;
  /** The alarms that it watches instead of its group's. */
  readonly overridingAlarms: readonly string[] | undefined;
  readonly createdAt: Date | undefined;
  readonly completedAt: Date | undefined;
}

const UNDER_WAY: DeploymentStatus[] = ["Created", "Queued", "InProgress", "Baking", "Ready"];

/** Ever longer times in which the last deployment is looked for: an hour, a day, a month, all. */
const LOOK_BACK_HOURS = [1, 24, 31 * 24, Infinity];

export function hasEnded({ status }: Pick<Deployment, "status">): boolean {
  return !UNDER_WAY.includes(status);
}

function awaitsRollback({ status, autoRollbackConfiguration, rollbackInfo = {} }: Partial<DeploymentInfo>): boolean {
  const { rollbackDeploymentId, rollbackMessage } = rollbackInfo;
  return (
    (status === "Failed" || status === "Stopped") &&
    autoRollbackConfiguration?.enabled === true &&
    rollbackDeploymentId === undefined &&
    // Without an id, the message says why there is no rollback.
    rollbackMessage === undefined
  );
}

function alarmsOf(configuration: AlarmConfiguration | undefined): string[] | undefined {
  if (configuration === undefined) {
    return undefined;
  }
  const alarms = configuration.enabled === true ? (configuration.alarms ?? []) : [];
  return alarms.flatMap(({ name }) => name ?? []);
}

/** The deployments of a rollout's deployment group. */
export class Deployments {
  private readonly codeDeploy: Caller<CodeDeployClient>;

  constructor(
    private readonly inputs: LambdaRolloutInputs,
    private readonly waiter: Waiter,
  ) {
    this.codeDeploy = caller(() => new CodeDeployClient(clientSettings(inputs.region)));
  }

  /** One look at a deployment. */
  async look(deploymentId: string): Promise<Deployment> {
    const info = await this.info(deploymentId);
    const target = await this.target(deploymentId);
    const { code, message } = info?.errorInformation ?? {};
    return {
      id: deploymentId,
      status: info?.status ?? "Created",
      isRollback: info?.creator === "codeDeployRollback",
      awaitsRollback: info !== undefined && awaitsRollback(info),
      description: info?.description ?? "",
      currentVersion: target?.lambdaFunctionInfo?.currentVersion,
      targetVersion: target?.lambdaFunctionInfo?.targetVersion,
      events: target?.lifecycleEvents ?? [],
      failure: code === undefined && message === undefined ? undefined : [code, message].join(": "),
      failureCode: code,
      overridingAlarms: alarmsOf(info?.overrideAlarmConfiguration),
      createdAt: info?.createTime,
      completedAt: info?.completeTime,
    };
  }

  /** One look at the deployment that is under way in the group, if any. CodeDeploy runs one at a time. */
  async lookUnderWay(): Promise<Deployment | undefined> {
    const [id] = await this.list(UNDER_WAY);
    return id === undefined ? undefined : this.look(id);
  }

  /**
   * Starts a deployment; `undefined` if one is under way already.
   *
   * @param overridingAlarms Alarms to watch instead of the group's.
   */
  async start(currentVersion: string, overridingAlarms?: readonly string[]): Promise<string | undefined> {
    const { applicationName, deploymentGroupName, release } = this.inputs;
    const content = appSpec(this.inputs, currentVersion);
    const command = new CreateDeploymentCommand({
      applicationName,
      deploymentGroupName,
      description: release,
      revision: { revisionType: "AppSpecContent", appSpecContent: { content } },
      overrideAlarmConfiguration: overridingAlarms && {
        enabled: overridingAlarms.length > 0,
        alarms: overridingAlarms.map((name) => ({ name })),
      },
    });
    try {
      const { deploymentId } = await this.waiter.call(() => this.codeDeploy((client) => client.send(command)));
      return deploymentId;
    } catch (error) {
      // A second try also gets this if the first one reached AWS and only its answer was lost.
      if (answered(error, "DeploymentLimitExceededException")) {
        return undefined;
      }
      throw error;
    }
  }

  /** The last deployment that succeeded, if any. It may be a rollback. CodeDeploy lists deployments in no promised order. */
  async lastSucceeded(): Promise<Deployment | undefined> {
    for (const hours of LOOK_BACK_HOURS) {
      const start = new Date(Date.now() - hours * 3_600_000);
      const range = hours === Infinity ? undefined : { start };
      const ids = await this.waiter.call(() => this.list(["Succeeded"], range));
      const last = await this.newest(ids);
      if (last !== undefined) {
        return this.waiter.call(() => this.look(last));
      }
    }
    return undefined;
  }

  private async newest(ids: readonly string[]): Promise<string | undefined> {
    let newest: { readonly id: string; readonly createdAt: number } | undefined;
    for (const id of ids) {
      const info = await this.waiter.call(() => this.info(id));
      const createdAt = info?.createTime?.getTime() ?? 0;
      newest = newest === undefined || createdAt > newest.createdAt ? { id, createdAt } : newest;
    }
    return newest?.id;
  }

  private async info(deploymentId: string): Promise<DeploymentInfo | undefined> {
    const command = new GetDeploymentCommand({ deploymentId });
    return (await this.codeDeploy((client) => client.send(command))).deploymentInfo;
  }

  /** Asks CodeDeploy to stop a deployment and to send the traffic back to where it was. */
  async stop(deploymentId: string): Promise<void> {
    const command = new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
    try {
      await this.codeDeploy((client) => client.send(command));
    } catch (error) {
      if (!answered(error, "DeploymentAlreadyCompletedException")) {
        throw error;
      }
    }
  }

  /** Names of the alarms that the group watches. */
  async alarmNames(): Promise<string[]> {
    const { applicationName, deploymentGroupName } = this.inputs;
    const command = new GetDeploymentGroupCommand({ applicationName, deploymentGroupName });
    const { deploymentGroupInfo } = await this.waiter.call(() => this.codeDeploy((client) => client.send(command)));
    return (deploymentGroupInfo?.alarmConfiguration?.alarms ?? []).flatMap(({ name }) => name ?? []);
  }

  private async list(includeOnlyStatuses: DeploymentStatus[], createTimeRange?: TimeRange): Promise<string[]> {
    const { applicationName, deploymentGroupName } = this.inputs;
    const request = { applicationName, deploymentGroupName, includeOnlyStatuses, createTimeRange };
    try {
      return await this.codeDeploy(async (client) => {
        const ids: string[] = [];
        for await (const { deployments = [] } of paginateListDeployments({ client }, request)) {
          ids.push(...deployments);
        }
        return ids;
      });
    } catch (error) {
      if (answered(error, "ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException")) {
        return [];
      }
      throw error;
    }
  }

  /** A Lambda deployment has one target: the function's alias. */
  private async target(deploymentId: string): Promise<LambdaTarget | undefined> {
    try {
      const { targetIds = [] } = await this.codeDeploy((client) =>
        client.send(new ListDeploymentTargetsCommand({ deploymentId })),
      );
      const [targetId] = targetIds;
      if (targetId === undefined) {
        return undefined;
      }
      const { deploymentTarget } = await this.codeDeploy((client) =>
        client.send(new GetDeploymentTargetCommand({ deploymentId, targetId })),
      );
      return deploymentTarget?.lambdaTarget;
    } catch (error) {
      if (answered(error, "DeploymentNotStartedException")) {
        return undefined;
      }
      throw error;
    }
  }
}

/**
 * What CodeDeploy is to do, in its own form.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
 */
function appSpec(inputs: LambdaRolloutInputs, currentVersion: string): string {
  const hooks = [{ BeforeAllowTraffic: inputs.preTrafficHook }, { AfterAllowTraffic: inputs.postTrafficHook }].filter(
    (hook) => Object.values(hook).some((name) => name !== undefined),
  );
  const body = {
    Resources: [
      {
        [inputs.functionName]: {
          Type: "AWS::Lambda::Function",
          Properties: {
            Name: inputs.functionName,
            Alias: inputs.aliasName,
            CurrentVersion: currentVersion,
            TargetVersion: inputs.functionVersion,
          },
        },
      },
    ],
    ...(hooks.length > 0 ? { Hooks: hooks } : {}),
  };
  // CodeDeploy allows one version only, 0.0, and JavaScript would write that number as 0.
  return `{"version":0.0,${JSON.stringify(body).slice(1)}`;
}
