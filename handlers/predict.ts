import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import { METRICS, probeInferenceId, releaseDimensions, VARIABLES, type ProbeMark } from "../lib/contract";
import { emfLine } from "./emf";
import { invokeModel, type ModelAnswer } from "./endpoint";
import { callerOf, FairShare, type WithIdentity } from "./fair-share";
import { answerFormat, bodyText, header, jsonAnswer, RequestError, requestFormat, type Format } from "./http";
import { allMetrics, comparedMetrics, judgedMetrics, type Outcome } from "./judgement";
import { log, writeLine } from "./log";
import { counted, formatPredictions, hasCellOutside, parseRows, type Range, type Rows } from "./rows";
import { optionalNumberSetting, optionalRangesSetting, setting } from "./settings";

/** Header that carries SageMaker's custom attributes both ways. InvokeEndpoint allows at most 1024 characters of ASCII. */
const CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes";

/** Time of the function that is kept back from the model, so that the function can still answer and log the reason. */
const RESERVE_MS = 1500;

// One retry, for throttling and broken connections; both attempts share the time that the function has.
const runtime = new SageMakerRuntimeClient({ maxAttempts: 2, requestHandler: { connectionTimeout: 1000 } });

const fairShare = new FairShare();

/** The parts of API Gateway's event that the function reads, and the mark of a rollout's own requests. */
export type PredictEvent = Pick<APIGatewayProxyEvent, "body" | "headers" | "isBase64Encoded"> &
  WithIdentity &
  Partial<ProbeMark>;

/**
 * Answers `POST /api`: sends the caller's rows (see `parseRows`) to the endpoint of this release and gives its predictions as CSV
 * or JSON. A caller's mistake is a 4xx; a fault of the model is 502, of its endpoint 503. Each request writes one line of metrics, see
 * `judgement.ts`.
 *
 * A rollout's probe is answered like a caller's request. Its rows are known to be good, so a model that refuses them is at fault. They are
 * marked in the captures.
 */
export const handler = async (event: PredictEvent, context: Context): Promise<APIGatewayProxyResult> => {
  const current = settings();
  const isProbe = event.safeDeployProbe === true;
  const { result, ...outcome } = await answer(event, context, current, isProbe);
  const judging = judgedMetrics(outcome, current.range, isProbe);
  const isEmpty = Object.keys(judging).length === 0;
  const counts = isProbe || (!isEmpty && fairShare.takes(callerOf(event), Date.now()));
  const judged = { ...comparedMetrics(outcome, isProbe), ...(counts ? judging : {}) };
  const ofRelease = releaseDimensions(current.functionName, current.release);
  const dimensions = { ...ofRelease, Source: isProbe ? "probe" : "caller" };
  writeLine(
    emfLine({
      namespace: METRICS.namespace,
      dimensions,
      sets: [
        { dimensions: Object.keys(dimensions), metrics: allMetrics(outcome, current.range) },
        ...(Object.keys(judged).length > 0 ? [{ dimensions: Object.keys(ofRelease), metrics: judged }] : []),
      ],
      properties: {
        RequestId: context.awsRequestId,
        Endpoint: current.endpointName,
        StatusCode: result.statusCode,
        Rows: outcome.rows,
      },
      timestamp: Date.now(),
    }),
  );
  return { ...result, headers: { ...result.headers, "X-SageMaker-Endpoint": current.endpointName } };
};

type Settings = ReturnType<typeof settings>;

function settings() {
  return {
    endpointName: setting(VARIABLES.endpointName),
    functionName: setting("AWS_LAMBDA_FUNCTION_NAME"),
    release: setting(VARIABLES.release),
    range: saneRange(),
    columns: optionalNumberSetting(VARIABLES.modelColumns),
    inputRanges: optionalRangesSetting(VARIABLES.inputRanges) ?? [],
  };
}

/** The range of plausible predictions; `undefined` if none is configured. */
function saneRange(): Range | undefined {
  const minimum = optionalNumberSetting(VARIABLES.predictionMinimum);
  const maximum = optionalNumberSetting(VARIABLES.predictionMaximum);
  return minimum === undefined && maximum === undefined
    ? undefined
    : { minimum: minimum ?? -Infinity, maximum: maximum ?? Infinity };
}

interface Answered extends Outcome {
  readonly result: APIGatewayProxyResult;
}

async function answer(
  event: PredictEvent,
  context: Context,
  { endpointName, columns, inputRanges }: Settings,
  isProbe: boolean,
): Promise<Answered> {
  const request = read(event, context);
  if (request instanceof RequestError) {
    return { kind: "unread", result: jsonAnswer(request.statusCode, { error: request.message }) };
  }
  const { rows } = request;
  const refused = isProbe ? "fault" : "refused";
  if (columns !== undefined && rows.columns !== columns) {
    const error = `row 1 has ${counted(rows.columns)}, the model takes ${columns}`;
    return { kind: refused, rows: rows.count, result: jsonAnswer(400, { error }) };
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
    kind: model.kind === "refused" ? refused : model.kind,
    result: result(model, request.format),
    rows: rows.count,
    isUnusual: !isProbe && hasCellOutside(rows, inputRanges),
    modelLatencyMs,
    predictions: model.kind === "predictions" ? model.predictions : undefined,
  };
}

interface PredictRequest {
  readonly rows: Rows;
  readonly format: Format;
  readonly customAttributes?: string;
}

/** Reads a request. Whatever goes wrong with it is the caller's mistake, since nothing but the request decides what happens here. */
function read(event: PredictEvent, context: Context): PredictRequest | RequestError {
  try {
    const format = requestFormat(event);
    return {
      rows: parseRows(bodyText(event), format),
      format: answerFormat(event, format),
      customAttributes: customAttributes(event),
    };
  } catch (error) {
    if (error instanceof RequestError) {
      return error;
    }
    const name = error instanceof Error ? error.name : typeof error;
    log("ERROR", "a request could not be read", { requestId: context.awsRequestId, error: name });
    return new RequestError(400, `the request cannot be read (${name})`);
  }
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
  // A client of HTTP refuses to send control characters, which are ASCII too.
  if (value !== undefined && !/^[\x20-\x7E]{0,1024}$/.test(value)) {
    throw new RequestError(400, `${CUSTOM_ATTRIBUTES} must be at most 1024 printable characters of ASCII`);
  }
  return value;
}
