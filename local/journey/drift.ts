import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeProcessingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { jobName, windowOf, type TimeWindow } from "../../handlers/time-window";
import { monitoringNames } from "../../lib/monitoring-names";
import { modelPrefix } from "../../lib/release";
import { parseS3Uri } from "../../lib/s3-uri";
import { clientConfig } from "local-aws/core/local";
import type { LocalAws } from "local-aws";
import type { Model } from "../../lib/model";
import { windowSeconds } from "./local-config";
import { waitFor } from "./wait-for";

/** Fewest rows that the drift monitor compares by default. */
export const LEAST_COMPARED = 100;

/** AWS seconds that a job may take, or an alarm until it has seen what the job has found. */
const PATIENCE_SECONDS = 1200;
/** AWS seconds until captures are in S3: the local AWS writes them every minute. */
const CAPTURE_SECONDS = 90;
/** Least real seconds of that. */
const LEAST_CAPTURE_SECONDS = 1;

const startedSchema = z.object({
  jobs: z.array(z.object({ jobName: z.string(), release: z.string(), status: z.enum(["started", "exists"]) })),
});
/** A drift job that was asked for. */
export type StartedJob = z.infer<typeof startedSchema>["jobs"][number];

const reportSchema = z.object({
  outcome: z.string(),
  rows: z.number(),
  brokenLines: z.number(),
  features: z.record(
    z.string(),
    z.object({ distance: z.number().nullable(), psi: z.number().nullable(), violated: z.boolean() }),
  ),
});
/** What a drift job has found. */
export type DriftReport = z.infer<typeof reportSchema>;

/** The drift monitor of a model as a person at a terminal uses it. */
export class DriftWatch {
  private readonly names: ReturnType<typeof monitoringNames>;
  /** How long a job or an alarm may take. */
  private readonly patience: { readonly awsSeconds: number; readonly speed: number };

  constructor(
    private readonly aws: LocalAws,
    model: Pick<Model, "name">,
    private readonly speed: number,
  ) {
    this.names = monitoringNames(modelPrefix(model.name));
    this.patience = { awsSeconds: PATIENCE_SECONDS, speed };
  }

  /** Does something that traffic comes of, and waits until that has been captured. Returns the window in which it was. */
  async windowOf(traffic: () => Promise<void>): Promise<TimeWindow> {
    // Captures tell whole seconds, cut off.
    const from = new Date(Math.floor(Date.now() / 1000) * 1000).toISOString();
    await traffic();
    await sleep(1000 * Math.max(LEAST_CAPTURE_SECONDS, CAPTURE_SECONDS / this.speed));
    return { from, to: new Date().toISOString() };
  }

  /** Asks for jobs that look at a window: one for each release that has traffic. */
  start(window: TimeWindow): Promise<readonly StartedJob[]> {
    return this.asked(window);
  }

  /** What the schedule asks for at a time: jobs that look at the last whole window before it. */
  due(time: Date): Promise<readonly StartedJob[]> {
    return this.asked({ time: time.toISOString() });
  }

  /** Name of the job that looks at the last whole window before a time, of an endpoint. */
  jobName(endpointName: string, time: Date): string {
    const window = windowOf({ time: time.toISOString() }, windowSeconds(this.speed), time);
    return jobName(this.names.schedule, endpointName, window);
  }

  /** Waits until an alarm fires, and returns its name. */
  async alarm(of: "driftAlarm" | "driftJobsAlarm" = "driftAlarm"): Promise<string> {
    await waitFor(`alarm ${this.names[of]} fires`, () => this.isFiring(of), this.patience);
    return this.names[of];
  }

  async isFiring(of: "driftAlarm" | "driftJobsAlarm"): Promise<boolean> {
    const client = new CloudWatchClient(clientConfig(this.aws));
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [this.names[of]] }));
    return MetricAlarms?.[0]?.StateValue === "ALARM";
  }

  /** Waits until a job has ended, and returns what it has found. */
  async reportOf({ jobName: ProcessingJobName }: Pick<StartedJob, "jobName">): Promise<DriftReport> {
    const client = new SageMakerClient(clientConfig(this.aws));
    const look = async () => {
      const job = await client.send(new DescribeProcessingJobCommand({ ProcessingJobName }));
      return job.ProcessingJobStatus === "InProgress" ? undefined : job;
    };
    const ended = await waitFor(`${ProcessingJobName} ends`, look, this.patience);
    if (ended.ProcessingJobStatus !== "Completed") {
      throw new Error(
        `${ProcessingJobName} is ${ended.ProcessingJobStatus}: ${ended.ExitMessage ?? ended.FailureReason}`,
      );
    }
    const [output] = ended.ProcessingOutputConfig?.Outputs ?? [];
    const { bucket: Bucket, key } = parseS3Uri(output?.S3Output?.S3Uri ?? "") ?? { bucket: "", key: "" };
    const s3 = new S3Client({ ...clientConfig(this.aws), forcePathStyle: true });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: `${key}/drift.json` }));
    return reportSchema.parse(JSON.parse((await Body?.transformToString()) ?? ""));
  }

  private async asked(event: object): Promise<readonly StartedJob[]> {
    const { schedule: FunctionName } = this.names;
    const { FunctionError, Payload } = await new LambdaClient(clientConfig(this.aws)).send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const said = Payload?.transformToString() ?? "";
    if (FunctionError !== undefined) {
      throw new Error(`${FunctionName} has failed: ${said}`);
    }
    return startedSchema.parse(JSON.parse(said)).jobs;
  }
}
