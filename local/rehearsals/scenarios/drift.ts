import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { setTimeout as sleep } from "node:timers/promises";
import { clientConfig } from "local-aws/core/local";
import { dataCaptureUri, variantName } from "../../../lib/release";
import { driftedIn, type DriftReport } from "../../../cli/drift/report";
import { DriftWatch } from "../../journey/drift";
import { windowSeconds } from "../../journey/local-config";
import type { Scenario } from "../scenario";
import type { Scene } from "../scene";

/** What the model answers to every row, where its predictions are to drift: a fare that may be. */
const ANSWER = 50;
/** Enough rows for a comparison, and too few. */
const ENOUGH = 300;
const FEW = 60;
const HOUR_MS = 3_600_000;

/** What is drift, what is none, and whose it is. Those that set off the alarm come last: it goes on firing. */
export const drift: readonly Scenario[] = [
  {
    name: "drift-in-canary",
    tells: "during the canary the predictions of the new model drift: its report says so, and the old one's does not",
    expected: "green",
    needs: "drift-monitor",
    async play(scene) {
      const watch = watchOf(scene);
      const going = await scene.upToCanary({
        strategy: JSON.stringify({ type: "canary", percent: 10, intervalMinutes: 30 }),
      });
      scene.fault({ kind: "model-predictions", endpoint: scene.endpointOf(scene.green), answer: ANSWER });
      const window = await watch.windowOf(() => callBoth(scene));
      const jobs = await watch.start(window);
      for (const job of jobs) {
        const drifted = driftOf(await watch.reportOf(job));
        const wanted = job.release === scene.green ? scene.lane.model.columns.target : "";
        scene.expect(drifted === wanted, `drift of ${job.release} is "${drifted}", and "${wanted}" was to be`);
      }
      scene.expect(jobs.length === 2, `${jobs.length} jobs were started, and 2 releases have traffic`);
      await staysSilent(scene, watch);
      await scene.hasSucceeded(going);
    },
  },
  {
    name: "night-without-traffic",
    tells: "nobody calls for a night, and then only a few do, with trips unlike those before: neither is drift",
    expected: "blue",
    needs: "drift-monitor",
    async play(scene) {
      const watch = watchOf(scene);
      scene.harm("a night without traffic");
      const [night] = await watch.due(new Date(Date.now() - 24 * HOUR_MS));
      const asleep = night && (await watch.reportOf(night));
      scene.expect(asleep?.outcome === "noData", `the night's report says ${asleep?.outcome}`);
      await scene.lane.keepCallersOut();
      // Captures tell whole seconds, and callers were there in this one.
      await sleep(1000);
      const window = await watch.windowOf(() => call(scene, scene.blue, FEW, "30,1,100"));
      const [morning] = await watch.start(window);
      const early = morning && (await watch.reportOf(morning));
      scene.expect(early?.outcome === "tooFewRows", `the morning's report says ${early?.outcome}`);
      scene.expect(early?.rows === FEW, `the morning's report has ${early?.rows} rows, and ${FEW} were sent`);
      await staysSilent(scene, watch);
    },
  },
  {
    name: "broken-captures",
    tells: "among the captured traffic are lines that cannot be read: they are counted, and the rest is compared",
    expected: "blue",
    needs: "drift-monitor",
    async play(scene) {
      const watch = watchOf(scene);
      const window = await watch.windowOf(async () => {
        await call(scene, scene.blue, ENOUGH);
        await breakCaptures(scene);
      });
      const [job] = await watch.start(window);
      const report = job && (await watch.reportOf(job));
      scene.expect(report?.outcome === "compared", `the report says ${report?.outcome}`);
      scene.expect((report?.rows ?? 0) >= ENOUGH, `only ${report?.rows} rows were read of ${ENOUGH}`);
      const { length } = brokenLines(new Date());
      scene.expect(report?.brokenLines === length, `${report?.brokenLines} lines are called broken of ${length}`);
      scene.expect(report !== undefined && driftOf(report) === "", "broken lines are taken for drift");
      await staysSilent(scene, watch);
    },
  },
  {
    name: "drift-job-fails",
    tells: "a drift job fails: an alarm tells it when the next window is due, which is looked at all the same",
    expected: "blue",
    needs: "drift-monitor",
    async play(scene) {
      const watch = watchOf(scene);
      const before = new Date(Date.now() - 48 * HOUR_MS);
      const after = new Date(before.getTime() + 1000 * windowSeconds(scene.lane.speed));
      const endpoint = scene.endpointOf(scene.blue);
      const failing = watch.jobName(endpoint, before);
      scene.fault({ kind: "job-fails", jobName: failing, reason: "internal-error" });
      await watch.due(before);
      const end = await complaintOf(watch.reportOf({ jobName: failing }));
      scene.expect(/is Failed/.test(end), `the job that was to fail: ${end}`);
      const complaint = await complaintOf(watch.due(after));
      scene.expect(
        complaint.includes(`drift job ${failing} has ended as Failed`),
        `the next window said: ${complaint}`,
      );
      const next = await watch.reportOf({ jobName: watch.jobName(endpoint, after) });
      scene.expect(next.outcome === "noData", `the next window's report says ${next.outcome}`);
      await watch.alarm("driftJobsAlarm");
    },
  },
  {
    name: "drift-in-predictions",
    tells: "the model predicts otherwise than it has learnt, for rows as ever: the alarm for drift fires",
    expected: "blue",
    needs: "drift-monitor",
    async play(scene) {
      const watch = watchOf(scene);
      scene.fault({ kind: "model-predictions", endpoint: scene.endpointOf(scene.blue), answer: ANSWER });
      const window = await watch.windowOf(() => call(scene, scene.blue, ENOUGH));
      const [job] = await watch.start(window);
      const drifted = job === undefined ? "" : driftOf(await watch.reportOf(job));
      const { target } = scene.lane.model.columns;
      scene.expect(drifted === target, `drift was found in "${drifted}", and "${target}" was to be`);
      await watch.alarm();
    },
  },
];

function watchOf({ aws, lane }: Scene): DriftWatch {
  return new DriftWatch(aws, lane.model, lane.speed);
}

/** Names of the columns that have drifted. */
const driftOf = (report: DriftReport) => driftedIn(report).join(", ");

/** Neither drift nor failed jobs are told, also when the alarms have looked at what there is. */
async function staysSilent(scene: Scene, watch: DriftWatch): Promise<void> {
  await sleep((ALARM_SECONDS * 1000) / scene.lane.speed);
  for (const alarm of ["driftAlarm", "driftJobsAlarm"] as const) {
    scene.expect(!(await watch.isFiring(alarm)), `the ${alarm} fires`);
  }
}

/** AWS seconds in which an alarm has looked twice. */
const ALARM_SECONDS = 120;

async function callBoth(scene: Scene): Promise<void> {
  await Promise.all([scene.blue, scene.green].map((release) => call(scene, release, ENOUGH)));
}

/** Sends rows to a release's endpoint, which captures them. @param row @default - each another one, as the training data has them */
async function call(scene: Scene, release: string, rows: number, row?: string): Promise<void> {
  const many = (await scene.lane.manyRows()).slice(0, rows).map(({ inputs }) => row ?? inputs);
  await new SageMakerRuntimeClient(clientConfig(scene.aws)).send(
    new InvokeEndpointCommand({
      EndpointName: scene.endpointOf(release),
      ContentType: "text/csv",
      Body: many.join("\n"),
    }),
  );
}

/** Puts lines that cannot be read beside what the release's endpoint has captured in this hour, until the scenario's end. */
async function breakCaptures(scene: Scene): Promise<void> {
  const { aws, blue, lane } = scene;
  const { bucket } = lane.account;
  const now = new Date();
  const hour = now.toISOString().slice(0, 13).replaceAll(/[-T]/g, "/");
  const variant = variantName(lane.model.name, "prod");
  const uri = `${dataCaptureUri(lane.model.name, bucket)}/${scene.endpointOf(blue)}/${variant}/${hour}/broken.jsonl`;
  await lane.put(uri, Buffer.concat(brokenLines(now).flatMap((line) => [line, Buffer.from("\n")])));
  scene.harm("broken lines");
  scene.onEnd(async () => {
    const Key = uri.replace(`s3://${bucket}/`, "");
    await new S3Client(clientConfig(aws)).send(new DeleteObjectCommand({ Bucket: bucket, Key }));
  });
}

/** What a full disk, another program or another model may have written. */
function brokenLines(now: Date): readonly Buffer[] {
  const eventMetadata = { inferenceTime: now.toISOString() };
  const record = (data: unknown) =>
    JSON.stringify({ captureData: { endpointInput: { data, encoding: "CSV" } }, eventMetadata });
  return [
    Buffer.from(record("9.92,1,1.84").slice(0, 40)),
    Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    Buffer.from("[".repeat(5000)),
    Buffer.from("[]"),
    Buffer.from(JSON.stringify({ captureData: {}, eventMetadata: { inferenceTime: "yesterday" } })),
    Buffer.from(record("9.92,1")),
    Buffer.from(record(9.92)),
  ];
}

/** The message with which something fails; empty if it does not. */
function complaintOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
