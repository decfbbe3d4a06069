import { explained } from "../lib/errors";
import { RuntimeError } from "./runtime-error";
import type { InvokeEndpointInput, SageMakerRuntime } from "./sagemaker-runtime";

/** What a model has answered to a body. */
export interface ModelReply {
  readonly kind: "reply";
  readonly body: Uint8Array;
  readonly contentType?: string;
  readonly customAttributes?: string;
}

/** The model refused the body, which is the caller's mistake. */
export interface Refusal {
  readonly kind: "refused";
  readonly statusCode: 400 | 413;
  readonly reason: string;
}

/** A fault of the model (502) or of its endpoint (503). Such faults roll a release back. */
export interface Fault {
  readonly kind: "fault";
  readonly statusCode: 502 | 503;
  /** For the caller. */
  readonly reason: string;
  /** For the log. Contains nothing of what was sent or answered. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** A body for a model, in SageMaker's words. */
export type ModelBody = Pick<InvokeEndpointInput, "Body" | "ContentType" | "Accept">;

/**
 * Sends a body to an endpoint. Never throws. An endpoint that is unknown, cannot be reached, throttles, or does not answer before `signal`
 * fires is a fault like any other.
 */
export async function invokeModel(
  client: SageMakerRuntime,
  request: {
    readonly endpointName: string;
    readonly body: ModelBody;
    readonly customAttributes?: string;
    readonly inferenceId?: string;
    readonly signal: AbortSignal;
  },
): Promise<ModelReply | Refusal | Fault> {
  const { endpointName, body, customAttributes, inferenceId, signal } = request;
  try {
    const answer = await client.invokeEndpoint(
      { EndpointName: endpointName, ...body, CustomAttributes: customAttributes, InferenceId: inferenceId },
      signal,
    );
    return {
      kind: "reply",
      body: answer.Body,
      contentType: answer.ContentType,
      customAttributes: answer.CustomAttributes,
    };
  } catch (error) {
    return failure(error, endpointName, signal);
  }
}
function failure(error: unknown, endpointName: string, signal: AbortSignal): Refusal | Fault {
  if (error instanceof RuntimeError && error.name === "ModelError") {
    return modelFailure(error);
  }
  const name = signal.aborted ? "Timeout" : error instanceof Error ? error.name : "Error";
  const reason = signal.aborted
    ? `endpoint ${endpointName} did not answer in time`
    : `endpoint ${endpointName} cannot answer (${name})`;
  // These messages come from SageMaker or the network. They name the endpoint and quote no rows.
  const message = explained(error).message;
  return { kind: "fault", statusCode: 503, reason, details: { error: name, message } };
}

/**
 * The container itself answered an error status. A 4xx means that the rows are at fault, for example by their number of columns. The
 * exceptions are the statuses for an overloaded or slow model. A model that refuses *all* rows is found by the known rows before it gets
 * traffic.
 */
function modelFailure(error: RuntimeError): Refusal | Fault {
  const status = error.OriginalStatusCode ?? 500;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const reason = `the model refused the request: ${(error.OriginalMessage ?? `status ${status}`).slice(0, 500)}`;
    return { kind: "refused", statusCode: status === 413 ? 413 : 400, reason };
  }
  return {
    kind: "fault",
    statusCode: 502,
    reason: `the model answered an error (${status})`,
    // The message is left out, since a container may quote the rows in it.
    details: { error: error.name, originalStatusCode: status, logStreamArn: error.LogStreamArn },
  };
}
