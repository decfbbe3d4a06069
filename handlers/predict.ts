import type { APIGatewayProxyEvent, APIGatewayProxyResult, Context } from "aws-lambda";
import {
  METRICS,
  PROBE_INFERENCE_ID,
  probeInferenceId,
  releaseDimensions,
  VARIABLES,
  type ProbeMark,
} from "../lib/contract";
import type { PassedThroughRequest } from "../lib/model-format";
import { acceptedAnswer } from "../lib/model-format-rules";
import { formatPredictions } from "./answers";
import { emfLine } from "./emf";
import { invokeModel, type Fault, type ModelBody, type Refusal } from "./endpoint";
import { bodyOfRows, sanityOf, understood, type Answer } from "./exchange";
import { callerOf, FairShare, type WithIdentity } from "./fair-share";
import {
  answerFormat,
  bodyBytes,
  bodyText,
  header,
  jsonAnswer,
  passedType,
  printable,
  RequestError,
  requestFormat,
  type Format,
} from "./http";
import { allMetrics, comparedMetrics, judgedMetrics, type Outcome } from "./judgement";
import { log, writeLine } from "./log";
import { parseRows, RefusedRows } from "./rows";
import { SageMakerRuntime } from "./sagemaker-runtime";
import { modelFormat, setting, type ModelFormat } from "./settings";

/** Header that carries SageMaker's custom attributes both ways. InvokeEndpoint allows at most 1024 characters of ASCII. */
const CUSTOM_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes";

/** Header with the id by which a request is found in the captures, and later labelled; the answer tells it. */
const INFERENCE_ID = "X-Amzn-SageMaker-Inference-Id";
/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html */
const INFERENCE_ID_CHARACTERS = 64;

/** Time of the function that is kept back from the model, so that the function can still answer and log the reason. */
const RESERVE_MS = 1500;

// One retry, for throttling and broken connections; both attempts share the time that the function has.
const runtime = new SageMakerRuntime(2);

const fairShare = new FairShare();

/** The parts of API Gateway's event that the function reads, and the mark of a rollout's own requests. */
export type PredictEvent = Pick<APIGatewayProxyEvent, "body" | "headers" | "isBase64Encoded"> &
  WithIdentity &
  Partial<ProbeMark>;

/**
 * Answers `POST /api`: sends the caller's rows (see `parseRows`) to the endpoint of this release and gives its predictions, or passes the body
 * through. A caller's mistake is a 4xx; a fault of the model is 502, of its endpoint 503. Each request writes one line of metrics, see
 * `judgement.ts`.
 *
 * A rollout's probe is answered like a caller's request. It is known to be good, so a model that refuses it is at fault. It is marked in the
 * captures.
 */
export const handler = async (event: PredictEvent, context: Context): Promise<APIGatewayProxyResult> => {
  // Lambda's own count has the request at this time too, and the rollout compares them.
  const timestamp = Date.now();
  const current = settings();
  const isProbe = event.safeDeployProbe === true;
  const { result, ...outcome } = await answer(event, context, current, isProbe);
  const judging = judgedMetrics(outcome, isProbe);
  const isEmpty = Object.keys(judging).length === 0;
  const counts = isProbe || (!isEmpty && fairShare.takes(callerOf(event), timestamp));
  const judged = { ...comparedMetrics(outcome, isProbe), ...(counts ? judging : {}) };
  const ofRelease = releaseDimensions(current.functionName, current.release);
  const dimensions = { ...ofRelease, Source: isProbe ? "probe" : "caller" };
  writeLine(
    emfLine({
      namespace: METRICS.namespace,
      dimensions,
      sets: [
        { dimensions: Object.keys(dimensions), metrics: allMetrics(outcome) },
        ...(Object.keys(judged).length > 0 ? [{ dimensions: Object.keys(ofRelease), metrics: judged }] : []),
      ],
      properties: {
        RequestId: context.awsRequestId,
        Endpoint: current.endpointName,
        StatusCode: result.statusCode,
        Rows: outcome.rows,
      },
      timestamp,
    }),
  );
  return { ...result, headers: { ...result.headers, ...current.headers } };
};

type Settings = ReturnType<typeof settings>;

function settings() {
  const endpointName = setting(VARIABLES.endpointName);
  return {
    endpointName,
    functionName: setting("AWS_LAMBDA_FUNCTION_NAME"),
    release: setting(VARIABLES.release),
    format: modelFormat(),
    headers: { "X-SageMaker-Endpoint": endpointName, ...forBrowsers(process.env[VARIABLES.allowOrigin]) },
  };
}

/** What lets a page of another origin read an answer. */
function forBrowsers(allowOrigin: string | undefined): Readonly<Record<string, string>> {
  return allowOrigin === undefined
    ? {}
    : {
        "Access-Control-Allow-Origin": allowOrigin,
        "Access-Control-Expose-Headers": `X-SageMaker-Endpoint, ${CUSTOM_ATTRIBUTES}, ${INFERENCE_ID}`,
      };
}

interface Answered extends Outcome {
  readonly result: APIGatewayProxyResult;
}

async function answer(
  event: PredictEvent,
  context: Context,
  { endpointName, format }: Settings,
  isProbe: boolean,
): Promise<Answered> {
  const request = read(event, context, format);
  const refused = isProbe ? "fault" : "refused";
  if (request instanceof RequestError) {
    const kind = request instanceof RefusedRows ? refused : "unread";
    const rows = request instanceof RefusedRows ? request.count : undefined;
    return { kind, rows, result: jsonAnswer(request.statusCode, { error: request.message }) };
  }
  const { body, rows, isUnusual, customAttributes } = request;
  const inferenceId = isProbe ? probeInferenceId(context.awsRequestId) : (request.inferenceId ?? context.awsRequestId);
  const started = performance.now();
  const remainingMs = context.getRemainingTimeInMillis();
  const signal = AbortSignal.timeout(Math.floor(Math.max(remainingMs - RESERVE_MS, remainingMs / 2)));
  const reply = await invokeModel(runtime, { endpointName, body, customAttributes, inferenceId, signal });
  const modelLatencyMs = Math.round((performance.now() - started) * 1000) / 1000;
  const model = reply.kind === "reply" ? understood(reply, format, rows ?? 1) : reply;
  if (model.kind === "fault") {
    log("ERROR", model.reason, { requestId: context.awsRequestId, endpoint: endpointName, ...model.details });
  }
  return {
    kind: model.kind === "refused" ? refused : model.kind,
    result: result(model, request.format, inferenceId),
    rows,
    isUnusual: !isProbe && isUnusual,
    modelLatencyMs,
    sanity: model.kind === "answered" ? sanityOf(model, format) : undefined,
  };
}

/** A request as the model gets it, and how the caller wants the answer. */
interface PredictRequest {
  readonly body: ModelBody;
  /** @default - the body is passed through */
  readonly rows?: number;
  readonly isUnusual: boolean;
  /** @default - the body is passed through */
  readonly format?: Format;
  readonly customAttributes?: string;
  readonly inferenceId?: string;
}

/** Reads a request. Whatever goes wrong with it is the caller's mistake, since nothing but the request decides what happens here. */
function read(event: PredictEvent, context: Context, format: ModelFormat): PredictRequest | RequestError {
  try {
    return {
      ...("contentType" in format.request ? passed(event, format.request) : rowsOf(event, format)),
      ...attributes(event),
      ...givenId(event),
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

function rowsOf(event: PredictEvent, { request, accept }: ModelFormat): PredictRequest {
  const given = requestFormat(event);
  const columns = "columns" in request ? request.columns : undefined;
  const { count, csv, isUnusual } = parseRows(bodyText(event), given, columns);
  const body = bodyOfRows(csv, acceptedAnswer(request, accept));
  return { body, rows: count, isUnusual, format: answerFormat(event, given) };
}

function passed(event: PredictEvent, { contentType, accept }: PassedThroughRequest): PredictRequest {
  const accepted = accept ?? header(event, "Accept");
  return {
    body: {
      Body: bodyBytes(event),
      ContentType: passedType(event, contentType),
      Accept: accepted === undefined ? undefined : printable("Accept", accepted),
    },
    isUnusual: false,
  };
}

function result(
  model: Answer | Refusal | Fault,
  format: Format | undefined,
  inferenceId: string,
): APIGatewayProxyResult {
  if (model.kind !== "answered") {
    return jsonAnswer(model.statusCode, { error: model.reason });
  }
  const { predictions, customAttributes, contentType = "application/octet-stream", body } = model;
  const answered = (type: string): APIGatewayProxyResult => ({
    statusCode: 200,
    headers: {
      "Content-Type": type,
      [INFERENCE_ID]: inferenceId,
      ...(customAttributes === undefined ? {} : { [CUSTOM_ATTRIBUTES]: customAttributes }),
    },
    body: "",
  });
  if (format === undefined) {
    return { ...answered(contentType), body: Buffer.from(body).toString("base64"), isBase64Encoded: true };
  }
  return predictions === undefined
    ? { ...answered(contentType), body: new TextDecoder().decode(body) }
    : { ...answered(format), body: formatPredictions(predictions, format) };
}

function attributes(event: PredictEvent): Pick<PredictRequest, "customAttributes"> {
  const value = header(event, CUSTOM_ATTRIBUTES);
  return value === undefined ? {} : { customAttributes: printable(CUSTOM_ATTRIBUTES, value) };
}

/**
 * The id that a caller gives a request, as HTTP takes it to the endpoint: without blanks around it. None may pass for a rollout's probe, which
 * monitors leave out.
 */
function givenId(event: PredictEvent): Pick<PredictRequest, "inferenceId"> {
  const value = header(event, INFERENCE_ID)?.trim();
  if (value === undefined) {
    return {};
  }
  if (value === "" || value.startsWith(PROBE_INFERENCE_ID)) {
    throw new RequestError(400, `${INFERENCE_ID} must not be empty or begin with ${PROBE_INFERENCE_ID}`);
  }
  return { inferenceId: printable(INFERENCE_ID, value, INFERENCE_ID_CHARACTERS) };
}
