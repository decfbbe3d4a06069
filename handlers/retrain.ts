import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import { CodePipelineClient, StartPipelineExecutionCommand } from "@aws-sdk/client-codepipeline";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import type { Context } from "aws-lambda";
import { REASON_VARIABLE, type GovernorSettings } from "../lib/contract";
import { RETRAIN_METRICS } from "../lib/monitoring-names";
import { folderOf, parseS3Uri, type S3Place } from "../lib/s3-uri";
import { emfLine } from "./emf";
import { log, writeLine } from "./log";
import { decide } from "./retrain-decision";
import { executionsOf, readFacts } from "./retrain-facts";
import { Ledger, type Retraining } from "./retrain-ledger";
import { firing } from "./retrain-look";
import { isLook, requestOf, requestOfAlarms, type RetrainRequest } from "./retrain-request";
import { governorSettings } from "./settings";

/** What was decided about a request, as it is kept and returned. */
export interface DecisionRecord {
  readonly time: string;
  readonly id: string;
  readonly source: RetrainRequest["source"];
  readonly reason: string;
  readonly detail?: string;
  readonly decision: "retrain" | "none";
  readonly why: string;
  /** The execution that was started. */
  readonly executionId?: string;
}

const clients = {
  cloudWatch: new CloudWatchClient(),
  codePipeline: new CodePipelineClient(),
  codeDeploy: new CodeDeployClient(),
  // Emulators and private endpoints cannot resolve bucket names as host names.
  s3: new S3Client({ forcePathStyle: process.env.AWS_ENDPOINT_URL !== undefined }),
  sns: new SNSClient(),
};

/**
 * Decides whether the pipeline is started for an alarm that fires or stays on, the schedule or a person, keeps the decision and tells it. It may be killed at any
 * point, and called any number of times for one request and for others at the same time: a retraining that was decided on starts once. A
 * retraining is in the ledger before it is started, and any later call starts it where this one could not.
 *
 * @returns `undefined` if it was to look at the alarms, and none is on
 */
export async function handler(
  event: unknown,
  context: Pick<Context, "awsRequestId" | "functionName">,
): Promise<DecisionRecord | undefined> {
  const settings = governorSettings();
  const folder = folderAt(settings.decisionsUri);
  const request = isLook(event)
    ? await look(settings, context.awsRequestId)
    : requestOf(event, context.awsRequestId, new Date());
  if (request === undefined) {
    log("INFO", "retrain: none of the alarms is on", { alarmNames: settings.alarmNames });
    return undefined;
  }
  const { record, ledger } = await decided(request, settings, folder);
  log("INFO", `retrain: ${record.decision}: ${record.why}`, { ...record });
  count(record, context.functionName);
  await keep(record, folder);
  await tellOnce(record, ledger, settings);
  return record;
}

async function look({ alarmNames }: GovernorSettings, invocationId: string): Promise<RetrainRequest | undefined> {
  const alarms = await firing(clients.cloudWatch, alarmNames);
  return alarms.length === 0 ? undefined : requestOfAlarms(alarms, invocationId, new Date());
}

/**
 * Whoever was told why an alarm starts nothing is not told the same by each look. It is noted once they were told. Where another call changes
 * the ledger meanwhile, it is not noted, and the next look tells again.
 */
async function tellOnce(record: DecisionRecord, ledger: Ledger, settings: GovernorSettings): Promise<void> {
  const { source, decision, reason, why } = record;
  const refusal = decision === "none" && ["alarm", "look"].includes(source) ? `${reason}: ${why}` : undefined;
  const isKnown = refusal !== undefined && refusal === ledger.refusal;
  if (isKnown && source === "look") {
    return;
  }
  await tell(record, settings);
  if (refusal !== undefined && !isKnown) {
    await ledger.refused(refusal);
  }
}

/** A decision, and the ledger that it was made by. */
interface Decided {
  readonly record: DecisionRecord;
  readonly ledger: Ledger;
}

/** Each round somebody else has changed the ledger. */
const MOST_ROUNDS = 20;

/** A function of Lambda's ends by then, so nobody is about to start what was noted so long ago. */
const LONGEST_CALL_MS = 900_000;

async function decided(request: RetrainRequest, settings: GovernorSettings, folder: S3Place): Promise<Decided> {
  const { id, source, reason, detail } = request;
  const about = { time: request.time.toISOString(), id, source, reason, detail };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const ledger = await Ledger.read(clients.s3, folder);
    const intended = ledger.retrainings.find(({ executionId }) => executionId === undefined);
    if (intended !== undefined) {
      const executionId = await carriedOut(intended, settings);
      await (executionId === undefined ? ledger.withdraw(intended) : ledger.started(intended, executionId));
      continue;
    }
    const own = ledger.retrainings.find((one) => one.id === id);
    if (own !== undefined) {
      return { record: { ...about, decision: "retrain", why: own.why, executionId: own.executionId }, ledger };
    }
    const facts = await readFacts(clients, settings);
    const now = new Date();
    const retrainings = ledger.retrainings.map(({ at }) => new Date(at));
    const { retrain, why } = decide({ ...facts, retrainings, now }, settings);
    if (!retrain) {
      return { record: { ...about, decision: "none", why }, ledger };
    }
    await ledger.intend({ id, reason, why, at: now.toISOString(), after: facts.executions[0]?.id });
  }
  throw new Error(`the ledger of retrainings has changed ${MOST_ROUNDS} times while request ${id} was decided on`);
}

/**
 * Starts the execution of a retraining, unless one has been started since it was decided on: whoever was to start this one may have been
 * killed right after it, and any other trains on the newest code and data as well. What was decided on long ago is not started: a rollout may
 * be under way by now.
 *
 * @returns the execution's id; `undefined` if there is none
 */
async function carriedOut(
  { after, token, reason, at }: Retraining,
  settings: GovernorSettings,
): Promise<string | undefined> {
  const { codePipeline } = clients;
  const executions = await executionsOf(codePipeline, settings);
  const known = after === undefined ? executions.length : executions.findIndex(({ id }) => id === after);
  const since = executions.slice(0, Math.max(known, 0)).at(-1);
  if (since !== undefined) {
    return since.id;
  }
  if (Date.now() - Date.parse(at) > LONGEST_CALL_MS) {
    return undefined;
  }
  const { pipelineExecutionId } = await codePipeline.send(
    new StartPipelineExecutionCommand({
      name: settings.pipelineName,
      clientRequestToken: token,
      variables: [{ name: REASON_VARIABLE, value: reason }],
    }),
  );
  if (pipelineExecutionId === undefined) {
    throw new Error(`CodePipeline has started ${settings.pipelineName} and not said which execution it is`);
  }
  return pipelineExecutionId;
}

function folderAt(uri: string): S3Place {
  const place = parseS3Uri(uri);
  if (place === undefined || folderOf(place) === "") {
    throw new Error(`decisionsUri must be s3://<bucket>/<prefix>, got ${uri}`);
  }
  return { bucket: place.bucket, key: folderOf(place) };
}

/** A line of the log from which CloudWatch makes the metrics that a dashboard draws. */
function count({ decision }: DecisionRecord, FunctionName: string): void {
  const isStarted = decision === "retrain";
  const metrics = {
    [RETRAIN_METRICS.started]: { value: Number(isStarted), unit: "Count" },
    [RETRAIN_METRICS.refused]: { value: Number(!isStarted), unit: "Count" },
  } as const;
  const sets = [{ dimensions: ["FunctionName"], metrics }];
  writeLine(
    emfLine({ namespace: RETRAIN_METRICS.namespace, dimensions: { FunctionName }, sets, timestamp: Date.now() }),
  );
}

async function keep(record: DecisionRecord, { bucket, key }: S3Place): Promise<void> {
  const time = record.time.replace(/[-:]|\.\d+/g, "");
  await clients.s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: `${key}/${time}-${record.id}.json`,
      Body: JSON.stringify(record, undefined, 2),
      ContentType: "application/json",
    }),
  );
}

async function tell(record: DecisionRecord, { pipelineName, topicArn }: GovernorSettings): Promise<void> {
  const { decision, why, reason, detail, executionId = "" } = record;
  const isStarted = decision === "retrain";
  const lines = [
    `Pipeline ${pipelineName} was asked for a retraining by ${reason}.`,
    ...(detail === undefined ? [] : [detail]),
    isStarted ? `Execution ${executionId} was started: ${why}.` : `None was started: ${why}.`,
  ];
  await clients.sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: `${pipelineName}: ${isStarted ? "retraining started" : "no retraining"}`,
      Message: lines.join("\n"),
      MessageAttributes: { event: { DataType: "String", StringValue: isStarted ? "retrain" : "no-retrain" } },
    }),
  );
}
