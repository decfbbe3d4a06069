import { randomBytes } from "node:crypto";
import type { ArtifactDetail, ArtifactStore } from "@aws-sdk/client-codepipeline";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { callFailure } from "../failure";

/** What AWS leaves of names in keys. */
const PIPELINE_CHARACTERS = 20;
const ARTIFACT_CHARACTERS = 10;
const ID_CHARACTERS = 7;

/** Where a new artifact is to lie, in AWS's layout: `my-pipeline/BuildOutpu/AbCdEf1`. Sources are told by `.zip`. */
export function newPlace(
  store: ArtifactStore,
  pipelineName: string,
  name: string,
  suffix: ".zip" | "",
): ArtifactDetail {
  const id = randomBytes(16).toString("base64").replace(/[+/=]/g, "").slice(0, ID_CHARACTERS);
  const folder = `${pipelineName.slice(0, PIPELINE_CHARACTERS)}/${name.slice(0, ARTIFACT_CHARACTERS)}`;
  return { name, s3location: { bucket: store.location, key: `${folder}/${id}${suffix}` } };
}

/** Puts an artifact where it is to lie, encrypted with the store's key. */
export async function putArtifact(
  s3: S3Client,
  store: ArtifactStore,
  { s3location }: ArtifactDetail,
  body: Uint8Array,
): Promise<void> {
  const command = new PutObjectCommand({
    Bucket: s3location?.bucket,
    Key: s3location?.key,
    Body: body,
    ContentType: "application/zip",
    ServerSideEncryption: "aws:kms",
    SSEKMSKeyId: store.encryptionKey?.id,
  });
  try {
    await s3.send(command);
  } catch (error) {
    throw callFailure(`The artifact could not be written to bucket ${s3location?.bucket ?? ""}`, error);
  }
}
