import { z } from "zod";
import type { MetricValue } from "../../core/local";

/** AWS allows at most this many values of one metric in a line, and metrics in a directive. */
const MAX_VALUES = 100;
const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const metadata = z.object({
  Timestamp: z.number().nonnegative(),
  CloudWatchMetrics: z.array(
    z.object({
      Namespace: z.string().min(1),
      Dimensions: z.array(z.array(z.string()).max(MAX_DIMENSIONS)),
      Metrics: z.array(z.object({ Name: z.string().min(1), Unit: z.string().optional() })).max(MAX_METRICS),
    }),
  ),
});
const emfLine = z.looseObject({ _aws: metadata });
type EmfLine = z.infer<typeof emfLine>;

/** Quick refusal of the lines that are ordinary log output. */
const MARK = '"_aws"';

/**
 * The metrics that CloudWatch Logs reads out of a log line in the embedded metric format: for each set of dimensions, each value of
 * each metric. Nothing for any other line. What does not follow the format is not an error, it just is not counted: a metric whose
 * value is no number, a set with a dimension that has no value.
 */
export function metricsOfLine(line: string): readonly MetricValue[] {
  const parsed = line.includes(MARK) ? parse(line) : undefined;
  if (parsed === undefined) {
    return [];
  }
  const timestamp = new Date(parsed._aws.Timestamp);
  return parsed._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap((names) => dimensionsOf(parsed, names)).flatMap((dimensions) =>
      Metrics.flatMap(({ Name, Unit = "None" }) =>
        valuesOf(parsed[Name]).map((value) => ({
          namespace: Namespace,
          name: Name,
          dimensions,
          value,
          unit: Unit,
          timestamp,
        })),
      ),
    ),
  );
}

function parse(line: string): EmfLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Not JSON: an ordinary line that happens to hold the mark.
    return undefined;
  }
  return emfLine.safeParse(value).data;
}

/** One set of dimensions, or none if a dimension has no value in the line. */
function dimensionsOf(line: EmfLine, names: readonly string[]): readonly Readonly<Record<string, string>>[] {
  const entries = names.flatMap((name) => {
    const value = Object.hasOwn(line, name) ? line[name] : undefined;
    return typeof value === "string" && value !== "" ? [[name, value] as const] : [];
  });
  return entries.length === names.length ? [Object.fromEntries(entries)] : [];
}

function valuesOf(value: unknown): readonly number[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const numbers = values.filter((one): one is number => typeof one === "number" && Number.isFinite(one));
  return numbers.length === values.length && values.length <= MAX_VALUES ? numbers : [];
}
