import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";

/** A request that is the caller's mistake: answered with a 4xx status and this message, and nobody is alarmed. */
export class RequestError extends Error {
  override readonly name = "RequestError";

  constructor(
    readonly statusCode: 400 | 413 | 415,
    message: string,
  ) {
    super(message);
  }
}

/** The formats in which rows are taken and predictions are given. */
export type Format = "text/csv" | "application/json";

/**
 * Largest request body, in bytes after decoding. Lambda takes events of 6 MB, in which a body of this size still fits when API
 * Gateway has encoded it as base64; SageMaker's own limit is not below it, for serverless endpoints neither.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** The part of an event that has the headers; API Gateway's own test invocation sends `null` where there are none. */
export interface WithHeaders {
  readonly headers: APIGatewayProxyEvent["headers"] | null;
}

/** The value of a header, however its name is capitalised. */
export function header(event: WithHeaders, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const found = Object.entries(event.headers ?? {}).find(([key]) => key.toLowerCase() === wanted);
  return found?.[1];
}

/** The format of the request's body, which is CSV unless it says otherwise. Throws 415 where it is neither CSV nor JSON. */
export function requestFormat(event: WithHeaders): Format {
  const format = mediaType(header(event, "Content-Type") ?? "text/csv");
  if (format !== "text/csv" && format !== "application/json") {
    throw new RequestError(415, `Content-Type must be text/csv or application/json, got ${shorten(format)}`);
  }
  return format;
}

/** The format to answer in: the first of those in `Accept` that there is, else that of the request. */
export function answerFormat(event: WithHeaders, otherwise: Format): Format {
  const accepted = (header(event, "Accept") ?? "").split(",").map(mediaType);
  return accepted.find((type) => type === "text/csv" || type === "application/json") ?? otherwise;
}

/** The request's body as text. Throws 400 where it is empty or not UTF-8, 413 where it is too large. */
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

/** Something a caller sent, short enough to be shown back. */
export function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function mediaType(value: string): string {
  return (value.split(";")[0] ?? "").trim().toLowerCase();
}
