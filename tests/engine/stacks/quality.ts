import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeProcessingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { expect } from "chai";
import { clientConfig } from "local-aws/core/local";
import { z } from "zod";
import { DriftWatch } from "../../../local/journey/drift";
import { ownModel } from "../../../local/journey/models";
import { testRows } from "../../../cli/data/test-rows";
import { SPEED, type LocalProject } from "../../support/local-project";
import { eventually } from "../../support/pipeline-executions";

const ROWS = 150;
const LABELS = "mlops-nyctaxi/monitoring/labels";
const REPORTS = "mlops-nyctaxi/monitoring/quality/mlops-nyctaxi-prd-r1";

/** A monitor whose schedule is not due while the tests run. */
export const MEASURED = { qualityMonitor: JSON.stringify({ schedule: "rate(30 days)" }) };

const answered = z.object({ statusCode: z.literal(200), headers: z.record(z.string(), z.string()) });
const started = z.object({ jobs: z.array(z.object({ jobName: z.string(), release: z.string() })) });

/**
 * Sends trips to the API's function, labels them by the id that the answer tells, and expects the quality of the training; then corrects the
 * labels to fares that the model has not learnt, and expects the alarm.
 */
export async function measuresQuality(local: LocalProject): Promise<void> {
  const { aws, account } = local;
  const config = clientConfig(aws);
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const textOf = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: account.bucket, Key }));
    return (await Body?.transformToString()) ?? "";
  };
  const invoke = async <T>(FunctionName: string, event: object, schema: z.ZodType<T>) => {
    const { Payload } = await new LambdaClient(config).send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    return schema.parse(JSON.parse(Payload?.transformToString() ?? ""));
  };
  const trips = testRows(await textOf("nyc-tlc/v1/data/validation/validation.csv")).slice(0, ROWS);
  let eventId = "";
  const window = await new DriftWatch(aws, ownModel(), SPEED).windowOf(async () => {
    const body = trips.map(({ inputs }) => inputs).join("\n");
    const event = { httpMethod: "POST", path: "/api", headers: { "Content-Type": "text/csv" }, body };
    const { headers } = await invoke("mlops-nyctaxi-api:live", event, answered);
    eventId = headers["X-Amzn-SageMaker-Inference-Id"] ?? "";
  });

  /** Labels the trips in a file of their own, and measures. */
  const measured = async (file: string, fares: readonly number[]) => {
    const Body = JSON.stringify({ eventId, value: fares });
    await s3.send(new PutObjectCommand({ Bucket: account.bucket, Key: `${LABELS}/${file}`, Body }));
    const { jobs } = await invoke("mlops-nyctaxi-quality", window, started);
    // Those that have answered before in the same hour may have jobs too.
    const { jobName: ProcessingJobName } = jobs.find(({ release }) => release === "r1")!;
    const ended = await eventually(
      () => new SageMakerClient(config).send(new DescribeProcessingJobCommand({ ProcessingJobName })),
      ({ ProcessingJobStatus: status }) => status !== "InProgress",
    );
    expect(ended, ended.ExitMessage ?? ended.FailureReason).to.include({ ProcessingJobStatus: "Completed" });
    const day = `${REPORTS}/${ProcessingJobName}/${window.from.slice(0, 10)}.json`;
    return JSON.parse(await textOf(day)) as Record<string, unknown>;
  };

  const fares = trips.map(({ target }) => target);
  const asTrained = await measured("1.jsonl", fares);
  expect(asTrained).to.deep.include({ outcome: "measured", pairs: ROWS, release: "r1", violated: false });
  const corrected = await measured(
    "2.jsonl",
    fares.map((fare) => fare + 50),
  );
  expect(corrected).to.deep.include({ outcome: "measured", pairs: ROWS, violated: true });
  const alarms = await eventually(
    () => new CloudWatchClient(config).send(new DescribeAlarmsCommand({ AlarmNames: ["mlops-nyctaxi-quality"] })),
    ({ MetricAlarms }) => MetricAlarms?.[0]?.StateValue === "ALARM",
  );
  expect(alarms.MetricAlarms?.[0]).to.include({ StateValue: "ALARM" });
}
