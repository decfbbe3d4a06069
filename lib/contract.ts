/**
 * What two sides must spell alike: the functions in Lambda, the components that declare them, and the rollout that judges them. Imports
 * nothing, since it is part of each function's bundle.
 */

/** Environment variables of the functions. */
export const VARIABLES = {
  endpointName: "ENDPOINT_NAME",
  /** Id of the release that a version of the function serves; the rollout reads it too. */
  release: "RELEASE",
  predictionMinimum: "PREDICTION_MINIMUM",
  predictionMaximum: "PREDICTION_MAXIMUM",
  knownRows: "KNOWN_ROWS",
  requireCapture: "REQUIRE_CAPTURE",
  variantName: "VARIANT_NAME",
  dataCaptureUri: "DATA_CAPTURE_URI",
  captureWaitSeconds: "CAPTURE_WAIT_SECONDS",
  capturePollSeconds: "CAPTURE_POLL_SECONDS",
} as const;

/** The metrics that the function `predict` writes for each request. */
export const METRICS = {
  namespace: "SageMakerSafeDeploy",
  requests: "Requests",
  modelFaults: "ModelFaults",
  /** Milliseconds. */
  modelLatency: "ModelLatency",
  predictionsOutOfRange: "PredictionsOutOfRange",
} as const;

/** The dimensions by which a release is judged: probes count as callers do. */
export function releaseDimensions(functionName: string, release: string) {
  return { FunctionName: functionName, Release: release };
}

/** What a hook thinks of a release. */
export interface Verdict {
  readonly status: "Succeeded" | "Failed";
  readonly reason: string;
}

/** What each line of a verdict has in it, by which logs are searched. */
export const VERDICT_MARK = "verdict:";

/** The line of a hook's log that tells its verdict. */
export function verdictLine({ status, reason }: Verdict): string {
  return `${VERDICT_MARK} ${status}: ${reason}`;
}

/** The verdict that a line of a hook's log tells, if it does. */
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

/** What a rollout sends to `predict`: what API Gateway would send, marked. */
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

/**
 * The `InferenceId` of rows that no caller sent. SageMaker writes it into the capture (`eventMetadata.inferenceId`), where jobs that
 * read captures know by it what to leave out.
 *
 * @param id At most 46 characters of ASCII: InvokeEndpoint takes 64.
 */
export function probeInferenceId(id: string): string {
  return `safe-deploy-probe-${id}`;
}
