import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** A note for later builds, in the artifact bucket. */
export interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/**
 * The note of an earlier build; `undefined` if there is none. Builds may not list the bucket, since it has other executions' artifacts. So
 * S3 reports a missing object as one that they may not read. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export async function readNote(s3: S3Client, place: Place): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand(place));
    return await Body?.transformToString();
  } catch (error) {
    if (error instanceof Error && ["NoSuchKey", "AccessDenied"].includes(error.name)) {
      return undefined;
    }
    throw error;
  }
}
