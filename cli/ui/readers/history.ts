import { CloudWatchClient, DescribeAlarmHistoryCommand } from "@aws-sdk/client-cloudwatch";
import { executionsOf } from "../../pipeline/executions";
import { apiName } from "../../../lib/release";
import { deployments } from "../../serving/deployments";
import type { HappeningShown } from "../shown";
import type { Watched } from "../watched";
import { readRetrain } from "./retrain";
import { deploymentShown } from "./rollout";
import { PipelineNotFoundException } from "@aws-sdk/client-codepipeline";

const MOST = 40;
const EXECUTIONS = 10;
const ROLLOUTS = 6;

/** What has happened to the model, newest first. */
export async function readHistory(watched: Watched): Promise<HappeningShown[]> {
  const parts = await Promise.all([ofReleases(watched), ofRollouts(watched), ofAlarms(watched), ofRetraining(watched)]);
  return parts
    .flat()
    .sort((a, b) => b.at.localeCompare(a.at))
    .slice(0, MOST);
}

async function ofReleases({ aws, pipelineName }: Watched): Promise<HappeningShown[]> {
  const executions = await executionsOf(aws, pipelineName, EXECUTIONS).catch((error: unknown) => {
    if (error instanceof PipelineNotFoundException) {
      return [];
    }
    throw error;
  });
  return executions.flatMap(({ id, status, startedAt, endedAt, summary }) => [
    ...happening(startedAt, "release", `Release ${id} has entered the pipeline`, "plain"),
    ...happening(
      endedAt,
      "release",
      `Release ${id}: ${status}${summary === undefined ? "" : `: ${summary}`}`,
      status === "Succeeded" ? "good" : "bad",
    ),
  ]);
}

async function ofRollouts(watched: Watched): Promise<HappeningShown[]> {
  const found = await deployments(watched.aws, apiName(watched.model, "prod"), ROLLOUTS);
  return found.map(deploymentShown).flatMap(({ id, status, isRollback, release, createdAt, completedAt, why }) => {
    const what = isRollback ? `Rollback ${id}` : `Rollout ${id} of release ${release}`;
    const end = `${what}: ${status}${why === undefined ? "" : `: ${why}`}`;
    return [
      ...happening(
        createdAt,
        "rollout",
        isRollback ? `${what} has begun: CodeDeploy undoes a rollout` : `${what} has begun`,
        isRollback ? "bad" : "plain",
      ),
      ...happening(completedAt, "rollout", end, status === "Succeeded" ? "good" : "bad"),
    ];
  });
}

/** Alarms have no history by prefix, so the newest changes of all alarms of the account are looked through. */
async function ofAlarms({ aws, prefix }: Watched): Promise<HappeningShown[]> {
  const { AlarmHistoryItems = [] } = await new CloudWatchClient(aws).send(
    new DescribeAlarmHistoryCommand({ HistoryItemType: "StateUpdate", MaxRecords: 100, ScanBy: "TimestampDescending" }),
  );
  return AlarmHistoryItems.flatMap(({ AlarmName = "", HistorySummary = "", Timestamp }) => {
    const { from, to } = /from (?<from>\w+) to (?<to>\w+)/.exec(HistorySummary)?.groups ?? {};
    const isNews = AlarmName.startsWith(`${prefix}-`) && (to === "ALARM" || from === "ALARM");
    return isNews
      ? happening(
          Timestamp?.toISOString(),
          "alarm",
          to === "ALARM" ? `Alarm ${AlarmName} fires` : `Alarm ${AlarmName} is ${to ?? "?"} again`,
          to === "ALARM" ? "bad" : to === "OK" ? "good" : "plain",
        )
      : [];
  });
}

async function ofRetraining(watched: Watched): Promise<HappeningShown[]> {
  const decisions = await readRetrain(watched);
  return decisions.flatMap(({ at, isStarted, reason, why, execution }) =>
    happening(
      at,
      "retrain",
      isStarted
        ? `Retraining, asked for by ${reason}: execution ${execution ?? "?"} was started`
        : `No retraining, asked for by ${reason}: ${why}`,
      "plain",
    ),
  );
}

/** Nothing if it has no time, since it has not happened yet. */
function happening(
  at: string | undefined,
  kind: HappeningShown["kind"],
  text: string,
  mood: HappeningShown["mood"],
): HappeningShown[] {
  return at === undefined ? [] : [{ at: new Date(at).toISOString(), kind, text, mood }];
}
