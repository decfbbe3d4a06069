/** A metric's value and CloudWatch's unit for it. */
export interface Metric {
  readonly value: number;
  readonly unit: "Count" | "Milliseconds";
}

/** The content of one line in CloudWatch's embedded metric format. */
export interface Metrics {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Sets of dimension names. CloudWatch keeps the metrics once for each set. */
  readonly dimensionSets: readonly (readonly string[])[];
  readonly metrics: Readonly<Record<string, Metric>>;
  /** More fields of the log line, for searching. They make no metrics. */
  readonly properties?: Readonly<Record<string, string | number | undefined>>;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
}

/**
 * A log line from which CloudWatch Logs makes metrics.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function emfLine(line: Metrics): string {
  const { namespace, dimensions, dimensionSets, metrics, properties, timestamp } = line;
  const definitions = Object.entries(metrics).map(([name, { unit }]) => ({ Name: name, Unit: unit }));
  const values = Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value]));
  return JSON.stringify({
    _aws: {
      Timestamp: timestamp,
      CloudWatchMetrics: [{ Namespace: namespace, Dimensions: dimensionSets, Metrics: definitions }],
    },
    ...properties,
    ...dimensions,
    ...values,
  });
}
