/** A metric's value and CloudWatch's unit for it. */
export interface Metric {
  readonly value: number;
  readonly unit: "Count" | "Milliseconds";
}

/** Metrics that CloudWatch keeps with the same dimensions. */
interface MetricSet {
  readonly dimensions: readonly string[];
  readonly metrics: Readonly<Record<string, Metric>>;
}

/** The content of one line in CloudWatch's embedded metric format. */
export interface Metrics {
  readonly namespace: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Sets of metrics, each with the names of its dimensions. A metric that is in several sets has the same value in all. */
  readonly sets: readonly MetricSet[];
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
  const { namespace, dimensions, sets, properties, timestamp } = line;
  const directives = sets.map((set) => ({
    Namespace: namespace,
    Dimensions: [set.dimensions],
    Metrics: Object.entries(set.metrics).map(([name, { unit }]) => ({ Name: name, Unit: unit })),
  }));
  const all = sets.flatMap(({ metrics }) => Object.entries(metrics));
  const values = Object.fromEntries(all.map(([name, { value }]) => [name, value]));
  return JSON.stringify({
    _aws: { Timestamp: timestamp, CloudWatchMetrics: directives },
    ...properties,
    ...dimensions,
    ...values,
  });
}
