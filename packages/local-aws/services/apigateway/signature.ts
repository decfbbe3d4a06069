import { createHash, timingSafeEqual } from "node:crypto";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Account } from "../../core/account";
import type { HttpRequest } from "../../core/http";
import { GatewayFault, missingToken } from "./gateway-response";

/** Signatures hold for five minutes, before and after. */
const SKEW_MS = 5 * 60_000;

/** The parts of a header `Authorization`. */
interface Authorization {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/**
 * Checks that a request bears a Signature Version 4 made with the account's secret for `execute-api`, by signing it once more.
 * Only signatures in the header `Authorization` are known; one in the query counts as missing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @throws GatewayFault 403, as AWS answers
 */
export async function checkSignature(account: Account, request: HttpRequest, now: Date): Promise<void> {
  const header = request.headers.authorization;
  if (header === undefined) {
    throw missingToken();
  }
  const authorization = parse(header);
  const signedAt = signingDate(request);
  if (authorization.accessKeyId !== account.accessKeyId) {
    throw new GatewayFault(
      403,
      "The security token included in the request is invalid.",
      "UnrecognizedClientException",
    );
  }
  if (authorization.service !== "execute-api") {
    throw invalidSignature("Credential should be scoped to correct service: 'execute-api'.");
  }
  if (authorization.region !== account.region) {
    throw invalidSignature("Credential should be scoped to a valid region.");
  }
  checkAge(signedAt, now);
  checkBodyHash(request);
  if (
    !authorization.signedHeaders.includes("host") ||
    !signatureIs(authorization, await sign(account, request, authorization, signedAt))
  ) {
    throw invalidSignature(
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  }
}

function parse(header: string): Authorization {
  const credential = /^AWS4-HMAC-SHA256 .*Credential=([^/,]+)\/\d{8}\/([^/,]+)\/([^/,]+)\/aws4_request/.exec(header);
  const signedHeaders = /SignedHeaders=([^,\s]+)/.exec(header)?.[1];
  const signature = /Signature=([0-9a-f]{64})/.exec(header)?.[1];
  if (credential === null || signedHeaders === undefined || signature === undefined) {
    throw new GatewayFault(
      403,
      "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters of AWS4-HMAC-SHA256.",
      "IncompleteSignatureException",
    );
  }
  const [, accessKeyId = "", region = "", service = ""] = credential;
  return { accessKeyId, region, service, signedHeaders: signedHeaders.split(";"), signature };
}

function signingDate(request: HttpRequest): Date {
  const text = request.headers["x-amz-date"] ?? "";
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [, year, month, day, hours, minutes, seconds] = parts ?? [];
  const date = new Date(`${year ?? ""}-${month ?? ""}-${day ?? ""}T${hours ?? ""}:${minutes ?? ""}:${seconds ?? ""}Z`);
  if (Number.isNaN(date.getTime())) {
    throw new GatewayFault(
      403,
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
      "IncompleteSignatureException",
    );
  }
  return date;
}

function checkAge(signedAt: Date, now: Date): void {
  const text = (date: Date) => date.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const early = new Date(now.getTime() - SKEW_MS);
  const late = new Date(now.getTime() + SKEW_MS);
  if (signedAt < early) {
    throw invalidSignature(
      `Signature expired: ${text(signedAt)} is now earlier than ${text(early)} (${text(now)} - 5 min.)`,
    );
  }
  if (signedAt > late) {
    throw invalidSignature(
      `Signature not yet current: ${text(signedAt)} is still later than ${text(late)} (${text(now)} + 5 min.)`,
    );
  }
}

/** A hash that the caller gives is what the signature is over, so it must be the body's. */
function checkBodyHash(request: HttpRequest): void {
  const given = request.headers["x-amz-content-sha256"];
  if (given !== undefined && given !== createHash("sha256").update(request.body).digest("hex")) {
    throw invalidSignature("The provided 'x-amz-content-sha256' header does not match what was computed.");
  }
}

/** The header `Authorization` that the account's secret makes for this request. */
async function sign(account: Account, request: HttpRequest, by: Authorization, signingDate: Date): Promise<string> {
  const signer = new SignatureV4({
    credentials: account,
    region: by.region,
    service: by.service,
    sha256: Sha256,
    applyChecksum: false,
  });
  const headers = Object.fromEntries(
    by.signedHeaders.flatMap((name) => {
      const value = request.headers[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  const signed = await signer.sign(
    {
      method: request.method,
      protocol: "http:",
      hostname: "local",
      path: request.path,
      query: queryOf(request),
      headers,
      body: request.body,
    },
    { signingDate, signableHeaders: new Set(by.signedHeaders) },
  );
  return signed.headers.authorization ?? "";
}

function queryOf(request: HttpRequest): Record<string, string[]> {
  return Object.fromEntries([...request.query.keys()].map((name) => [name, request.query.getAll(name)]));
}

function signatureIs(by: Authorization, recomputed: string): boolean {
  const signature = /Signature=([0-9a-f]{64})/.exec(recomputed)?.[1] ?? "";
  return timingSafeEqual(Buffer.from(signature.padEnd(64)), Buffer.from(by.signature));
}

function invalidSignature(message: string): GatewayFault {
  return new GatewayFault(403, message, "InvalidSignatureException");
}
