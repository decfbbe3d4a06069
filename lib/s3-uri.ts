/** What an S3 URI names. */
export interface S3Place {
  readonly bucket: string;
  /** Key or prefix, without slashes at its ends; "" where the URI names a bucket. */
  readonly key: string;
}

/** Reads `s3://bucket/key`; `undefined` where the text is no S3 URI. What follows a question mark, as in a state's URL, is left out. */
export function parseS3Uri(uri: string): S3Place | undefined {
  const [, bucket, key = ""] = /^s3:\/\/([^/?]+)\/*([^?]*)/.exec(uri) ?? [];
  return bucket === undefined ? undefined : { bucket, key: key.replace(/\/+$/, "") };
}
