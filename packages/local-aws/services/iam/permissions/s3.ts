import type { HttpRequest } from "../../../core/http";
import type { Permission } from "../../../core/local";
import type { Door } from "./call";
import { arn, type Account } from "../../../core/account";

/** Parts of a bucket that a query parameter names, and IAM's names for reading and writing them. */
const BUCKET_PARTS: Readonly<Record<string, readonly [read: string, write: string, remove?: string]>> = {
  accelerate: ["GetAccelerateConfiguration", "PutAccelerateConfiguration"],
  acl: ["GetBucketAcl", "PutBucketAcl"],
  cors: ["GetBucketCORS", "PutBucketCORS"],
  encryption: ["GetEncryptionConfiguration", "PutEncryptionConfiguration"],
  lifecycle: ["GetLifecycleConfiguration", "PutLifecycleConfiguration"],
  location: ["GetBucketLocation", "GetBucketLocation"],
  logging: ["GetBucketLogging", "PutBucketLogging"],
  notification: ["GetBucketNotification", "PutBucketNotification"],
  "object-lock": ["GetBucketObjectLockConfiguration", "PutBucketObjectLockConfiguration"],
  ownershipControls: ["GetBucketOwnershipControls", "PutBucketOwnershipControls"],
  policy: ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"],
  policyStatus: ["GetBucketPolicyStatus", "GetBucketPolicyStatus"],
  publicAccessBlock: ["GetBucketPublicAccessBlock", "PutBucketPublicAccessBlock"],
  replication: ["GetReplicationConfiguration", "PutReplicationConfiguration"],
  requestPayment: ["GetBucketRequestPayment", "PutBucketRequestPayment"],
  tagging: ["GetBucketTagging", "PutBucketTagging"],
  versioning: ["GetBucketVersioning", "PutBucketVersioning"],
  website: ["GetBucketWebsite", "PutBucketWebsite", "DeleteBucketWebsite"],
};
const OBJECT_PARTS: Readonly<Record<string, readonly [read: string, write: string, remove: string]>> = {
  acl: ["GetObjectAcl", "PutObjectAcl", "PutObjectAcl"],
  tagging: ["GetObjectTagging", "PutObjectTagging", "DeleteObjectTagging"],
};
/** Query parameters that say how, not what. */
const PLAIN =
  /^(?:list-type|prefix|delimiter|max-keys|continuation-token|start-after|encoding-type|fetch-owner|marker|key-marker|version-id-marker|versionId|partNumber|uploadId|x-id|response-.*|X-Amz-.*|max-uploads|upload-id-marker|max-parts|part-number-marker)$/i;

/**
 * The permissions that a request to S3 needs, by method, path and query; `undefined` for an operation that is not known here. Buckets'
 * own policies are not asked.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 */
export async function s3Permissions(
  request: HttpRequest,
  account: Account,
  door: Door,
): Promise<readonly Permission[] | undefined> {
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
  if (bucket === "") {
    return request.method === "GET" ? [{ action: "s3:ListAllMyBuckets", resource: "*" }] : undefined;
  }
  const parts = [...request.query.keys()].filter((name) => !PLAIN.test(name));
  return key === ""
    ? bucketPermissions(request, bucket, parts)
    : objectPermissions({ request, bucket, key: decodeURIComponent(key), account, door }, parts);
}

function bucketPermissions(
  { method, query, body }: HttpRequest,
  bucket: string,
  [part, ...others]: readonly string[],
): readonly Permission[] | undefined {
  const resource = bucketArn(bucket);
  const listing = Object.fromEntries(
    ["prefix", "delimiter", "max-keys"].flatMap((name) => {
      const value = query.get(name);
      return value === null ? [] : [[`s3:${name}`, value] as const];
    }),
  );
  const one = (action: string) => [{ action: `s3:${action}`, resource }];
  if (others.length > 0) {
    return undefined;
  }
  if (part === "delete" && method === "POST") {
    return deletions(bucket, Buffer.from(body).toString("utf8"));
  }
  const known = BUCKET_PARTS[part ?? ""];
  if (known !== undefined) {
    const [read, write, remove = write] = known;
    return one(method === "GET" ? read : method === "DELETE" ? remove : write);
  }
  const whole: Readonly<Record<string, string>> = {
    PUT: "CreateBucket",
    DELETE: "DeleteBucket",
    HEAD: "ListBucket",
    GET: "ListBucket",
  };
  const lists: Readonly<Record<string, string>> = {
    versions: "ListBucketVersions",
    uploads: "ListBucketMultipartUploads",
  };
  const name = part === undefined ? whole[method] : method === "GET" ? lists[part] : undefined;
  return name === undefined ? undefined : one(name).map((permission) => ({ ...permission, context: listing }));
}

/** Deleting many objects at once needs for each what deleting it alone would. */
function deletions(bucket: string, xml: string): readonly Permission[] {
  return [...xml.matchAll(/<Object>(.*?)<\/Object>/gs)].map(([, inside = ""]) => {
    const key = unescaped(/<Key>(.*?)<\/Key>/s.exec(inside)?.[1] ?? "");
    const action = inside.includes("<VersionId>") ? "s3:DeleteObjectVersion" : "s3:DeleteObject";
    return { action, resource: `${bucketArn(bucket)}/${key}` };
  });
}

interface ObjectCall {
  readonly request: HttpRequest;
  readonly bucket: string;
  readonly key: string;
  readonly account: Account;
  readonly door: Door;
}

async function objectPermissions(
  call: ObjectCall,
  parts: readonly string[],
): Promise<readonly Permission[] | undefined> {
  const { request, bucket, key } = call;
  const { method, query } = request;
  const [part, ...others] = parts;
  const version = query.has("versionId") ? "Version" : "";
  const one = (action: string) => [{ action: `s3:${action}`, resource: `${bucketArn(bucket)}/${key}` }];
  if (others.length > 0) {
    return undefined;
  }
  const known = OBJECT_PARTS[part ?? ""];
  if (known !== undefined) {
    const [read, write, remove] = known;
    const action = method === "GET" ? read : method === "DELETE" ? remove : write;
    return one(version === "" ? action : action.replace("Object", "ObjectVersion"));
  }
  const isUpload = query.has("uploadId");
  if (part === "uploads" && method === "POST") {
    return [...one("PutObject"), ...(await encrypting(call))];
  }
  if (part === "attributes" && method === "GET") {
    return [...one(`GetObject${version}`), ...one(`GetObject${version}Attributes`)];
  }
  if (part !== undefined) {
    return undefined;
  }
  switch (method) {
    case "GET":
    case "HEAD":
      return isUpload ? one("ListMultipartUploadParts") : [...one(`GetObject${version}`), ...(await reading(call))];
    case "PUT":
      return [...one("PutObject"), ...(await copied(call)), ...tagged(call), ...(await encrypting(call))];
    case "POST":
      return isUpload ? one("PutObject") : undefined;
    case "DELETE":
      return one(isUpload ? "AbortMultipartUpload" : `DeleteObject${version}`);
    default:
      return undefined;
  }
}

function tagged({ request, bucket, key }: ObjectCall): readonly Permission[] {
  return request.headers["x-amz-tagging"] === undefined
    ? []
    : [{ action: "s3:PutObjectTagging", resource: `${bucketArn(bucket)}/${key}` }];
}

/** A copy reads its source. */
async function copied(call: ObjectCall): Promise<readonly Permission[]> {
  const source = call.request.headers["x-amz-copy-source"];
  if (source === undefined) {
    return [];
  }
  const [, bucket = "", key = "", version] = /^\/?([^/]+)\/(.*?)(?:\?versionId=(.*))?$/s.exec(source) ?? [];
  const from = {
    ...call,
    bucket,
    key: decodeURIComponent(key),
    request: { ...call.request, query: new URLSearchParams() },
  };
  const action = version === undefined ? "s3:GetObject" : "s3:GetObjectVersion";
  return [{ action, resource: `${bucketArn(bucket)}/${from.key}` }, ...(await reading(from))];
}

/** An object under a KMS key is decrypted in the reader's name; and who may not list a bucket is not told that an object is missing. */
async function reading({ request, bucket, key, account, door }: ObjectCall): Promise<readonly Permission[]> {
  const versionId = request.query.get("versionId");
  const query = new URLSearchParams(versionId === null ? {} : { versionId });
  const { status, headers } = await door.ask("s3", { method: "HEAD", path: pathOf(bucket, key), query });
  if (status === 404) {
    return [{ action: "s3:ListBucket", resource: bucketArn(bucket) }];
  }
  return useKey(headers["x-amz-server-side-encryption-aws-kms-key-id"], "kms:Decrypt", account);
}

/** The key that the request or else the bucket's default encryption names. */
async function encrypting({ request, bucket, account, door }: ObjectCall): Promise<readonly Permission[]> {
  const asked = request.headers["x-amz-server-side-encryption"];
  if (request.query.has("uploadId") || (asked !== undefined && asked !== "aws:kms")) {
    return [];
  }
  const inRequest = request.headers["x-amz-server-side-encryption-aws-kms-key-id"];
  if (inRequest !== undefined) {
    return useKey(inRequest, "kms:GenerateDataKey", account);
  }
  const query = new URLSearchParams({ encryption: "" });
  const { body } = await door.ask("s3", { method: "GET", path: `/${bucket}`, query });
  const [, byDefault] = /<KMSMasterKeyID>([^<]+)</.exec(Buffer.from(body).toString("utf8")) ?? [];
  return useKey(byDefault, "kms:GenerateDataKey", account);
}

function useKey(keyId: string | undefined, action: string, account: Account): readonly Permission[] {
  if (keyId === undefined) {
    return [];
  }
  const resource = keyId.startsWith("arn:") ? keyId : arn(account, "kms", `key/${keyId}`);
  const context = { "kms:ViaService": `s3.${account.region}.amazonaws.com`, "kms:GrantIsForAWSResource": "false" };
  return [{ action, resource, context }];
}

const bucketArn = (bucket: string) => `arn:aws:s3:::${bucket}`;
const pathOf = (bucket: string, key: string) => `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const unescaped = (xml: string) =>
  xml.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => ENTITIES[name] ?? whole);
