/**
 * What two sides must spell alike: the functions in Lambda, the components that declare them, and the rollout that judges them. This file
 * imports nothing, since it is part of each function's bundle.
 */

/** Environment variables of the functions. */
export const VARIABLES = {
  endpointName: "ENDPOINT_NAME",
  /** Id of the release that a version of the function serves; the rollout reads it too. */
  release: "RELEASE",
  /** What callers send and the model gets, as JSON: `ModelRequest`. */
  request: "MODEL_REQUEST",
  /** What a sane answer is, as JSON: `SaneAnswer`. */
  accept: "ACCEPT",
  /** The requests of the check before traffic, as JSON: a list of `KnownBody`. */
  knownRequests: "KNOWN_REQUESTS",
  /** The origin whose pages may read the answers in a browser. */
  allowOrigin: "ALLOW_ORIGIN",
  /** A function that a hook asks too. */
  ownHook: "OWN_HOOK",
  requireCapture: "REQUIRE_CAPTURE",
  variantName: "VARIANT_NAME",
  dataCaptureUri: "DATA_CAPTURE_URI",
  captureWaitSeconds: "CAPTURE_WAIT_SECONDS",
  capturePollSeconds: "CAPTURE_POLL_SECONDS",
  /** Where the canary sends its request, and how it is let in: `iam`, `apiKey` or `none`. */
  apiUrl: "API_URL",
  apiAuth: "API_AUTH",
  /** Id of the key in API Gateway, which is no secret. */
  apiKeyId: "API_KEY_ID",
  mostLatencyMs: "MOST_LATENCY_MS",
  /** What the retrain governor works with, as JSON: `GovernorSettings`. */
  governor: "GOVERNOR",
} as const;

/** The alias that callers reach; its routing says which releases have traffic. */
export const LIVE_ALIAS = "live";

/** When a retraining may start. */
export interface RetrainRules {
  /** Hours after a retraining in which there is no other. */
  readonly cooldownHours: number;
  /** Retrainings within any 24 hours. */
  readonly maximumPerDay: number;
  /** Whether `data-source.zip` must be another version than the last successful execution had. */
  readonly requireNewData: boolean;
  /** Minutes after a deployment in which its release may still bake. */
  readonly settleMinutes: number;
}

/** What the retrain governor works with. */
export interface GovernorSettings extends RetrainRules {
  readonly pipelineName: string;
  /** Where `data-source.zip` is, and which source action of the pipeline takes it. */
  readonly dataBucket: string;
  readonly dataKey: string;
  readonly dataAction: string;
  /** CodeDeploy's application, and its group of the same name, whose deployments are rollouts. */
  readonly rolloutApplication: string;
  /** Where decisions are kept: `s3://<bucket>/<prefix>`. */
  readonly decisionsUri: string;
  readonly topicArn: string;
  /** The alarms that ask for retrainings. */
  readonly alarmNames: readonly string[];
}

/** The event that has the retrain governor look at its alarms, and decide if one of them is on. */
export const LOOK_AT_ALARMS = { look: "alarms" } as const;

/** The variable of the pipeline that says why an execution was started. The approval shows it. */
export const REASON_VARIABLE = "reason";

/** Most characters of its value: an approval's text may have a thousand in all. */
export const REASON_CHARACTERS = 90;

/**
 * The metrics that the function `predict` writes for each request. With the dimensions of {@link releaseDimensions} they have only what a
 * release is judged by; with `Source` in addition, which is `caller` or `probe`, they have every request.
 */
export const METRICS = {
  namespace: "SageMakerSafeDeploy",
  requests: "Requests",
  modelFaults: "ModelFaults",
  /** Requests that could be read, and that were refused for their columns or by the model. */
  modelRefusals: "ModelRefusals",
  /** Milliseconds, of answered predictions. */
  modelLatency: "ModelLatency",
  /** Of the first 100 rows of each request, or values of its JSON. */
  predictedRows: "PredictedRows",
  predictionsOutOfRange: "PredictionsOutOfRange",
  /** Requests with a value that the training data did not have. They do not judge a release. */
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

/** A known request as `predict` gets it. */
export interface KnownBody {
  readonly body: string;
  /** @default false */
  readonly isBase64Encoded?: boolean;
}

/** The event of a rollout's probe for `predict`: as API Gateway would send it, but marked. @param contentType @default "text/csv" */
export function probeEvent(
  { body, isBase64Encoded = false }: KnownBody,
  contentType = "text/csv",
): ProbeMark & Readonly<Record<string, unknown>> {
  return {
    safeDeployProbe: true,
    httpMethod: "POST",
    path: "/api",
    headers: { "Content-Type": contentType },
    body,
    isBase64Encoded,
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
