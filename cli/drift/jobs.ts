import { DescribeProcessingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { z } from "zod";
import { parseS3Uri } from "../../lib/s3-uri";
import type { AwsSettings } from "../support/context";
import { invoke } from "../support/invoke";
import { Objects } from "../support/objects";
import { driftReport, type DriftReport } from "./report";

const startedSchema = z.object({
  jobs: z.array(
    z.object({
      jobName: z.string(),
      endpointName: z.string(),
      release: z.string(),
      status: z.enum(["started", "exists"]),
    }),
  ),
});

/** A drift job that was asked for. */
export type StartedJob = z.infer<typeof startedSchema>["jobs"][number];

/**
 * Asks a stack's drift monitor for jobs: one for each release that has traffic.
 *
 * @param schedule name of the monitor's function
 * @param event `from` and `to` of a window, or the `time` at which the schedule asks
 */
export async function startDriftJobs(
  aws: AwsSettings,
  schedule: string,
  event: object,
): Promise<readonly StartedJob[]> {
  const otherwise =
    "the stack's config driftMonitor makes it, unless its engine is modelMonitor, which has a schedule of its own";
  return startedSchema.parse(await invoke(aws, schedule, event, otherwise)).jobs;
}

/** What a drift job has found; `undefined` while it runs. @throws if it has failed */
export async function reportOfJob(aws: AwsSettings, ProcessingJobName: string): Promise<DriftReport | undefined> {
  const job = await new SageMakerClient(aws).send(new DescribeProcessingJobCommand({ ProcessingJobName }));
  const { ProcessingJobStatus: status } = job;
  if (status === "InProgress" || status === "Stopping") {
    return undefined;
  }
  if (status !== "Completed") {
    throw new Error(`${ProcessingJobName} is ${status}: ${job.ExitMessage ?? job.FailureReason}`);
  }
  const uri = job.ProcessingOutputConfig?.Outputs?.[0]?.S3Output?.S3Uri ?? "";
  const { bucket, key } = parseS3Uri(uri) ?? { bucket: "", key: "" };
  const json = await new Objects(aws, { bucket, prefix: `${key}/` }).json("drift.json");
  return driftReport(json, `${uri}/drift.json`);
}
