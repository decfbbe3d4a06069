import {
  ApplicationDoesNotExistException,
  DeploymentGroupDoesNotExistException,
  BatchGetDeploymentsCommand,
  CodeDeployClient,
  GetDeploymentTargetCommand,
  ListDeploymentsCommand,
  ListDeploymentTargetsCommand,
  DeploymentNotStartedException,
  type DeploymentInfo,
} from "@aws-sdk/client-codedeploy";
import { apiName } from "../../lib/release";
import type { AwsSettings } from "../support/context";

/** A deployment by which CodeDeploy brings a release in, or back. */
export interface Rollout {
  readonly deploymentId: string;
  /** CodeDeploy's word, such as `InProgress`. */
  readonly status: string;
  /** Release that it brings; empty if CodeDeploy has started it by itself, to undo another one. */
  readonly release: string;
  readonly startedAt: string | undefined;
  readonly isOver: boolean;
  /** Why it has failed. */
  readonly why: string | undefined;
}

/** CodeDeploy takes as many ids at once. */
const BATCH = 25;
const UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"];

/** The newest deployment of a stack's API; `undefined` if there is none. @param since leaves out those before */
export async function newestRollout(
  aws: AwsSettings,
  model: string,
  stack: string,
  since?: Date,
): Promise<Rollout | undefined> {
  const client = new CodeDeployClient(aws);
  const applicationName = apiName(model, stack);
  const { deployments: ids = [] } = await client
    .send(
      new ListDeploymentsCommand({
        applicationName,
        deploymentGroupName: applicationName,
        ...(since === undefined ? {} : { createTimeRange: { start: since } }),
      }),
    )
    .catch(unlessMissing);
  const found: DeploymentInfo[] = [];
  for (let i = 0; i < ids.length; i += BATCH) {
    const batch = await client.send(new BatchGetDeploymentsCommand({ deploymentIds: ids.slice(i, i + BATCH) }));
    found.push(...(batch.deploymentsInfo ?? []));
  }
  // CodeDeploy lists them in no promised order.
  const [newest] = found.sort((a, b) => (b.createTime?.getTime() ?? 0) - (a.createTime?.getTime() ?? 0));
  return newest && rolloutOf(newest);
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

function rolloutOf({
  deploymentId = "",
  status = "Created",
  description,
  createTime,
  errorInformation,
}: DeploymentInfo): Rollout {
  return {
    deploymentId,
    status,
    release: description ?? "",
    startedAt: createTime?.toISOString(),
    isOver: !UNDER_WAY.includes(status),
    why: errorInformation?.message,
  };
}

function unlessMissing(error: unknown): { readonly deployments?: string[] } {
  if (error instanceof ApplicationDoesNotExistException || error instanceof DeploymentGroupDoesNotExistException) {
    return {};
  }
  throw error;
}
