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
export type Format = "text/csv" | "application/json" | "application/jsonlines";

const FORMATS: readonly Format[] = ["text/csv", "application/json", "application/jsonlines"];

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

/** The format of the request's body, which is CSV by default. Throws 415 if it is none of rows. */
export function requestFormat(event: WithHeaders): Format {
  const type = mediaType(header(event, "Content-Type") ?? "text/csv");
  const format = formatOf(type);
  if (format === undefined) {
    throw new RequestError(415, `Content-Type must be ${FORMATS.join(" or ")}, got ${shorten(type)}`);
  }
  return format;
}

/** The media type of a body that is passed through, as the caller wrote it. Throws 415 if it is another one than `expected`. */
export function passedType(event: WithHeaders, expected: string): string {
  const isAny = expected === "*";
  const type = header(event, "Content-Type") ?? (isAny ? "application/octet-stream" : expected);
  if (!isAny && mediaType(type) !== expected.toLowerCase()) {
    throw new RequestError(415, `Content-Type must be ${expected}, got ${shorten(type)}`);
  }
  return printable("Content-Type", type);
}

/** Text for a header of SageMaker's. A client of HTTP refuses to send control characters, which are ASCII too. */
export function printable(name: string, value: string, mostCharacters = 1024): string {
  if (value.length > mostCharacters || !/^[\x20-\x7E]*$/.test(value)) {
    throw new RequestError(400, `${name} must be at most ${mostCharacters} printable characters of ASCII`);
  }
  return value;
}

/** The format of the answer: the first known one in `Accept`, else that of the request. */
export function answerFormat(event: WithHeaders, otherwise: Format): Format {
  const accepted = (header(event, "Accept") ?? "").split(",");
  return accepted.flatMap((type) => formatOf(mediaType(type)) ?? [])[0] ?? otherwise;
}

function formatOf(type: string): Format | undefined {
  return FORMATS.find((format) => format === type);
}

/** The part of an event that has the body. */
export type WithBody = Pick<APIGatewayProxyEvent, "body" | "isBase64Encoded">;

/** The request's body. Throws 413 if it is too large. */
function bytesOf(event: WithBody): Buffer {
  const bytes = Buffer.from(event.body ?? "", event.isBase64Encoded ? "base64" : "utf8");
  if (bytes.length > MAX_BODY_BYTES) {
    throw new RequestError(413, `the body has ${bytes.length} bytes, at most ${MAX_BODY_BYTES} are taken`);
  }
  return bytes;
}

/** The request's body as it is. Throws 400 if it is empty, 413 if it is too large. */
export function bodyBytes(event: WithBody): Buffer {
  const bytes = bytesOf(event);
  if (bytes.length === 0) {
    throw new RequestError(400, "the body is empty");
  }
  return bytes;
}

/** The request's body as text. Throws 400 if it is empty or not UTF-8, 413 if it is too large. */
export function bodyText(event: WithBody): string {
  const bytes = bytesOf(event);
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
function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}

function mediaType(value: string): string {
  return (value.split(";")[0] ?? "").trim().toLowerCase();
}
