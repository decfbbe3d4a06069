import type { Account } from "../core/account";
import { signedService, type HttpRequest, type HttpResponse, type Service } from "../core/http";
import type { EventSink } from "../core/local";

/** How an object was made, as S3's events tell it. */
type Reason = "PutObject" | "CopyObject" | "CompleteMultipartUpload";

/**
 * Puts S3's event "Object Created" on the event bus for buckets whose notification configuration sends events to EventBridge. That it
 * does is read as the configuration passes; moto keeps the rest of it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
 */
export function withObjectEvents(store: Service, account: Account, events: EventSink): Service {
  const enabled = new Set<string>();
  let count = 0;

  return {
    ...store,
    async handle(request) {
      const response = await store.handle(request);
      if (response.status < 200 || response.status > 299 || signedService(request) !== "s3") {
        return response;
      }
      const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
      if (key === "") {
        heed(request, bucket);
        const isAsked = request.method === "GET" && request.query.has("notification") && enabled.has(bucket);
        return isAsked ? withEventBridge(response) : response;
      }
      const reason = enabled.has(bucket) ? reasonOf(request, response) : undefined;
      if (reason !== undefined) {
        await tell(bucket, decodeURIComponent(key), reason, request, response);
      }
      return response;
    },
  };

  function heed({ method, query, body }: HttpRequest, bucket: string): void {
    if (method === "PUT" && query.has("notification")) {
      const sends = Buffer.from(body).toString("utf8").includes("<EventBridgeConfiguration");
      enabled.delete(bucket);
      if (sends) {
        enabled.add(bucket);
      }
    } else if (method === "DELETE" && [...query.keys()].every((name) => name === "x-id")) {
      enabled.delete(bucket);
    }
  }

  async function tell(bucket: string, key: string, reason: Reason, request: HttpRequest, response: HttpResponse) {
    const version = response.headers["x-amz-version-id"];
    const query = new URLSearchParams(version === undefined ? {} : { versionId: version });
    const { authorization = "", host = "" } = request.headers;
    const head = { ...request, method: "HEAD", query, headers: { authorization, host }, body: Buffer.of() };
    const { headers } = await store.handle(head);
    count += 1;
    events.put({
      source: "aws.s3",
      "detail-type": "Object Created",
      resources: [`arn:aws:s3:::${bucket}`],
      detail: {
        version: "0",
        bucket: { name: bucket },
        object: {
          key,
          size: Number(headers["content-length"] ?? 0),
          etag: (headers.etag ?? "").replaceAll('"', ""),
          ...(version === undefined ? {} : { "version-id": version }),
          sequencer: count.toString(16).toUpperCase().padStart(18, "0"),
        },
        "request-id": headers["x-amz-request-id"] ?? "",
        requester: account.accountId,
        "source-ip-address": "127.0.0.1",
        reason,
      },
    });
  }
}

function withEventBridge(response: HttpResponse): HttpResponse {
  const body = Buffer.from(response.body)
    .toString("utf8")
    .replace(/<NotificationConfiguration([^>]*?)\/>/, "<NotificationConfiguration$1></NotificationConfiguration>")
    .replace("</NotificationConfiguration>", "<EventBridgeConfiguration/></NotificationConfiguration>");
  return { ...response, headers: { ...response.headers, "content-length": String(Buffer.byteLength(body)) }, body };
}

/** What a request that succeeded has made; `undefined` if that is no new object. */
function reasonOf({ method, query, headers }: HttpRequest, response: HttpResponse): Reason | undefined {
  if (method === "POST" && query.has("uploadId")) {
    // S3 may tell of a failure after it has begun its answer with 200.
    return Buffer.from(response.body).includes("<Error>") ? undefined : "CompleteMultipartUpload";
  }
  const isWhole = [...query.keys()].every((name) => name === "x-id" || name.startsWith("X-Amz-"));
  if (method !== "PUT" || !isWhole) {
    return undefined;
  }
  return headers["x-amz-copy-source"] === undefined ? "PutObject" : "CopyObject";
}
