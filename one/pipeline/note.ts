import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";

/** Where a build keeps what later ones are to know, in the artifact bucket. */
export interface Place {
  readonly Bucket: string;
  readonly Key: string;
}

/**
 * What an earlier build has noted; `undefined` where none has. Builds may not list the bucket, in which other executions' artifacts lie, and
 * so S3 does not tell them that an object is missing but that they may not read it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
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
