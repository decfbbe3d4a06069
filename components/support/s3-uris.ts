import type * as pulumi from "@pulumi/pulumi";
import { parseS3Uri } from "../../lib/s3-uri";

/** A problem for each text that is no S3 URI, by the name of its argument. What is an output is checked once it is known. */
export function s3UriProblems(uris: Readonly<Record<string, pulumi.Input<string> | undefined>>): string[] {
  return Object.entries(uris).flatMap(([name, uri]) =>
    typeof uri === "string" && parseS3Uri(uri) === undefined ? [`${name} must be s3://bucket/key, got "${uri}"`] : [],
  );
}
