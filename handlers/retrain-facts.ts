import {
  ApplicationDoesNotExistException,
  BatchGetDeploymentsCommand,
  type CodeDeployClient,
  DeploymentGroupDoesNotExistException,
  paginateListDeployments,
} from "@aws-sdk/client-codedeploy";
import { type CodePipelineClient, paginateListPipelineExecutions } from "@aws-sdk/client-codepipeline";
import { ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import type { GovernorSettings } from "../lib/contract";
import type { Execution, Facts, Rollout } from "./retrain-decision";

/** The clients that facts are read with. */
export interface FactClients {
  readonly codePipeline: CodePipelineClient;
  readonly codeDeploy: CodeDeployClient;
  readonly s3: S3Client;
}

/** What AWS says that a decision depends on. */
export async function readFacts(
  clients: FactClients,
  settings: GovernorSettings,
): Promise<Pick<Facts, "executions" | "dataVersion" | "rollouts">> {
  const [executions, dataVersion, rollouts] = await Promise.all([
    executionsOf(clients.codePipeline, settings),
    newestData(clients.s3, settings),
    rolloutsOf(clients.codeDeploy, settings),
  ]);
  return { executions, dataVersion, rollouts };
}

/** How far back the last successful execution is looked for. */
const MOST_PAGES = 10;

/** Newest first, as far back as the last one that has succeeded. */
export async function executionsOf(
  client: CodePipelineClient,
  { pipelineName, dataAction }: GovernorSettings,
): Promise<Execution[]> {
  const found: Execution[] = [];
  let pages = 0;
  for await (const page of paginateListPipelineExecutions({ client }, { pipelineName, maxResults: 100 })) {
    for (const { pipelineExecutionId: id = "", status = "", sourceRevisions = [] } of page.pipelineExecutionSummaries ??
      []) {
      const dataVersion = sourceRevisions.find(({ actionName }) => actionName === dataAction)?.revisionId;
      found.push({ id, status, dataVersion });
    }
    pages += 1;
    if (pages === MOST_PAGES || found.some(({ status }) => status === "Succeeded")) {
      break;
    }
  }
  return found;
}

/** HeadObject would need the right to decrypt the data. */
async function newestData(s3: S3Client, { dataBucket, dataKey }: GovernorSettings): Promise<string | undefined> {
  const { Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: dataBucket, Prefix: dataKey, MaxKeys: 10 }),
  );
  return Versions.find(({ Key, IsLatest }) => Key === dataKey && IsLatest === true)?.VersionId;
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** CodeDeploy describes so many at once. */
const MOST_DESCRIBED = 25;

/** Those that may be under way or not have settled. No deployment takes two days. */
async function rolloutsOf(
  client: CodeDeployClient,
  { rolloutApplication, settleMinutes }: GovernorSettings,
): Promise<Rollout[]> {
  const group = { applicationName: rolloutApplication, deploymentGroupName: rolloutApplication };
  const createTimeRange = { start: new Date(Date.now() - 2 * DAY_MS - settleMinutes * MINUTE_MS) };
  const ids: string[] = [];
  try {
    for await (const { deployments = [] } of paginateListDeployments({ client }, { ...group, createTimeRange })) {
      ids.push(...deployments);
    }
  } catch (error) {
    // Before the first release nothing has been rolled out.
    if (error instanceof ApplicationDoesNotExistException || error instanceof DeploymentGroupDoesNotExistException) {
      return [];
    }
    throw error;
  }
  const rollouts: Rollout[] = [];
  for (let start = 0; start < ids.length; start += MOST_DESCRIBED) {
    const deploymentIds = ids.slice(start, start + MOST_DESCRIBED);
    const { deploymentsInfo = [] } = await client.send(new BatchGetDeploymentsCommand({ deploymentIds }));
    rollouts.push(...deploymentsInfo.map(({ deploymentId: id = "", completeTime }) => ({ id, endedAt: completeTime })));
  }
  return rollouts;
}
