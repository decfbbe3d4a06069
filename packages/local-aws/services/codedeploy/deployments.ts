import {
  BatchGetDeploymentsCommand,
  BatchGetDeploymentTargetsCommand,
  CreateDeploymentCommand,
  GetDeploymentCommand,
  GetDeploymentTargetCommand,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  PutLifecycleEventHookExecutionStatusCommand,
  StopDeploymentCommand,
  type CreateDeploymentInput,
  type DeploymentTarget,
} from "@aws-sdk/client-codedeploy";
import type { Account } from "../../core/account";
import { AwsError, notImplemented } from "../../core/aws-error";
import type { Clock } from "../../core/clock";
import { operation, type Checked, type Operation } from "../../core/operation";
import { appSpecText, parseAppSpec, type AppSpec } from "./app-spec";
import { DEFAULT_CONFIG } from "./configs";
import { Deployment, type DeploymentOrder } from "./deployment";
import type { Engine } from "./engine";
import { DeploymentFailure } from "./failure";
import { checkAlarms, checkAutoRollback } from "./groups";
import type { HookExecutions } from "./hooks";
import { page, newDeploymentId, type Store } from "./store";

/** Arguments of `CreateDeployment` that say something only on other compute platforms. */
const NOT_FOR_LAMBDA = ["targetInstances", "updateOutdatedInstancesOnly", "ignoreApplicationStopFailures"] as const;

/** What the operations on deployments work with. */
export interface DeploymentParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly account: Account;
  readonly engine: Engine;
  readonly hooks: HookExecutions;
}

/** Operations on deployments and their targets. */
export function deploymentOperations({ store, clock, account, engine, hooks }: DeploymentParts): readonly Operation[] {
  return [
    operation(CreateDeploymentCommand, (input) => {
      const deployment = new Deployment(orderOf(store, input), clock.now());
      engine.launch(deployment);
      return { deploymentId: deployment.id };
    }),

    operation(GetDeploymentCommand, (input) => ({ deploymentInfo: store.deployment(input.deploymentId).info() })),

    operation(BatchGetDeploymentsCommand, (input) => ({
      deploymentsInfo: input.deploymentIds.map((id) => store.deployment(id).info()),
    })),

    operation(ListDeploymentsCommand, (input) => {
      const { applicationName, deploymentGroupName, includeOnlyStatuses: statuses = [], createTimeRange } = input;
      if (input.externalId !== undefined) {
        throw notImplemented("CodeDeploy", "ListDeployments with externalId");
      }
      if ((applicationName === undefined) !== (deploymentGroupName === undefined)) {
        throw new AwsError(
          applicationName === undefined ? "ApplicationNameRequiredException" : "DeploymentGroupNameRequiredException",
          "applicationName and deploymentGroupName must be given both or not at all.",
        );
      }
      if (applicationName !== undefined && deploymentGroupName !== undefined) {
        store.group(applicationName, deploymentGroupName);
      }
      const { start, end } = createTimeRange ?? {};
      if (start !== undefined && end !== undefined && start > end) {
        throw new AwsError("InvalidTimeRangeException", "The start of createTimeRange is after its end.");
      }
      const found = [...store.deployments.values()].filter(
        ({ order, status, createTime }) =>
          (applicationName === undefined || order.applicationName === applicationName) &&
          (deploymentGroupName === undefined || order.deploymentGroupName === deploymentGroupName) &&
          (statuses.length === 0 || statuses.includes(status)) &&
          (start === undefined || createTime >= start) &&
          (end === undefined || createTime <= end),
      );
      // AWS promises no order, so here it is one that says nothing: ids are random.
      const ids = found.map(({ id }) => id).toSorted();
      const { items, nextToken } = page(ids, input.nextToken);
      return { deployments: items, nextToken };
    }),

    operation(StopDeploymentCommand, (input) => {
      const deployment = store.deployment(input.deploymentId);
      if (deployment.hasEnded) {
        throw new AwsError(
          "DeploymentAlreadyCompletedException",
          `The deployment ${deployment.id} is already completed.`,
        );
      }
      deployment.stopOnRequest(input.autoRollbackEnabled);
      return { status: "Pending" as const, statusMessage: `Deployment ${deployment.id} is being stopped.` };
    }),

    operation(PutLifecycleEventHookExecutionStatusCommand, (input) => {
      const { deploymentId, lifecycleEventHookExecutionId: executionId, status } = input;
      if (deploymentId === undefined) {
        throw new AwsError("DeploymentIdRequiredException", "The deployment id is required.");
      }
      hooks.report(store.deployment(deploymentId).id, executionId, status);
      return { lifecycleEventHookExecutionId: executionId };
    }),

    operation(GetDeploymentTargetCommand, (input) => ({
      deploymentTarget: targetOf(store.deployment(input.deploymentId), input.targetId, account),
    })),

    operation(ListDeploymentTargetsCommand, (input) => {
      const targetId = store.deployment(input.deploymentId).target(account)?.lambdaTarget?.targetId;
      return { targetIds: targetId === undefined ? [] : [targetId] };
    }),

    operation(BatchGetDeploymentTargetsCommand, (input) => {
      const deployment = store.deployment(input.deploymentId);
      return { deploymentTargets: input.targetIds.map((id) => targetOf(deployment, id, account)) };
    }),
  ];
}

function targetOf(deployment: Deployment, targetId: string, account: Account): DeploymentTarget {
  const target = deployment.target(account);
  if (target?.lambdaTarget?.targetId !== targetId) {
    throw new AwsError(
      "DeploymentTargetDoesNotExistException",
      `The deployment ${deployment.id} has no deployment target ${targetId}.`,
    );
  }
  return target;
}

/** Checks what can be checked before a deployment exists; the AppSpec is only judged when it starts, as by AWS. */
function orderOf(store: Store, input: Checked<CreateDeploymentInput>): DeploymentOrder {
  const { applicationName, deploymentGroupName, revision, description } = input;
  if (deploymentGroupName === undefined) {
    store.application(applicationName);
    throw new AwsError("DeploymentGroupNameRequiredException", "The deployment group name is required.");
  }
  const { info } = store.group(applicationName, deploymentGroupName);
  const foreign = NOT_FOR_LAMBDA.find((name) => input[name] !== undefined && input[name] !== false);
  if (foreign !== undefined) {
    throw new AwsError("InvalidInputException", `A deployment to the Lambda compute platform takes no ${foreign}.`);
  }
  const deploymentConfigName = input.deploymentConfigName ?? info.deploymentConfigName ?? DEFAULT_CONFIG;
  const { routing } = store.config(deploymentConfigName);
  checkAlarms(input.overrideAlarmConfiguration);
  checkAutoRollback(input.autoRollbackConfiguration);
  const appSpec = appSpecOrFailure(appSpecText(revision));
  const others = store.deploymentsOf(applicationName, deploymentGroupName);
  const running = others.find(({ hasEnded, rollbackIsDue }) => !hasEnded || rollbackIsDue);
  if (running !== undefined) {
    throw new AwsError(
      "DeploymentLimitExceededException",
      `The Deployment Group '${deploymentGroupName}' is already deploying deployment '${running.id}'.`,
    );
  }
  return {
    id: newDeploymentId(),
    applicationName,
    deploymentGroupName,
    deploymentConfigName,
    routing,
    revision: revision ?? {},
    previousRevision: others.findLast(({ status }) => status === "Succeeded")?.order.revision,
    appSpec,
    description,
    creator: "user",
    alarms: input.overrideAlarmConfiguration ?? info.alarmConfiguration,
    overrideAlarms: input.overrideAlarmConfiguration,
    autoRollback: input.autoRollbackConfiguration ?? info.autoRollbackConfiguration,
  };
}

function appSpecOrFailure(text: string): AppSpec | DeploymentFailure {
  try {
    return parseAppSpec(text);
  } catch (error) {
    if (error instanceof DeploymentFailure) {
      return error;
    }
    throw error;
  }
}
