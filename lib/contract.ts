/**
 * What two sides must spell alike: the functions in Lambda, the components that declare them, and the rollout that judges them. This file
 * imports nothing, since it is part of each function's bundle.
 */

/** Environment variables of the functions. */
export const VARIABLES = {
  endpointName: "ENDPOINT_NAME",
  /** Id of the release that a version of the function serves; the rollout reads it too. */
  release: "RELEASE",
  predictionMinimum: "PREDICTION_MINIMUM",
  predictionMaximum: "PREDICTION_MAXIMUM",
  /** How many columns the model takes. */
  modelColumns: "MODEL_COLUMNS",
  /** Range of each column in the training data, as JSON: `[[0, 120], [0, null]]`, where `null` is no limit. */
  inputRanges: "INPUT_RANGES",
  knownRows: "KNOWN_ROWS",
  requireCapture: "REQUIRE_CAPTURE",
  variantName: "VARIANT_NAME",
  dataCaptureUri: "DATA_CAPTURE_URI",
  captureWaitSeconds: "CAPTURE_WAIT_SECONDS",
  capturePollSeconds: "CAPTURE_POLL_SECONDS",
} as const;

/**
 * The metrics that the function `predict` writes for each request. With the dimensions of {@link releaseDimensions} they have only what a
 * release is judged by; with `Source` in addition, which is `caller` or `probe`, they have every request.
 */
export const METRICS = {
  namespace: "SageMakerSafeDeploy",
  requests: "Requests",
  modelFaults: "ModelFaults",
  /** Rows that could be read, and that were refused for their number of columns or by the model. */
  modelRefusals: "ModelRefusals",
  /** Milliseconds, of answered predictions. */
  modelLatency: "ModelLatency",
  /** Of the first 100 rows of each request. */
  predictedRows: "PredictedRows",
  predictionsOutOfRange: "PredictionsOutOfRange",
  /** Requests with a value outside of the training data's range. They do not judge a release. */
  unusualRequests: "UnusualRequests",
  /** The callers' part of the metrics above, since many probes would hide it. */
  callerRequests: "CallerRequests",
  callerFaults: "CallerFaults",
  callerRows: "CallerRows",
  callerRowsOutOfRange: "CallerRowsOutOfRange",
} as const;

/** The dimensions by which a release is judged, by its callers and by probes. */
export function releaseDimensions(functionName: string, release: string) {
  return { FunctionName: functionName, Release: release };
}

/** A hook's verdict on a release. */
export interface Verdict {
  readonly status: "Succeeded" | "Failed";
  readonly reason: string;
}

/** The text that every verdict line contains, and by which logs are searched. */
export const VERDICT_MARK = "verdict:";

/** The line of a hook's log with its verdict. */
export function verdictLine({ status, reason }: Verdict): string {
  return `${VERDICT_MARK} ${status}: ${reason}`;
}

/** The verdict in a line of a hook's log, if it contains one. */
export function verdictIn(line: string): Verdict | undefined {
  const { status, reason } = /verdict: (?<status>Succeeded|Failed): (?<reason>.*)/.exec(line)?.groups ?? {};
  return reason === undefined
    ? undefined
    : { status: status === "Failed" ? "Failed" : "Succeeded", reason: reason.trim() };
}

/** How a rollout marks its own requests. */
export interface ProbeMark {
  /** `true` for rows that no caller sent. API Gateway sends no such member, whatever its callers send. */
  readonly safeDeployProbe: boolean;
}

/** The event of a rollout's probe for `predict`: as API Gateway would send it, but marked. */
export function probeEvent(rows: readonly string[]): ProbeMark & Readonly<Record<string, unknown>> {
  return {
    safeDeployProbe: true,
    httpMethod: "POST",
    path: "/api",
    headers: { "Content-Type": "text/csv" },
    body: rows.join("\n"),
    isBase64Encoded: false,
  };
}

/** Beginning of {@link probeInferenceId}. */
export const PROBE_INFERENCE_ID = "safe-deploy-probe-";

/**
 * The `InferenceId` of rows that no caller sent. SageMaker writes it into the capture (`eventMetadata.inferenceId`), so jobs that read
 * captures can leave those rows out.
 *
 * @param id At most 46 characters of ASCII, since InvokeEndpoint accepts 64.
 */
export function probeInferenceId(id: string): string {
  return `${PROBE_INFERENCE_ID}${id}`;
}
