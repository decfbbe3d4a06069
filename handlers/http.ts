import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

/** A mistake of the caller. It is answered with a 4xx status and this message, and raises no alarm. */
export class RequestError extends Error {
  override readonly name = "RequestError";

  constructor(
    readonly statusCode: 400 | 413 | 415,
    message: string,
  ) {
    super(message);
  }
}

/** The formats of rows and of predictions. */
export type Format = "text/csv" | "application/json";

/**
 * Largest request body, in bytes after decoding. Lambda accepts events of 6 MB. A body of this size still fits after API Gateway has
 * encoded it as base64. SageMaker's own limit is not lower, not even for serverless endpoints.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The part of an event that has the headers. API Gateway's own test invocation sends `null` if there are none. */
export interface WithHeaders {
  readonly headers: APIGatewayProxyEvent["headers"] | null;
}

/** The value of a header, whose name may be written in any case. */
export function header(event: WithHeaders, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === wanted);
  return found?.[1];
}

/** The format of the request's body, which is CSV by default. Throws 415 if it is neither CSV nor JSON. */
export function requestFormat(event: WithHeaders): Format {
  const format = mediaType(header(event, "Content-Type") ?? "text/csv");
  if (format !== "text/csv" && format !== "application/json") {
    throw new RequestError(415, `Content-Type must be text/csv or application/json, got ${shorten(format)}`);
  }
  return format;
}

/** The format of the answer: the first known one in `Accept`, else that of the request. */
export function answerFormat(event: WithHeaders, otherwise: Format): Format {
  const accepted = (header(event, "Accept") ?? "").split(",").map(mediaType);
  return accepted.find((type) => type === "text/csv" || type === "application/json") ?? otherwise;
}

/** The request's body as text. Throws 400 if it is empty or not UTF-8, 413 if it is too large. */
export function bodyText(event: Pick<APIGatewayProxyEvent, "body" | "isBase64Encoded">): string {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > MAX_BODY_BYTES) {
    throw new RequestError(413, `the body has ${bytes.length} bytes, at most ${MAX_BODY_BYTES} are taken`);
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new RequestError(400, "the body is not UTF-8");
  }
  if (text.trim() === "") {
    throw new RequestError(400, "the body is empty: send at least one row");
  }
  return text;
}

/** An answer with a JSON body. */
export function jsonAnswer(statusCode: number, body: unknown): APIGatewayProxyResult {
  return { statusCode, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** A text from a caller, cut short for an error message. */
export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function mediaType(value: string): string {
  return (value.split(";")[0] ?? "").trim().toLowerCase();
}
