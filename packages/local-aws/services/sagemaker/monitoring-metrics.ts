import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MetricDatum } from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { RunFailure } from "./errors";

/** Where a monitoring container leaves metrics, from `/opt/ml`. */
const FOLDER = "output/metrics/cloudwatch";

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-byoc-cloudwatch.html */
const datum = z.object({
  MetricName: z.string(),
  Timestamp: z.coerce.date().optional(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.string() })).optional(),
  Value: z.number().optional(),
  StatisticValues: z
    .object({ SampleCount: z.number(), Sum: z.number(), Minimum: z.number(), Maximum: z.number() })
    .optional(),
});

/**
 * The metrics that the container of a monitoring execution has left, one in each line of JSON, for SageMaker to publish.
 *
 * @throws RunFailure if a line is no metric
 */
export function monitoringMetrics(baseDir: string): MetricDatum[] {
  const folder = join(baseDir, FOLDER);
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  const lines = files.flatMap((file) => readFileSync(file, "utf8").split("\n")).filter((line) => line !== "");
  return lines.map((line) => {
    const read = datum.safeParse(JSON.parse(line));
    if (!read.success) {
      throw new RunFailure(`ClientError: a line of /opt/ml/${FOLDER} is no metric: ${line}`);
    }
    return read.data;
  });
}
