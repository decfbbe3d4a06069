import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Violations } from "./operation";

/** A request as the services see it: with its whole body, and header names in lower case. */
export interface HttpRequest {
  readonly method: string;
  /** Path as it came over the wire, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** One AWS service of the local AWS. */
export interface Service {
  /** AWS's name of the service, such as `SageMaker`; used in `NotImplemented: SageMaker.CreateCluster`. */
  readonly name: string;
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Stops every timer and process of the service. */
  close?(): Promise<void>;
}

/** What a service may have in addition to its operations. */
export interface ServiceOptions {
  /** Stops every timer and process of the service. */
  readonly close?: () => Promise<void>;
  /** Constraints of AWS's service model. @default - only required members are checked */
  readonly violations?: Violations;
}

/** Node would close an idle connection after 5 s, perhaps just as a client sends a body that it cannot send twice. */
const KEEP_ALIVE_MS = 75_000;

/** A server that answers each request once its body is read, or closes the connection if the answer is `undefined`. */
export function httpServer(answer: (request: HttpRequest) => Promise<HttpResponse | undefined>): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    void readRequest(incoming)
      .then(answer)
      .then((response) => {
        if (response === undefined) {
          outgoing.destroy();
        } else {
          outgoing.writeHead(response.status, response.headers).end(response.body);
        }
      })
      .catch((error: unknown) => outgoing.destroy(error instanceof Error ? error : undefined));
  });
}

/** Reads a request with its body. */
export async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming.iterator()) {
    chunks.push(Buffer.from(chunk));
  }
  // `URL` is not used here, since it resolves dots in paths. In S3 keys dots mean nothing special.
  const target = incoming.url ?? "/";
  const queryAt = target.includes("?") ? target.indexOf("?") : target.length;
  const headers = Object.entries(incoming.headers).map(
    ([name, value]) => [name, Array.isArray(value) ? value.join(",") : (value ?? "")] as const,
  );
  return {
    method: incoming.method ?? "GET",
    path: target.slice(0, queryAt),
    query: new URLSearchParams(target.slice(queryAt)),
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks),
  };
}

/** The credential scope of a request's signature. */
export interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  /** Such as `sagemaker` or `monitoring`. */
  readonly service: string;
}

/** The credential with which a request was signed: in its header or, if it is presigned, in its query. */
export function credentialOf(request: HttpRequest): Credential | undefined {
  const text = request.headers.authorization ?? request.query.get("X-Amz-Credential") ?? "";
  const [, accessKeyId, region, service] = /([^/\s=]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(text) ?? [];
  return accessKeyId === undefined || region === undefined || service === undefined
    ? undefined
    : { accessKeyId, region, service };
}

/** The AWS service that a request was signed for, such as `sagemaker` or `monitoring`. */
export function signedService(request: HttpRequest): string | undefined {
  return credentialOf(request)?.service;
}
