import { APIGatewayClient, GetApiKeyCommand } from "@aws-sdk/client-api-gateway";
import { fromEnv } from "@aws-sdk/credential-providers";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { VARIABLES, type KnownBody } from "../lib/contract";
import { acceptedAnswer } from "../lib/model-format-rules";
import { inWords } from "./answers";
import { firstWrong, understood } from "./exchange";
import { parseRows } from "./rows";
import { knownRequests, modelFormat, numberSetting, setting, type ModelFormat } from "./settings";

const REQUEST_TIMEOUT_MS = 30_000;

/**
 * The script of the API's canary: sends the first known request as a caller would, and fails the run if the answer is not 200, is late, or is
 * no sane prediction. CloudWatch Synthetics takes what a handler throws for a failed run.
 */
export async function handler(): Promise<string> {
  const format = modelFormat();
  const [known] = knownRequests();
  if (known === undefined) {
    throw new Error("there is no known request");
  }
  const mostMs = numberSetting(VARIABLES.mostLatencyMs);
  const request = requestOf(known, format);
  const headers = { ...request.headers, ...(await credentials(request)) };
  const sentAt = performance.now();
  const response = await fetch(setting(VARIABLES.apiUrl), {
    method: "POST",
    headers,
    body: request.body,
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const body = new Uint8Array(await response.arrayBuffer());
  const tookMs = Math.round(performance.now() - sentAt);
  if (response.status !== 200) {
    throw new Error(`the API answered with status ${response.status}, not 200`);
  }
  refuseInsane({ body, contentType: response.headers.get("content-type") ?? undefined }, request.rows, format);
  if (tookMs > mostMs) {
    throw new Error(`the API took ${tookMs} ms to answer, more than ${mostMs} ms`);
  }
  return `the API answered sanely in ${tookMs} ms`;
}

/** A known request as a caller sends it. */
interface CanaryRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** How many rows it has. */
  readonly rows: number;
}

function requestOf({ body, isBase64Encoded = false }: KnownBody, { request }: ModelFormat): CanaryRequest {
  const bytes = new Uint8Array(Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
  if ("contentType" in request) {
    const { contentType, accept = "*/*" } = request;
    const type = contentType === "*" ? "application/octet-stream" : contentType;
    return { headers: { "content-type": type, accept }, body: bytes, rows: 1 };
  }
  const rows = parseRows(body, "text/csv", request.columns).count;
  return { headers: { "content-type": "text/csv", accept: "text/csv" }, body: bytes, rows };
}

/** The headers by which the API lets a request in. The key of an API is read for each run, so that it is kept nowhere else. */
async function credentials(request: CanaryRequest): Promise<Readonly<Record<string, string>>> {
  const auth = setting(VARIABLES.apiAuth);
  switch (auth) {
    case "none":
      return {};
    case "apiKey": {
      const key = new GetApiKeyCommand({ apiKey: setting(VARIABLES.apiKeyId), includeValue: true });
      const { value } = await new APIGatewayClient({}).send(key);
      if (value === undefined) {
        throw new Error(`API Gateway tells no value of the key ${setting(VARIABLES.apiKeyId)}`);
      }
      return { "x-api-key": value };
    }
    case "iam":
      return signature(request);
    default:
      throw new Error(`${VARIABLES.apiAuth} must be "iam", "apiKey" or "none", got ${JSON.stringify(auth)}`);
  }
}

async function signature({ headers, body }: CanaryRequest): Promise<Readonly<Record<string, string>>> {
  const url = new URL(setting(VARIABLES.apiUrl));
  const signer = new SignatureV4({
    service: "execute-api",
    region: setting("AWS_REGION"),
    credentials: fromEnv(),
    sha256: Sha256,
  });
  const signed = await signer.sign({
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    port: url.port === "" ? undefined : Number(url.port),
    path: url.pathname,
    query: {},
    headers: { ...headers, host: url.host },
    body,
  });
  return signed.headers;
}

/** @throws if the answer is no prediction, or one outside of what is sane. The message has nothing of the answer. */
function refuseInsane(
  reply: { readonly body: Uint8Array; readonly contentType: string | undefined },
  rows: number,
  format: ModelFormat,
): void {
  const answer = understood({ kind: "reply", ...reply }, format, rows);
  if (answer.kind !== "answered") {
    throw new Error(`the API answered no prediction: ${answer.reason}`);
  }
  const wanted = acceptedAnswer(format.request, format.accept);
  if (wanted !== undefined && firstWrong(answer, format) >= 0) {
    throw new Error(`the API answered a prediction outside of ${inWords(wanted)}`);
  }
}
