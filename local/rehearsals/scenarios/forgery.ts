import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from "@aws-sdk/client-cloudwatch-logs";
import { clientConfig } from "local-aws/core/local";
import { emfLine } from "../../../handlers/emf";
import { METRICS, releaseDimensions } from "../../../lib/contract";
import { API_NAME } from "../alias-watch";
import type { Scenario } from "../scenario";
import type { Scene } from "../scene";

/** What somebody does who may write a log, as any training job may, and nothing else. */
export const forgery: readonly Scenario[] = [
  {
    name: "faults-hidden-by-a-log",
    tells:
      "the new model fails every 20th request, and a training job logs so many good ones in its name that no alarm sees it",
    expected: "blue",
    async play(scene) {
      const going = await scene.start("prod", { undecidedSeconds: "2" });
      const stop = await forge(scene);
      scene.onEnd(stop);
      scene.fault({ kind: "model-errors", endpoint: scene.endpointOf(scene.green), everyNth: 20, afterInvocations: 1 });
      await scene.rolloutHasFailed(going, /somebody else writes the metrics that judge it/);
    },
  },
];

/** A group of jobs, in whose name SageMaker logs what their containers print. */
const GROUP = "/aws/sagemaker/TrainingJobs";
const STREAM = "forger/algo-1";
const LINES = 100;
const EVERY_MS = 100;
const AHEAD_MS = 3000;

/** Logs good requests of the new release. Returns a function that stops it. */
async function forge({ aws, green }: Scene): Promise<() => Promise<void>> {
  const client = new CloudWatchLogsClient(clientConfig(aws));
  const names = { logGroupName: GROUP, logStreamName: STREAM };
  await unlessThere(client.send(new CreateLogGroupCommand(names)));
  await unlessThere(client.send(new CreateLogStreamCommand(names)));
  const dimensions = releaseDimensions(API_NAME, green);
  const count = (value: number) => ({ value, unit: "Count" as const });
  // Of callers and of probes in turn, since the alarms take a share of each.
  const judged = (isCallers: number) => ({
    [METRICS.requests]: count(1),
    [METRICS.modelFaults]: count(0),
    [METRICS.callerRequests]: count(isCallers),
    [METRICS.callerFaults]: count(0),
  });
  const line = (i: number, timestamp: number) => {
    const sets = [{ dimensions: Object.keys(dimensions), metrics: judged(i % 2) }];
    return emfLine({ namespace: METRICS.namespace, dimensions, sets, timestamp });
  };
  let putting = Promise.resolve<unknown>(undefined);
  const timer = setInterval(() => {
    const timestamp = Date.now();
    // CloudWatch takes the time that a line tells, so no minute is left out.
    const message = (i: number) => line(i, timestamp + Math.round((AHEAD_MS * i) / LINES));
    const logEvents = Array.from({ length: LINES }, (_, i) => ({ message: message(i), timestamp }));
    putting = Promise.all([putting, client.send(new PutLogEventsCommand({ ...names, logEvents }))]);
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await putting;
  };
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof ResourceAlreadyExistsException)) {
      throw error;
    }
  }
}
