/** What the stacks share: where a release's files are, and what its resources are tagged with. */
import type * as pulumi from "@pulumi/pulumi";
import { getCallerIdentity } from "@pulumi/aws/getCallerIdentity";
import { getRegion } from "@pulumi/aws/getRegion";
import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker/getPrebuiltEcrImage";
import { modelPrefix } from "../lib/release";
import type { PrebuiltImage } from "../model";

/** The configured bucket, else the one that SageMaker's own tools make: sagemaker-<region>-<account>. */
export async function bucketOf({ bucket }: { readonly bucket?: string }): Promise<string> {
  if (bucket !== undefined) {
    return bucket;
  }
  const [{ region }, { accountId }] = await Promise.all([getRegion(), getCallerIdentity()]);
  return `sagemaker-${region}-${accountId}`;
}

/** URI of one of SageMaker's own images in the region of the stack. */
export function prebuiltImage({ repository, tag }: PrebuiltImage): pulumi.Output<string> {
  return getPrebuiltEcrImageOutput({ repositoryName: repository, imageTag: tag }).registryPath;
}

/** What a release was made from; each that is known becomes a tag. */
export interface Origin {
  readonly model: string;
  readonly gitBranch?: string;
  readonly gitCommit?: string;
  readonly dataVersion?: string;
}

/** Tags of everything that belongs to one release on one stage. */
export function releaseTags(origin: Origin, stage: "train" | "dev" | "prd"): Record<string, string> {
  const tags = {
    "mlops:model-name": modelPrefix(origin.model),
    "mlops:stage": stage,
    GitBranch: origin.gitBranch,
    GitCommitHash: origin.gitCommit,
    DataVersionId: origin.dataVersion,
  };
  return Object.fromEntries(
    Object.entries(tags).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
