import {
  CodeDeployClient,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentGroupCommand,
  GetDeploymentTargetCommand,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
  type AlarmConfiguration,
  type DeploymentStatus,
  type LambdaTarget,
  type LifecycleEvent,
} from "@aws-sdk/client-codedeploy";
import { answered, caller, clientSettings, type Caller } from "../support/aws";
import type { Waiter } from "../support/waiter";
import type { LambdaRolloutInputs } from "./inputs";

/** A deployment as it stands. */
export interface Deployment {
  readonly id: string;
  readonly status: DeploymentStatus;
  /** Whether CodeDeploy started it by itself, to undo another. */
  readonly isRollback: boolean;
  /** What its creator wrote down; here the release. */
  readonly description: string;
  /** Versions that it shifts between; unknown until it has really started. */
  readonly currentVersion: string | undefined;
  readonly targetVersion: string | undefined;
  readonly events: readonly LifecycleEvent[];
  /** CodeDeploy's word for why it did not succeed, such as `ALARM_ACTIVE: …`. */
  readonly failure: string | undefined;
  readonly failureCode: string | undefined;
  /** The alarms that it watches instead of its group's. */
  readonly overridingAlarms: readonly string[] | undefined;
  readonly createdAt: Date | undefined;
  readonly completedAt: Date | undefined;
}

const UNDER_WAY: DeploymentStatus[] = ["Created", "Queued", "InProgress", "Baking", "Ready"];

/** How many of the successful deployments that CodeDeploy lists first are looked at: it promises no order. */
const LOOK_BACK = 5;

export function hasEnded({ status }: Deployment): boolean {
  return !UNDER_WAY.includes(status);
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
    const { deploymentInfo: info } = await this.codeDeploy((client) =>
      client.send(new GetDeploymentCommand({ deploymentId })),
    );
    const target = await this.target(deploymentId);
    const { code, message } = info?.errorInformation ?? {};
    return {
      id: deploymentId,
      status: info?.status ?? "Created",
      isRollback: info?.creator === "codeDeployRollback",
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

  /** One look at the deployment that is under way in the group, if there is one: CodeDeploy runs one at a time. */
  async lookUnderWay(): Promise<Deployment | undefined> {
    const [id] = await this.list(UNDER_WAY);
    return id === undefined ? undefined : this.look(id);
  }

  /**
   * Starts shifting; `undefined` where a deployment is under way already.
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
      // Also what a second try is told whose first try got through, but whose answer did not.
      if (answered(error, "DeploymentLimitExceededException")) {
        return undefined;
      }
      throw error;
    }
  }

  /** The last deployment that succeeded, if any; also a rollback. */
  async lastSucceeded(): Promise<Deployment | undefined> {
    const ids = await this.waiter.call(() => this.list(["Succeeded"]));
    const newest: Deployment[] = [];
    for (const id of ids.slice(0, LOOK_BACK)) {
      newest.push(await this.waiter.call(() => this.look(id)));
    }
    const age = ({ createdAt }: Deployment) => createdAt?.getTime() ?? 0;
    return newest.sort((a, b) => age(b) - age(a))[0];
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

  private async list(includeOnlyStatuses: DeploymentStatus[]): Promise<string[]> {
    const { applicationName, deploymentGroupName } = this.inputs;
    try {
      const { deployments = [] } = await this.codeDeploy((client) =>
        client.send(new ListDeploymentsCommand({ applicationName, deploymentGroupName, includeOnlyStatuses })),
      );
      return deployments;
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
