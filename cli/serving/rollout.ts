import {
  CodeDeployClient,
  DeploymentNotStartedException,
  GetDeploymentTargetCommand,
  ListDeploymentTargetsCommand,
  type DeploymentInfo,
} from "@aws-sdk/client-codedeploy";
import { apiName } from "../../lib/release";
import type { AwsSettings } from "../support/context";
import { deployments, isRollback, isUnderWay } from "./deployments";

/** A deployment by which CodeDeploy brings a release in, or back. */
export interface Rollout {
  readonly deploymentId: string;
  /** CodeDeploy's word, such as `InProgress`. */
  readonly status: string;
  /** Release that it brings; empty if CodeDeploy has started it by itself, to undo another one. */
  readonly release: string;
  readonly startedAt: string | undefined;
  readonly isOver: boolean;
  /** Whether CodeDeploy has started it by itself, to undo another one. */
  readonly isRollback: boolean;
  /** Why it has failed. */
  readonly why: string | undefined;
}

/** The newest deployment of a stack's API within a month; `undefined` if there is none. @param since leaves out those before */
export async function newestRollout(
  aws: AwsSettings,
  model: string,
  stack: string,
  since?: Date,
): Promise<Rollout | undefined> {
  const [newest] = await deployments(aws, apiName(model, stack), 1);
  const isBefore = since !== undefined && (newest?.createTime ?? since) < since;
  return newest === undefined || isBefore ? undefined : rolloutOf(newest);
}

/** Versions of the function between which a deployment shifts; `undefined` until it has begun. */
export async function versionsOf(aws: AwsSettings, deploymentId: string) {
  const client = new CodeDeployClient(aws);
  try {
    const { targetIds = [] } = await client.send(new ListDeploymentTargetsCommand({ deploymentId }));
    const { deploymentTarget } = await client.send(
      new GetDeploymentTargetCommand({ deploymentId, targetId: targetIds[0] }),
    );
    return deploymentTarget?.lambdaTarget?.lambdaFunctionInfo;
  } catch (error) {
    if (error instanceof DeploymentNotStartedException) {
      return undefined;
    }
    throw error;
  }
}

function rolloutOf(info: DeploymentInfo): Rollout {
  const { deploymentId = "", status = "Created", description, createTime, errorInformation } = info;
  return {
    deploymentId,
    status,
    release: description ?? "",
    startedAt: createTime?.toISOString(),
    isOver: !isUnderWay(info),
    isRollback: isRollback(info),
    why: errorInformation?.message,
  };
}
