import type { MetricValue } from "../../core/local";

/** What SageMaker measures of one invocation. */
export interface MeasuredInvocation {
  readonly endpointName: string;
  readonly variantName: string;
  /** The endpoint config of the fleet that answered. */
  readonly configName: string | undefined;
  readonly instances: number;
  /** The container's status; 0 if it gave no answer. */
  readonly status: number;
  readonly modelMs: number;
  readonly overheadMs: number;
}

/**
 * https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html: latencies are in microseconds. By the name of its config,
 * an alarm can watch the new fleet of a deployment alone.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
 */
export function invocationMetrics(measured: MeasuredInvocation): readonly MetricValue[] {
  const { endpointName, variantName, configName, status } = measured;
  const clientError = status >= 400 && status < 500;
  const answered = status >= 200 && status < 300;
  const values: readonly (readonly [name: string, value: number, unit: string])[] = [
    ["Invocations", 1, "None"],
    ["InvocationsPerInstance", 1 / Math.max(1, measured.instances), "None"],
    ["Invocation4XXErrors", clientError ? 1 : 0, "None"],
    ["Invocation5XXErrors", answered || clientError ? 0 : 1, "None"],
    ["ModelLatency", Math.round(measured.modelMs * 1000), "Microseconds"],
    ["OverheadLatency", Math.round(measured.overheadMs * 1000), "Microseconds"],
  ];
  const variant = { EndpointName: endpointName, VariantName: variantName };
  const sets = configName === undefined ? [variant] : [{ ...variant, EndpointConfigName: configName }, variant];
  return sets.flatMap((dimensions) =>
    values.map(([name, value, unit]) => ({ namespace: "AWS/SageMaker", name, value, unit, dimensions })),
  );
}
