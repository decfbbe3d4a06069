import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import { METRICS, probeInferenceId, releaseDimensions, VARIABLES, type ProbeMark } from "../lib/contract";
import { emfLine, type Metric } from "./emf";
import { invokeModel, type ModelAnswer } from "./endpoint";
import { answerFormat, bodyText, header, jsonAnswer, RequestError, requestFormat, type Format } from "./http";
import { log, writeLine } from "./log";
import { firstOutside, formatPredictions, parseRows, type Range, type Rows } from "./rows";
import { optionalNumberSetting, setting } from "./settings";

/** Header that SageMaker's custom attributes come and go in. At most 1024 characters of ASCII, says InvokeEndpoint. */
const CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes";

/** What is left of the function's time when waiting for the model ends: enough to answer, and to say why in the log. */
const RESERVE_MS = 1500;

// One retry, for throttling and broken connections; both attempts share the time that the function has.
const runtime = new SageMakerRuntimeClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 1000 } });

/** What the function reads of API Gateway's event, and how a rollout marks its own requests. */
export type PredictEvent = Pick<APIGatewayProxyEvent, "body" | "headers" | "isBase64Encoded"> & Partial<ProbeMark>;

/**
 * Answers `POST /api`: sends the caller's rows (see `parseRows`) to the endpoint of this release and gives its predictions as CSV
 * or JSON. A caller's mistake is a 4xx; a fault of the model is 502, of its endpoint 503. Each request writes one line of metrics:
 *
 * - `Requests` and `ModelFaults` (0 or 1);
 * - `ModelLatency`, in milliseconds, where the model was asked;
 * - `PredictionsOutOfRange` (0 or 1), where it gave predictions and the environment has `PREDICTION_MINIMUM` or `PREDICTION_MAXIMUM`.
 *
 * A rollout's probe is answered like a caller's request. Its rows are known to be good, so that a model which refuses them is at
 * fault; and they are marked in the captures.
 */
export const handler = async (event: PredictEvent, context: Context): Promise<APIGatewayProxyResult> => {
  const { endpointName, functionName, release, range } = settings();
  const isProbe = event.safeDeployProbe === true;
  const outcome = await answer(event, context, endpointName, isProbe);
  const metrics: Record<string, Metric> = {
    [METRICS.requests]: { value: 1, unit: "Count" },
    [METRICS.modelFaults]: { value: outcome.modelFault ? 1 : 0, unit: "Count" },
  };
  if (outcome.modelLatencyMs !== undefined) {
    metrics[METRICS.modelLatency] = { value: outcome.modelLatencyMs, unit: "Milliseconds" };
  }
  if (outcome.predictions !== undefined && range !== undefined) {
    const isOutside = firstOutside(outcome.predictions, range) >= 0;
    metrics[METRICS.predictionsOutOfRange] = { value: isOutside ? 1 : 0, unit: "Count" };
  }
  const judged = releaseDimensions(functionName, release);
  const apart = { ...judged, Source: isProbe ? "probe" : "caller" };
  writeLine(
    emfLine({
      namespace: METRICS.namespace,
      dimensions: apart,
      // A release is judged by the first set, which has probes too; what callers get is in the second.
      dimensionSets: [Object.keys(judged), Object.keys(apart)],
      metrics,
      properties: {
        RequestId: context.awsRequestId,
        Endpoint: endpointName,
        StatusCode: outcome.result.statusCode,
        Rows: outcome.rows,
      },
      timestamp: Date.now(),
    }),
  );
  return { ...outcome.result, headers: { ...outcome.result.headers, "X-SageMaker-Endpoint": endpointName } };
};

interface Outcome {
  readonly result: APIGatewayProxyResult;
  readonly modelFault: boolean;
  /** Rows sent to the model, where it came to that. */
  readonly rows?: number;
  readonly modelLatencyMs?: number;
  /** What the model predicted, if it did. */
  readonly predictions?: readonly string[];
}

function settings() {
  return {
    endpointName: setting(VARIABLES.endpointName),
    functionName: setting("AWS_LAMBDA_FUNCTION_NAME"),
    release: setting(VARIABLES.release),
    range: saneRange(),
  };
}

/** Where predictions are sane; `undefined` where nothing is said of it. */
function saneRange(): Range | undefined {
  const minimum = optionalNumberSetting(VARIABLES.predictionMinimum);
  const maximum = optionalNumberSetting(VARIABLES.predictionMaximum);
  return minimum === undefined && maximum === undefined
    ? undefined
    : { minimum: minimum ?? -Infinity, maximum: maximum ?? Infinity };
}

async function answer(event: PredictEvent, context: Context, endpointName: string, isProbe: boolean): Promise<Outcome> {
  let request: { rows: Rows; format: Format; customAttributes?: string };
  try {
    const format = requestFormat(event);
    request = {
      rows: parseRows(bodyText(event), format),
      format: answerFormat(event, format),
      customAttributes: customAttributes(event),
    };
  } catch (error) {
    if (error instanceof RequestError) {
      return { result: jsonAnswer(error.statusCode, { error: error.message }), modelFault: false };
    }
    throw error;
  }
  const started = performance.now();
  const remainingMs = context.getRemainingTimeInMillis();
  const signal = AbortSignal.timeout(Math.floor(Math.max(remainingMs - RESERVE_MS, remainingMs / 2)));
  const inferenceId = isProbe ? probeInferenceId(context.awsRequestId) : undefined;
  const model = await invokeModel(runtime, { endpointName, ...request, inferenceId, signal });
  const modelLatencyMs = Math.round((performance.now() - started) * 1000) / 1000;
  if (model.kind === "fault") {
    log("ERROR", model.reason, { requestId: context.awsRequestId, endpoint: endpointName, ...model.details });
  }
  return {
    result: result(model, request.format),
    modelFault: model.kind === "fault" || (isProbe && model.kind === "refused"),
    rows: request.rows.count,
    modelLatencyMs,
    predictions: model.kind === "predictions" ? model.predictions : undefined,
  };
}

function result(model: ModelAnswer, format: Format): APIGatewayProxyResult {
  if (model.kind !== "predictions") {
    return jsonAnswer(model.statusCode, { error: model.reason });
  }
  const { predictions, customAttributes } = model;
  const headers = {
    "Content-Type": format,
    ...(customAttributes === undefined ? {} : { [CUSTOM_ATTRIBUTES]: customAttributes }),
  };
  return { statusCode: 200, headers, body: formatPredictions(predictions, format) };
}

function customAttributes(event: PredictEvent): string | undefined {
  const value = header(event, CUSTOM_ATTRIBUTES);
  if (value !== undefined && !/^[\x00-\x7F]{0,1024}$/.test(value)) {
    throw new RequestError(400, `${CUSTOM_ATTRIBUTES} must be at most 1024 characters of ASCII`);
  }
  return value;
}
