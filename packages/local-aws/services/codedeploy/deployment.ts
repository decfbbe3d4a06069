import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  AutoRollbackEvent,
  DeploymentInfo,
  DeploymentStatus,
  DeploymentTarget,
  LifecycleEvent,
  LifecycleEventStatus,
  RevisionLocation,
  RollbackInfo,
  TargetStatus,
} from "@aws-sdk/client-codedeploy";
import { arn, type Account } from "../../core/account";
import type { AppSpec } from "./app-spec";
import { DeploymentFailure } from "./failure";
import type { Routing } from "./routing";

/** What a deployment is to do; fixed when it is created. */
export interface DeploymentOrder {
  readonly id: string;
  readonly applicationName: string;
  readonly deploymentGroupName: string;
  readonly deploymentConfigName: string;
  readonly routing: Routing;
  readonly revision: RevisionLocation;
  readonly previousRevision: RevisionLocation | undefined;
  /** Or why there is none. */
  readonly appSpec: AppSpec | DeploymentFailure;
  readonly description: string | undefined;
  readonly creator: "user" | "codeDeployRollback";
  readonly alarms: AlarmConfiguration | undefined;
  readonly overrideAlarms: AlarmConfiguration | undefined;
  readonly autoRollback: AutoRollbackConfiguration | undefined;
}

/** The events of a Lambda deployment, in their order. */
export const LIFECYCLE_EVENTS = ["BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"] as const;
export type LifecycleEventName = (typeof LIFECYCLE_EVENTS)[number];

const ENDED: readonly DeploymentStatus[] = ["Succeeded", "Failed", "Stopped"];
const TARGET_STATUS: Readonly<Partial<Record<DeploymentStatus, TargetStatus>>> = {
  Created: "Pending",
  InProgress: "InProgress",
  Succeeded: "Succeeded",
  Failed: "Failed",
  Stopped: "Failed",
};

/** A deployment: what has become of it so far. */
export class Deployment {
  status: DeploymentStatus = "Created";
  rollbackInfo: RollbackInfo | undefined;
  /** Whether its rollback is still to begin. Until then the group takes no other deployment. */
  rollbackIsDue = false;
  /** Per cent of the traffic that the target version has. */
  weight = 0;
  /** Called when it has started, and when it has ended. */
  onStatus: (status: DeploymentStatus) => void = () => undefined;
  private startTime: Date | undefined;
  private completeTime: Date | undefined;
  private updatedAt: Date;
  private failure: DeploymentFailure | undefined;
  private rollBackOnRequest: boolean | undefined;
  private readonly events: LifecycleEvent[];
  private readonly stopping = new AbortController();

  constructor(
    readonly order: DeploymentOrder,
    readonly createTime: Date,
  ) {
    this.updatedAt = createTime;
    this.events = LIFECYCLE_EVENTS.map((lifecycleEventName) => ({ lifecycleEventName, status: "Pending" }));
  }

  get id(): string {
    return this.order.id;
  }

  get hasEnded(): boolean {
    return ENDED.includes(this.status);
  }

  get endTime(): Date | undefined {
    return this.completeTime;
  }

  /** Given when the deployment is to end early; its reason is the {@link DeploymentFailure}. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Makes the deployment end because somebody asked for it. Without `rollBack`, its configuration says whether it is rolled back. */
  stopOnRequest(rollBack: boolean | undefined): void {
    this.rollBackOnRequest = rollBack;
    this.interrupt(
      new DeploymentFailure(
        "MANUAL_STOP",
        `Deployment ${this.id} was stopped by a request to StopDeployment.`,
        "Stopped",
        "DEPLOYMENT_STOP_ON_REQUEST",
      ),
    );
  }

  /** Makes the deployment end early. The first reason counts. */
  interrupt(failure: DeploymentFailure): void {
    this.stopping.abort(failure);
  }

  /** Whether the deployment's or its group's configuration wants a rollback after this event. */
  rollsBackOn(event: AutoRollbackEvent): boolean {
    if (event === "DEPLOYMENT_STOP_ON_REQUEST" && this.rollBackOnRequest !== undefined) {
      return this.rollBackOnRequest;
    }
    const { enabled, events = [] } = this.order.autoRollback ?? {};
    return enabled === true && events.includes(event);
  }

  start(now: Date): void {
    this.status = "InProgress";
    this.startTime = now;
    this.updatedAt = now;
    this.onStatus(this.status);
  }

  event(name: LifecycleEventName, status: LifecycleEventStatus, now: Date): void {
    const event = this.events.find(({ lifecycleEventName }) => lifecycleEventName === name);
    if (event !== undefined) {
      event.status = status;
      event.startTime ??= now;
      event.endTime = status === "InProgress" ? undefined : now;
      event.diagnostics = status === "Succeeded" ? { errorCode: "Success", message: "" } : undefined;
    }
    this.updatedAt = now;
  }

  succeed(now: Date): void {
    this.status = "Succeeded";
    this.completeTime = now;
    this.updatedAt = now;
    this.onStatus(this.status);
  }

  /** Ends early: the event that was going on has failed, those after it are skipped. */
  fail(failure: DeploymentFailure, now: Date): void {
    this.failure = failure;
    this.status = failure.status;
    this.startTime ??= now;
    this.completeTime = now;
    this.updatedAt = now;
    for (const event of this.events) {
      if (event.status === "InProgress") {
        event.status = "Failed";
        event.endTime = now;
        event.diagnostics = { errorCode: "UnknownError", message: failure.message };
      } else if (event.status === "Pending") {
        event.status = "Skipped";
      }
    }
    this.onStatus(this.status);
  }

  info(): DeploymentInfo {
    const { order } = this;
    return {
      applicationName: order.applicationName,
      deploymentGroupName: order.deploymentGroupName,
      deploymentConfigName: order.deploymentConfigName,
      deploymentId: order.id,
      previousRevision: order.previousRevision,
      revision: order.revision,
      status: this.status,
      errorInformation: this.failure && { code: this.failure.code, message: this.failure.message },
      createTime: this.createTime,
      startTime: this.startTime,
      completeTime: this.completeTime,
      deploymentOverview: this.overview(),
      description: order.description,
      creator: order.creator,
      ignoreApplicationStopFailures: false,
      autoRollbackConfiguration: order.autoRollback,
      updateOutdatedInstancesOnly: false,
      rollbackInfo: this.rollbackInfo,
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      instanceTerminationWaitTimeStarted: false,
      fileExistsBehavior: "DISALLOW",
      deploymentStatusMessages: [],
      computePlatform: "Lambda",
      overrideAlarmConfiguration: order.overrideAlarms,
    };
  }

  /** The one target that a Lambda deployment has; none if the AppSpec could not be read. */
  target(account: Account): DeploymentTarget | undefined {
    const { appSpec } = this.order;
    if (appSpec instanceof Error) {
      return undefined;
    }
    const targetId = `${appSpec.functionName}:${appSpec.alias}`;
    return {
      deploymentTargetType: "LambdaTarget",
      lambdaTarget: {
        deploymentId: this.id,
        targetId,
        targetArn: arn(account, "lambda", `function:${targetId}`),
        status: this.targetStatus(),
        lastUpdatedAt: this.updatedAt,
        lifecycleEvents: this.events.map((event) => ({ ...event })),
        lambdaFunctionInfo: {
          functionName: appSpec.functionName,
          functionAlias: appSpec.alias,
          currentVersion: appSpec.currentVersion,
          targetVersion: appSpec.targetVersion,
          // A share, though the API reference calls it a percentage: 1 is what AWS answers after a whole shift.
          targetVersionWeight: this.weight / 100,
        },
      },
    };
  }

  private targetStatus(): TargetStatus {
    return TARGET_STATUS[this.status] ?? "Unknown";
  }

  private overview() {
    const target = this.targetStatus();
    const counts = { Pending: 0, InProgress: 0, Succeeded: 0, Failed: 0, Skipped: 0, Ready: 0 };
    return target === "Unknown" ? counts : { ...counts, [target]: 1 };
  }
}
