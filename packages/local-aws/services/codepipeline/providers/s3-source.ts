import { GetBucketVersioningCommand, GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { messageOf } from "../../../core/failure";
import { clientConfig } from "../../../core/local";
import { ActionFailure, callFailure, isDenied, isMissing } from "../failure";
import { putArtifact } from "./artifact-store";
import { note, type ActionWork } from "./provider";

/** Source by an object of a versioned bucket. */
export async function s3Source(work: ActionWork): Promise<Record<string, string>> {
  const { local, run, configuration } = work;
  const actionName = run.action.name ?? "";
  const overrides = run.execution.order.sourceRevisions.filter((one) => one.actionName === actionName);
  const valueOf = (type: string) => overrides.find((one) => one.revisionType === type)?.revisionValue;
  const bucket = configuration.S3Bucket ?? "";
  const ownKey = configuration.S3ObjectKey ?? "";
  const mayOverride = configuration.AllowOverrideForS3ObjectKey === "true";
  const key = mayOverride ? (valueOf("S3_OBJECT_KEY") ?? ownKey) : ownKey;
  const place = { Bucket: bucket, Key: key };
  const s3 = new S3Client(clientConfig(local, work.session));
  try {
    const { Status: versioning } = await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }));
    if (versioning !== "Enabled") {
      throw new ActionFailure(
        "ConfigurationError",
        `The Amazon S3 bucket ${bucket} is not versioned. Enable versioning for the bucket, and then try again.`,
      );
    }
    const head = await s3.send(new HeadObjectCommand({ ...place, VersionId: valueOf("S3_OBJECT_VERSION_ID") }));
    const versionId = head.VersionId ?? "null";
    const { Body: body } = await s3.send(new GetObjectCommand({ ...place, VersionId: versionId }));
    const summary = `Amazon S3 version id: ${versionId}`;
    const [output] = work.outputs;
    run.revision = {
      artifactName: output?.name,
      actionName,
      revisionId: versionId,
      summary,
      url: `https://console.aws.amazon.com/s3/object/${bucket}/${key}?versionId=${versionId}`,
      created: head.LastModified ?? local.clock.now(),
    };
    run.execution.took(run.revision);
    note(work, { summary });
    await putArtifact(s3, work.store, output ?? {}, (await body?.transformToByteArray()) ?? new Uint8Array());
    return { BucketName: bucket, ETag: (head.ETag ?? "").replaceAll('"', ""), ObjectKey: key, VersionId: versionId };
  } catch (error) {
    throw failure(error, bucket, key);
  } finally {
    s3.destroy();
  }
}

function failure(error: unknown, bucket: string, key: string): Error {
  if (isMissing(error)) {
    return new ActionFailure(
      "ConfigurationError",
      `The Amazon S3 object with key '${key}' in bucket '${bucket}' does not exist. Verify that the bucket and the object exist, and then try again.`,
    );
  }
  if (isDenied(error)) {
    return new ActionFailure(
      "PermissionError",
      `Insufficient permissions: The service role or action role doesn't have the permissions required to access the Amazon S3 bucket named ${bucket}. Update the IAM role permissions, and then try again. Error: ${messageOf(error)}`,
    );
  }
  return callFailure(`The Amazon S3 object ${key} of bucket ${bucket} could not be read`, error);
}
