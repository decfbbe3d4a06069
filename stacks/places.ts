/** Whether the places that a stack's config names are there. A preview tells what is not, before anything is created. */
import * as pulumi from "@pulumi/pulumi";
import { getRegion } from "@pulumi/aws/getRegion";
import type { S3Client } from "@aws-sdk/client-s3";
import { Waiter } from "../components/providers/support/waiter";
import { parseS3Uri } from "../lib/s3-uri";

/**
 * Looks for bucket and data in a preview, which each `pulumi up` begins with. What may not be looked at is left to SageMaker, whose roles may
 * see more than whoever previews.
 *
 * @param data S3 URIs of data that must be there, by config key; those that are undefined need not be. @default - none
 * @throws {Error} that lists everything that is not there, one line per config key.
 */
export async function requirePlaces(
  bucket: string,
  data: () => Promise<Readonly<Partial<Record<string, string>>>> = async () => ({}),
): Promise<void> {
  if (!pulumi.runtime.isDryRun()) {
    return;
  }
  const { region } = await getRegion();
  // Loaded only here, since loading takes long and not every stack needs it.
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({ region, followRegionRedirects: true });
  const looks = [
    bucketProblem(s3, bucket, region),
    ...Object.entries(await data()).map(async ([key, uri]) =>
      uri === undefined ? undefined : dataProblem(s3, key, uri),
    ),
  ];
  const problems = (await Promise.all(looks)).filter((problem) => problem !== undefined);
  if (problems.length > 0) {
    throw new Error(`the stack's config cannot be used:\n${problems.map((line) => `  ${line}`).join("\n")}`);
  }
}

async function bucketProblem(s3: S3Client, bucket: string, region: string): Promise<string | undefined> {
  const { HeadBucketCommand } = await import("@aws-sdk/client-s3");
  try {
    const { BucketRegion = region } = await look(bucket, () => s3.send(new HeadBucketCommand({ Bucket: bucket })));
    return BucketRegion === region
      ? undefined
      : `bucket: must be in the stack's region, ${region}, since SageMaker wants it there, and ${bucket} is in ${BucketRegion}`;
  } catch (error) {
    return unlessDenied(
      error,
      `bucket: there is no bucket ${bucket}: make it, or name one with: pulumi config set bucket <name>`,
    );
  }
}

async function dataProblem(s3: S3Client, key: string, uri: string): Promise<string | undefined> {
  const { ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  const { bucket: Bucket = "", key: Prefix = "" } = parseS3Uri(uri) ?? {};
  const missing = `${key}: there is nothing at ${uri}: upload the data, or say where it is with: pulumi config set ${key} <S3 URI>`;
  try {
    const { KeyCount } = await look(uri, () => s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 })));
    return KeyCount === 0 ? missing : undefined;
  } catch (error) {
    return unlessDenied(error, missing);
  }
}

const look = <T>(place: string, call: () => Promise<T>) =>
  new Waiter(place, { pollSeconds: 5, timeoutSeconds: 300 }).call(call);

/** The problem where S3 says that something is not there. @throws the error if it says anything else than that it may not be seen */
function unlessDenied(error: unknown, problem: string): string | undefined {
  const status = statusOf(error);
  if (status === 404) {
    return problem;
  }
  if (status === 403) {
    return undefined;
  }
  throw error;
}

/** The HTTP status of an error of S3, which does not explain itself where a request has no body. */
function statusOf(error: unknown): unknown {
  const metadata: unknown = error instanceof Error && "$metadata" in error ? error.$metadata : undefined;
  return typeof metadata === "object" && metadata !== null && "httpStatusCode" in metadata
    ? metadata.httpStatusCode
    : undefined;
}
