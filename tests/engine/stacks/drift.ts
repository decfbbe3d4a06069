import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeProcessingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { InvokeEndpointCommand, SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { z } from "zod";
import type { LocalProject } from "../../support/local-project";

const ENDPOINT = "mlops-nyctaxi-prd-r1";
const answer = z.object({ jobs: z.array(z.object({ jobName: z.string(), release: z.string(), status: z.string() })) });
const drift = z.object({
  outcome: z.string(),
  rows: z.number(),
  features: z.record(z.string(), z.object({ violated: z.boolean(), distance: z.number() })),
});

/** Sends longer trips than the model knows to the live release, has their window looked at, and expects the alarm. */
export async function findsDrift({ aws, account }: LocalProject): Promise<void> {
  const config = clientConfig(aws);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const textOf = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: account.bucket, Key }));
    return (await Body?.transformToString()) ?? "";
  };
  const trips = (await textOf("nyc-tlc/v1/data/validation/validation.csv")).split("\n").slice(0, 300);
  const longer = trips.map((trip) => {
    const [, minutes, passengers, miles] = trip.split(",");
    return [minutes, passengers, Number(miles) * 4].join(",");
  });
  // Captures tell whole seconds, cut off.
  const from = new Date(Math.floor(Date.now() / 1000) * 1000);
  const runtime = new SageMakerRuntimeClient(config);
  const Body = longer.join("\n");
  await runtime.send(new InvokeEndpointCommand({ EndpointName: ENDPOINT, ContentType: "text/csv", Body }));
  // Until the capture has been written.
  await sleep(1000);
  const window = { from: from.toISOString(), to: new Date().toISOString() };

  const lambda = new LambdaClient(config);
  const start = async () => {
    const Payload = JSON.stringify(window);
    const invoked = await lambda.send(new InvokeCommand({ FunctionName: "mlops-nyctaxi-pms", Payload }));
    const text = invoked.Payload?.transformToString() ?? "";
    expect(invoked.FunctionError, text).to.equal(undefined);
    return answer.parse(JSON.parse(text)).jobs;
  };
  const [job, ...others] = await start();
  expect(others).to.deep.equal([]);
  expect(job).to.include({ release: "r1", status: "started" });
  expect(await start()).to.deep.equal([{ ...job, status: "exists" }]);

  const sageMaker = new SageMakerClient(config);
  const described = await until(
    () => sageMaker.send(new DescribeProcessingJobCommand({ ProcessingJobName: job?.jobName })),
    ({ ProcessingJobStatus: status }) => status !== "InProgress",
  );
  expect(described, described.ExitMessage ?? described.FailureReason).to.include({ ProcessingJobStatus: "Completed" });
  const hour = window.from.slice(0, 13).replaceAll(/[-T]/g, "/");
  const report = drift.parse(
    JSON.parse(await textOf(`mlops-nyctaxi/monitoring/reports/${ENDPOINT}/${hour}/${job?.jobName}/drift.json`)),
  );
  expect(report).to.include({ outcome: "compared", rows: 300 });
  const violated = Object.entries(report.features).flatMap(([name, one]) => (one.violated ? [name] : []));
  // What the model predicts of longer trips is more.
  expect(violated).to.have.members(["total_amount", "trip_distance"]);

  const cloudWatch = new CloudWatchClient(config);
  const { MetricAlarms: [alarm] = [] } = await until(
    () => cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ["mlops-nyctaxi-drift"] })),
    ({ MetricAlarms: alarms }) => alarms?.[0]?.StateValue === "ALARM",
  );
  expect(alarm?.StateValue, alarm?.StateReason).to.equal("ALARM");
}

/** Asks until it is so, for half a minute at most. */
async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await ask();
    if (isSo(found) || Date.now() > deadline) {
      return found;
    }
    await sleep(200);
  }
}
