import { STSClient } from "@aws-sdk/client-sts";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Aws } from "./aws";
import { codeOf } from "./retries";
import { type Value, type Values, isBlock, parseJson, textOf } from "./values";

/** A request to a service that speaks REST-JSON. */
export interface RestRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: Values;
}

/** AWS's refusal, as the SDK's clients throw it. */
class Refusal extends Error {
  readonly $metadata: { readonly httpStatusCode: number; readonly attempts: number };

  constructor(name: string, message: string, httpStatusCode: number, attempts: number) {
    super(message);
    this.name = name;
    this.$metadata = { httpStatusCode, attempts };
  }
}

/** How long a request is tried again, as for the SDK's clients. */
const RETRIES = { timeoutSeconds: 15 };

/**
 * Calls a service whose SDK client is not among the dependencies: signed with the keys that those have, and tried again as they do.
 *
 * @param signedName the service as signatures name it
 */
export async function restCall(aws: Aws, signedName: string, request: RestRequest): Promise<Values> {
  let attempts = 0;
  return aws.retried(passes, RETRIES, async () => {
    attempts += 1;
    const { headers } = await signed(aws, signedName, request);
    const answer = await fetch(`${aws.endpoint}${request.path}`, {
      method: request.method,
      headers,
      body: textIn(request),
    });
    const text = await answer.text();
    const body = text === "" ? {} : blockOf(parseJson(text));
    if (!answer.ok) {
      const name = (answer.headers.get("x-amzn-errortype") ?? "").split(":")[0] ?? "";
      throw new Refusal(name, textOf(body.message ?? body.Message), answer.status, attempts);
    }
    return body;
  });
}

/** A member that is a block, or an empty one. */
export const blockOf = (value: Value | undefined): Values => (isBlock(value) ? value : {});

const textIn = ({ body }: RestRequest) => (body === undefined ? undefined : JSON.stringify(body));

async function signed(aws: Aws, service: string, request: RestRequest) {
  const { host, hostname, port, protocol, pathname, searchParams } = new URL(`${aws.endpoint}${request.path}`);
  const signer = new SignatureV4({
    service,
    region: aws.region,
    credentials: aws.client(STSClient).config.credentials,
    sha256: Sha256,
  });
  return signer.sign({
    method: request.method,
    protocol,
    hostname,
    port: Number(port),
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { host, "content-type": "application/json" },
    body: textIn(request),
  });
}

function passes(error: unknown): boolean {
  if (error instanceof Refusal) {
    const { httpStatusCode } = error.$metadata;
    return httpStatusCode >= 500 && httpStatusCode !== 501 ? true : /Throttling|TooManyRequests/.test(error.name);
  }
  // `fetch` tells in the cause why a connection broke. One that nobody answers is no trouble of AWS's.
  const code = error instanceof TypeError ? codeOf(error.cause) : undefined;
  return code !== undefined && code !== "ECONNREFUSED";
}
