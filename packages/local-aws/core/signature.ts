import { createHash, timingSafeEqual } from "node:crypto";
import { Sha256 } from "@smithy/core/checksum";
import { SignatureV4 } from "@smithy/signature-v4";
import { AwsError } from "./aws-error";
import { credentialOf, type Credential, type HttpRequest } from "./http";

/** Signatures hold for five minutes, before and after. */
const SKEW_MS = 5 * 60_000;

/** A Signature Version 4 in a request's header `Authorization`, as its client has made it. */
export interface Signature extends Credential {
  readonly signedAt: Date;
  /** In lower case. */
  readonly signedHeaders: readonly string[];
  /** As 64 hexadecimal digits. */
  readonly value: string;
}

/** What a signature is made with. */
interface Keys extends Credential {
  readonly secretAccessKey: string;
}

/**
 * Reads a request's signature; `undefined` if there is no header `Authorization`.
 *
 * @throws AwsError `IncompleteSignatureException`
 */
export function signatureOf(request: HttpRequest): Signature | undefined {
  const header = request.headers.authorization;
  if (header === undefined) {
    return undefined;
  }
  const credential = header.startsWith("AWS4-HMAC-SHA256 ") ? credentialOf(request) : undefined;
  const signedHeaders = /SignedHeaders=([^,\s]+)/.exec(header)?.[1];
  const value = /Signature=([0-9a-f]{64})/.exec(header)?.[1];
  if (credential === undefined || signedHeaders === undefined || value === undefined) {
    throw incomplete(
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters of AWS4-HMAC-SHA256.",
    );
  }
  return { ...credential, signedAt: signingDate(request), signedHeaders: signedHeaders.split(";"), value };
}

function signingDate(request: HttpRequest): Date {
  const text = request.headers["x-amz-date"] ?? "";
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [, year, month, day, hours, minutes, seconds] = parts ?? [];
  const date = new Date(`${year ?? ""}-${month ?? ""}-${day ?? ""}T${hours ?? ""}:${minutes ?? ""}:${seconds ?? ""}Z`);
  if (Number.isNaN(date.getTime())) {
    throw incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  return date;
}

/**
 * Checks that a request's signature was made with a secret, by signing the request once more.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @throws AwsError `InvalidSignatureException`
 */
export async function checkSignature(
  request: HttpRequest,
  signature: Signature,
  secretAccessKey: string,
  now: Date,
): Promise<void> {
  checkAge(signature.signedAt, now);
  checkBodyHash(request);
  if (!signature.signedHeaders.includes("host") || !(await isMadeWith(secretAccessKey, request, signature))) {
    throw invalid(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
}

function checkAge(signedAt: Date, now: Date): void {
  const text = (date: Date) => date.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const early = new Date(now.getTime() - SKEW_MS);
  const late = new Date(now.getTime() + SKEW_MS);
  if (signedAt < early) {
    throw invalid(`Signature expired: ${text(signedAt)} is now earlier than ${text(early)} (${text(now)} - 5 min.)`);
  }
  if (signedAt > late) {
    throw invalid(
      `Signature not yet current: ${text(signedAt)} is still later than ${text(late)} (${text(now)} + 5 min.)`,
    );
  }
}

/** The signature is over a hash that the client gives, so it must be the body's. S3's clients may say that they do not sign the body. */
function checkBodyHash(request: HttpRequest): void {
  const given = request.headers["x-amz-content-sha256"];
  const isUnsigned = given !== undefined && /^(?:UNSIGNED-PAYLOAD|STREAMING-.*)$/.test(given);
  if (given !== undefined && !isUnsigned && given !== createHash("sha256").update(request.body).digest("hex")) {
    throw invalid("The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
}

async function isMadeWith(secretAccessKey: string, request: HttpRequest, by: Signature): Promise<boolean> {
  const headers = by.signedHeaders.flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const signed = await signer({ ...by, secretAccessKey }).sign(
    {
      method: request.method,
      protocol: "http:",
      hostname: "local",
      path: request.path,
      query: Object.fromEntries([...request.query.keys()].map((name) => [name, request.query.getAll(name)])),
      headers: Object.fromEntries(headers),
      body: request.body,
    },
    { signingDate: by.signedAt, signableHeaders: new Set(by.signedHeaders) },
  );
  const value = /Signature=([0-9a-f]{64})/.exec(signed.headers.authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(Buffer.from(value.padEnd(64)), Buffer.from(by.value));
}

/** `fetch` with a signature, for what no client of the SDK calls. */
export async function signedFetch(
  by: Keys,
  url: string,
  { method = "GET", headers = {}, body }: SignedInit = {},
): Promise<Response> {
  const { host, hostname, protocol, pathname, searchParams } = new URL(url);
  const signed = await signer(by).sign({
    method,
    protocol,
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...headers, host },
    body,
  });
  return fetch(url, { method, headers: signed.headers, body });
}

/** What of `RequestInit` a request can have that is signed. */
interface SignedInit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function signer({ region, service, accessKeyId, secretAccessKey }: Keys): SignatureV4 {
  return new SignatureV4({
    credentials: { accessKeyId, secretAccessKey },
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
    // S3 takes a path as it is; to all others it is escaped once more.
    uriEscapePath: service !== "s3",
  });
}

const incomplete = (message: string) => new AwsError("IncompleteSignatureException", message, 403);
const invalid = (message: string) => new AwsError("InvalidSignatureException", message, 403);
