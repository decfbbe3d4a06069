/** `s3://bucket/key`, or `s3://bucket`. */
export const S3_URI: RegExp = /^s3:\/\/(?<bucket>[^/]+)\/?(?<key>.*)$/;

/** What an S3 URI names. */
export interface S3Place {
  readonly bucket: string;
  /** Key or prefix as written; "" if the URI names a bucket. */
  readonly key: string;
}

/** Reads an S3 URI; `undefined` if the text is none. */
export function parseS3Uri(uri: string): S3Place | undefined {
  const { bucket, key = "" } = S3_URI.exec(uri)?.groups ?? {};
  return bucket === undefined ? undefined : { bucket, key };
}

/** A key without slashes at its end, to which something can be appended. */
export function folderOf({ key }: S3Place): string {
  return key.replace(/\/+$/, "");
}
