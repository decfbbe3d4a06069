import { randomUUID } from "node:crypto";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { messageOf } from "../../core/failure";
import { clientConfig, type Local, type SessionKeys } from "../../core/local";
import { eventOf } from "./engine";
import type { Canary, CanaryRun, Engine } from "./store";

/** How the script ended. */
interface Ending {
  /** Why it failed. @default - it passed */
  readonly failure?: string;
  readonly durationMs: number;
  readonly log: string;
}

/** AWS keeps 100 runs in the lists of a canary. */
const KEPT_RUNS = 100;

/** Runs a canary once: calls its function, and writes artifacts and metrics under its role, as its runtime does on AWS. */
export async function runOnce(local: Local, lambda: LambdaClient, canary: Canary, engine: Engine): Promise<void> {
  const run = begin(local, canary);
  const ending = await call(lambda, canary, engine);
  if (ending.failure !== undefined) {
    run.reason = { text: ending.failure, code: "CANARY_FAILURE" };
  }
  try {
    const keys = await local.sessions.assumeAs("lambda.amazonaws.com", canary.settings.roleArn, engine.functionName);
    await report(local, keys, run, ending);
    await putMetrics(local, keys, canary, run, ending);
  } catch (error) {
    // The alarm on a canary that leaves no metrics sees it too.
    run.reason ??= { text: messageOf(error), code: "EXECUTION_FAILURE" };
  }
  run.completedAt = local.clock.now();
  run.state = stateOf(run);
}

const stateOf = ({ reason }: CanaryRun) => (reason === undefined ? "PASSED" : "FAILED");

function begin({ clock, account }: Local, { runs, settings, artifactsName }: Canary): CanaryRun {
  const startedAt = clock.now();
  const [day = "", time = ""] = startedAt.toISOString().replace("Z", "").split("T");
  const [hour = "", ...minutes] = time.split(":");
  const place = settings.artifacts.replace(/^s3:\/\//, "").replace(/\/+$/, "");
  const folder = [day.replaceAll("-", "/"), hour, minutes.join("-").replace(".", "-")].join("/");
  const artifacts = `${place}/canary/${account.region}/${artifactsName}/${folder}`;
  const run: CanaryRun = { id: randomUUID(), startedAt, state: "RUNNING", artifacts };
  runs.push(run);
  runs.splice(0, runs.length - KEPT_RUNS);
  return run;
}

async function call(lambda: LambdaClient, { settings }: Canary, engine: Engine): Promise<Ending> {
  const startedAt = performance.now();
  const durationMs = () => Math.round(performance.now() - startedAt);
  try {
    const answer = await lambda.send(
      new InvokeCommand({
        FunctionName: engine.functionName,
        Qualifier: engine.version,
        Payload: JSON.stringify(eventOf(settings)),
        LogType: "Tail",
      }),
    );
    const log = Buffer.from(answer.LogResult ?? "", "base64").toString("utf8");
    const failure =
      answer.FunctionError === undefined ? undefined : messageIn(answer.Payload?.transformToString() ?? "");
    return { failure, durationMs: durationMs(), log };
  } catch (error) {
    return { failure: messageOf(error), durationMs: durationMs(), log: "" };
  }
}

/** What a function's error says. */
function messageIn(payload: string): string {
  const error: unknown = JSON.parse(payload);
  const message = typeof error === "object" && error !== null && "errorMessage" in error ? error.errorMessage : "";
  // Scripts that use a browser get this far.
  const [, library] = /Cannot find module '((?:@aws\/synthetics|Synthetics)[^']*)'/.exec(String(message)) ?? [];
  return library === undefined
    ? String(message)
    : `NotImplemented: Synthetics' library ${library} is not part of the local AWS`;
}

async function report(local: Local, keys: SessionKeys, run: CanaryRun, ending: Ending): Promise<void> {
  const s3 = new S3Client({ ...clientConfig(local, keys), forcePathStyle: true });
  const [Bucket = "", ...folder] = run.artifacts.split("/");
  const put = (file: string, Body: string) =>
    s3.send(new PutObjectCommand({ Bucket, Key: [...folder, file].join("/"), Body }));
  const result = stateOf(run);
  try {
    await put(
      `SyntheticsReport-${result}.json`,
      JSON.stringify({
        id: run.id,
        startTime: run.startedAt.toISOString(),
        durationMs: ending.durationMs,
        executionStatus: result,
        ...(ending.failure === undefined ? {} : { executionError: ending.failure }),
      }),
    );
    await put("log.txt", ending.log);
  } finally {
    s3.destroy();
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_metrics.html */
async function putMetrics(
  local: Local,
  keys: SessionKeys,
  { name }: Canary,
  run: CanaryRun,
  { durationMs }: Ending,
): Promise<void> {
  const cloudWatch = new CloudWatchClient(clientConfig(local, keys));
  const passed = stateOf(run) === "PASSED";
  const Dimensions = [{ Name: "CanaryName", Value: name }];
  const Timestamp = run.startedAt;
  try {
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: "CloudWatchSynthetics",
        MetricData: [
          { MetricName: "SuccessPercent", Unit: "Percent", Value: passed ? 100 : 0, Dimensions, Timestamp },
          { MetricName: "Duration", Unit: "Milliseconds", Value: durationMs, Dimensions, Timestamp },
          { MetricName: "Failed", Unit: "Count", Value: passed ? 0 : 1, Dimensions, Timestamp },
        ],
      }),
    );
  } finally {
    cloudWatch.destroy();
  }
}
