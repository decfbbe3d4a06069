import type { MetricSink, MetricValue } from "../../core/local";
import type { Target } from "./target";
import type { Outcome } from "./worker";

const NAMESPACE = "AWS/Lambda";

/**
 * Lambda's own metrics, under every set of dimensions under which AWS has them.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export class InvocationMetrics {
  constructor(private readonly sink: MetricSink) {}

  /** @param running calls of the function that run now, this one included */
  started(target: Target, running: number): void {
    const dimensions = { FunctionName: target.owner.name };
    this.sink.put([
      { namespace: NAMESPACE, name: "ConcurrentExecutions", dimensions, value: running, unit: "Count" },
      { namespace: NAMESPACE, name: "ConcurrentExecutions", dimensions: {}, value: running, unit: "Count" },
    ]);
  }

  /** A time stamp tells when the function was called. `Errors` has a 0 for what went well, so that its average is the error rate. */
  ended(target: Target, outcome: Outcome, timestamp: Date): void {
    this.put(target, timestamp, [
      { name: "Invocations", value: 1, unit: "Count" },
      { name: "Errors", value: outcome.errorType === undefined ? 0 : 1, unit: "Count" },
      { name: "Throttles", value: 0, unit: "Count" },
      { name: "Duration", value: outcome.durationMs, unit: "Milliseconds" },
    ]);
  }

  /** A call that was refused is none of `Invocations`. */
  throttled(target: Target): void {
    this.put(target, new Date(), [{ name: "Throttles", value: 1, unit: "Count" }]);
  }

  private put(target: Target, timestamp: Date, values: readonly Pick<MetricValue, "name" | "value" | "unit">[]): void {
    this.sink.put(
      dimensionSets(target).flatMap((dimensions) =>
        values.map((value) => ({ namespace: NAMESPACE, dimensions, timestamp, ...value })),
      ),
    );
  }
}

/** AWS documents `ExecutedVersion` for weighted aliases alone: while an alias has one version, nothing tells which one answered. */
function dimensionSets({ owner, version, qualifier, isWeighted }: Target): readonly Readonly<Record<string, string>>[] {
  const FunctionName = owner.name;
  const Resource = qualifier === undefined ? FunctionName : `${FunctionName}:${qualifier}`;
  return [
    {},
    { FunctionName },
    { FunctionName, Resource },
    ...(isWeighted ? [{ FunctionName, Resource, ExecutedVersion: version.version }] : []),
  ];
}
