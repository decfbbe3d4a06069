import * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root";
import { s3Place } from "../container-permissions";
import { digestOf, sourceFiles, uploadSource, type UploadedSource } from "../jobs/source";
import type { DriftMonitorArgs } from "./arguments";

/** Uploads the program of the jobs with its settings. Other settings are in another folder, so that a job that runs keeps its own. */
export function uploadCode(name: string, args: DriftMonitorArgs, parent: pulumi.Resource): UploadedSource {
  const files = sourceFiles(join(packageRoot(), "monitoring")).filter(({ key }) => key.endsWith(".py"));
  const settings = settingsOf(args);
  const digest = createHash("sha256").update(digestOf(files)).update(settings).digest("hex").slice(0, 16);
  const code = uploadSource(files, { name: ({ key }) => `${name}-code-${key}`, digest }, args.outputUri, parent);
  const place = code.folderUri.apply(s3Place);
  const object = new s3.BucketObjectv2(
    `${name}-settings`,
    {
      bucket: place.bucket,
      key: pulumi.interpolate`${place.key}/settings.json`,
      source: new pulumi.asset.StringAsset(settings),
    },
    { parent },
  );
  return {
    folderUri: code.folderUri,
    uploadedUri: pulumi.all([code.uploadedUri, object.id]).apply(([uri]) => uri),
    objects: [...code.objects, object],
  };
}

/** What `drift.py` reads. What is not said is as the program has it. */
function settingsOf({ target, answer, watched, threshold, thresholds, leastRows }: DriftMonitorArgs): string {
  return `${JSON.stringify({ target, answer, watched, threshold, thresholds, leastRows }, undefined, 2)}\n`;
}
