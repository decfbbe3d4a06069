import {
  ApplicationDoesNotExistException,
  BatchGetDeploymentsCommand,
  CodeDeployClient,
  DeploymentGroupDoesNotExistException,
  paginateListDeployments,
  type DeploymentInfo,
} from "@aws-sdk/client-codedeploy";
import type { AwsSettings } from "../support/context";

const UNDER_WAY = ["Created", "Queued", "InProgress", "Baking", "Ready"];
/** Ever longer times in which the newest deployments are looked for. */
const LOOK_BACK_HOURS = [1, 24, 31 * 24];
/** Most that CodeDeploy tells of at once. */
const BATCH = 25;

/**
 * The newest deployments of an application, newest first: at least so many if there have been so many within a month. CodeDeploy lists them
 * in no promised order.
 */
export async function deployments(aws: AwsSettings, applicationName: string, count: number): Promise<DeploymentInfo[]> {
  const client = new CodeDeployClient(aws);
  for (const hours of LOOK_BACK_HOURS) {
    const start = new Date(Date.now() - hours * 3_600_000);
    const ids = await idsOf(client, applicationName, start);
    if (ids.length >= count || (ids.length > 0 && hours === LOOK_BACK_HOURS.at(-1))) {
      return detailsOf(client, ids);
    }
  }
  return [];
}

/** Whether a deployment is not over yet. */
export const isUnderWay = ({ status = "Created" }: DeploymentInfo) => UNDER_WAY.includes(status);

/** Whether CodeDeploy has begun it by itself, to undo another one. */
export const isRollback = ({ creator }: DeploymentInfo) => creator === "codeDeployRollback";

async function idsOf(client: CodeDeployClient, name: string, start: Date): Promise<string[]> {
  const request = { applicationName: name, deploymentGroupName: name, createTimeRange: { start } };
  const ids: string[] = [];
  try {
    for await (const { deployments: page = [] } of paginateListDeployments({ client }, request)) {
      ids.push(...page);
    }
  } catch (error) {
    if (
      !(error instanceof ApplicationDoesNotExistException) &&
      !(error instanceof DeploymentGroupDoesNotExistException)
    ) {
      throw error;
    }
  }
  return ids;
}

async function detailsOf(client: CodeDeployClient, ids: readonly string[]): Promise<DeploymentInfo[]> {
  const found: DeploymentInfo[] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    const deploymentIds = ids.slice(at, at + BATCH);
    const { deploymentsInfo = [] } = await client.send(new BatchGetDeploymentsCommand({ deploymentIds }));
    found.push(...deploymentsInfo);
  }
  return found.sort((a, b) => (b.createTime?.getTime() ?? 0) - (a.createTime?.getTime() ?? 0));
}
