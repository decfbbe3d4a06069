import { createHash } from "node:crypto";
import type { HttpRequest, HttpResponse, Service } from "../../core/http";

export interface FakeObject {
  readonly body: Uint8Array;
  readonly versionId: string;
  /** Such as `arn:aws:kms:…`. */
  readonly kmsKey: string | undefined;
  /** Access key that it was written with. */
  readonly writer: string;
}

/** As much of a versioned S3 as builds and pipelines use: objects are written and read. */
export class FakeS3 {
  /** By `BUCKET/KEY`, the newest version last. */
  readonly objects = new Map<string, FakeObject[]>();
  /** Each request as `GET bucket/key by ACCESSKEY`. */
  readonly requests: string[] = [];
  readonly service: Service = { name: "S3", handle: async (request) => this.handle(request) };
  private versions = 0;

  put(place: string, body: Uint8Array, kmsKey?: string, writer = "test"): string {
    this.versions += 1;
    const versionId = `version-${this.versions}`;
    this.objects.set(place, [...(this.objects.get(place) ?? []), { body, versionId, kmsKey, writer }]);
    return versionId;
  }

  latest(place: string): FakeObject {
    const object = this.objects.get(place)?.at(-1);
    if (object === undefined) {
      throw new Error(`there is no ${place}, only ${[...this.objects.keys()].join(", ")}`);
    }
    return object;
  }

  private handle(request: HttpRequest): HttpResponse {
    const place = decodeURIComponent(request.path).slice(1);
    const caller = /Credential=([^/]+)\//.exec(request.headers.authorization ?? "")?.[1] ?? "";
    this.requests.push(`${request.method} ${place} by ${caller}`);
    if (request.method === "PUT") {
      const kmsKey = request.headers["x-amz-server-side-encryption-aws-kms-key-id"];
      const versionId = this.put(place, request.body, kmsKey, caller);
      return { status: 200, headers: { "x-amz-version-id": versionId, etag: etag(request.body) }, body: "" };
    }
    if (request.query.has("versioning")) {
      const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
      return { status: 200, headers: { "content-type": "application/xml" }, body };
    }
    const wanted = request.query.get("versionId");
    const versions = this.objects.get(place) ?? [];
    const object = wanted === null ? versions.at(-1) : versions.find(({ versionId }) => versionId === wanted);
    if (object === undefined) {
      const body = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>";
      return {
        status: 404,
        headers: { "content-type": "application/xml" },
        body: request.method === "HEAD" ? "" : body,
      };
    }
    const headers = {
      "x-amz-version-id": object.versionId,
      etag: etag(object.body),
      "last-modified": new Date(0).toUTCString(),
      "content-length": String(object.body.length),
    };
    return { status: 200, headers, body: request.method === "HEAD" ? "" : object.body };
  }
}

const etag = (body: Uint8Array) => `"${createHash("md5").update(body).digest("hex")}"`;
