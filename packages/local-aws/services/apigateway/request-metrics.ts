import type { MetricSink } from "../../core/local";
import type { Call } from "./call";

/**
 * API Gateway's own metrics of one request; per method only where the stage's settings ask for it.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
 */
export function putMetrics(sink: MetricSink, call: Call, status: number, latencyMs: number, perMethod: boolean): void {
  const ApiName = call.api.settings.name;
  const Stage = call.stage.stageName;
  const { route, integration } = call;
  const dimensionSets: Record<string, string>[] = [{ ApiName }, { ApiName, Stage }];
  if (perMethod && route !== undefined) {
    dimensionSets.push({ ApiName, Stage, Resource: route.path, Method: route.method.httpMethod });
  }
  const values = [
    { name: "Count", value: 1, unit: "Count" },
    { name: "4XXError", value: status >= 400 && status < 500 ? 1 : 0, unit: "Count" },
    { name: "5XXError", value: status >= 500 ? 1 : 0, unit: "Count" },
    { name: "Latency", value: latencyMs, unit: "Milliseconds" },
    ...(integration === undefined
      ? []
      : [{ name: "IntegrationLatency", value: integration.latencyMs, unit: "Milliseconds" }]),
  ];
  sink.put(
    dimensionSets.flatMap((dimensions) =>
      values.map((value) => ({ namespace: "AWS/ApiGateway", dimensions, timestamp: call.startedAt, ...value })),
    ),
  );
}
