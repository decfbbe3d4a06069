import * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root";
import { s3Place } from "../container-permissions";
import { digestOf, sourceFiles, uploadSource, type UploadedSource } from "../jobs/source";
import type { MonitorKind } from "./kind";

/** What Model Monitor calls for each request; no job of this package has a use for it. */
export const PREPROCESSOR = "record_preprocessor.py";

/** Uploads the programs of jobs with their settings. Other settings are in another folder, so that a job that runs keeps its own. */
export function uploadCode(
  name: string,
  { programSettings, outputUri }: Pick<MonitorKind, "programSettings" | "outputUri">,
  parent: pulumi.Resource,
): UploadedSource {
  const files = sourceFiles(join(packageRoot(), "monitoring")).filter(
    ({ key }) => key.endsWith(".py") && key !== PREPROCESSOR,
  );
  const settings = `${JSON.stringify(programSettings, undefined, 2)}\n`;
  const digest = createHash("sha256").update(digestOf(files)).update(settings).digest("hex").slice(0, 16);
  const code = uploadSource(files, { name: ({ key }) => `${name}-code-${key}`, digest }, outputUri, parent);
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
