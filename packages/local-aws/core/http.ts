import { createServer, type IncomingMessage, type Server } from "node:http";
import type { Violations } from "./operation";

/** A request before its body is read, with header names in lower case. */
export interface RequestHead {
  readonly method: string;
  /** Path as it came over the wire, still percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}

/** A request as the services see it: with its whole body. */
export interface HttpRequest extends RequestHead {
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

/** What is known of a request before its body is read: that it is refused, or how many bytes its body may have. */
export interface Admission {
  /** The answer to a request that is refused. Its body is not read. */
  readonly refusal?: HttpResponse;
  readonly maxBytes: number;
  /** The answer to a request with a longer body. */
  readonly tooLong: HttpResponse;
}

/**
 * A server that answers each request once its body is read, or closes the connection if the answer is `undefined`.
 *
 * @param admit @default - all that comes
 */
export function httpServer(
  answer: (request: HttpRequest) => Promise<HttpResponse | undefined>,
  admit?: (head: RequestHead) => Admission,
): Server {
  return createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    void admitted(incoming, answer, admit)
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

async function admitted(
  incoming: IncomingMessage,
  answer: (request: HttpRequest) => Promise<HttpResponse | undefined>,
  admit: ((head: RequestHead) => Admission) | undefined,
): Promise<HttpResponse | undefined> {
  const head = headOf(incoming);
  const admission = admit?.(head);
  if (admission?.refusal !== undefined) {
    return admission.refusal;
  }
  const body = await readBody(incoming, admission?.maxBytes);
  return body === undefined ? admission?.tooLong : answer({ ...head, body });
}

/** Reads a request with its body. */
export async function readRequest(incoming: IncomingMessage): Promise<HttpRequest> {
  return { ...headOf(incoming), body: (await readBody(incoming)) ?? Buffer.of() };
}

/** `undefined` if there is more than may be; what is over is passed over, and none of it is kept. */
async function readBody(incoming: IncomingMessage, maxBytes = Infinity): Promise<Uint8Array | undefined> {
  if (Number(incoming.headers["content-length"] ?? 0) > maxBytes) {
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of incoming.iterator({ destroyOnReturn: false })) {
    const read = Buffer.from(chunk);
    bytes += read.byteLength;
    if (bytes > maxBytes) {
      return undefined;
    }
    chunks.push(read);
  }
  return Buffer.concat(chunks);
}

function headOf(incoming: IncomingMessage): RequestHead {
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
export function credentialOf(request: RequestHead): Credential | undefined {
  const text = request.headers.authorization ?? request.query.get("X-Amz-Credential") ?? "";
  const [, accessKeyId, region, service] = /([^/\s=]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(text) ?? [];
  return accessKeyId === undefined || region === undefined || service === undefined
    ? undefined
    : { accessKeyId, region, service };
}

/** The AWS service that a request was signed for, such as `sagemaker` or `monitoring`. */
export function signedService(request: RequestHead): string | undefined {
  return credentialOf(request)?.service;
}
