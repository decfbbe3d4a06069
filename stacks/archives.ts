/** What production has of a training: copies that nobody can change who trains. */
import * as pulumi from "@pulumi/pulumi";
import { ModelArchive } from "../components/model-archive";
import { ModelBaseline, type BaselineDigests } from "../components/model-baseline";
import { deployedArchiveUri, deployedBaselineUri, releaseNames, type ReleaseKey } from "../lib/release";
import { modelArchive } from "./common";

/** The archive that a release serves. */
export interface ServedArchive {
  readonly modelDataUrl: pulumi.Input<string>;
  /** SHA-256 digest; none of an archive that lies where the training has written it. */
  readonly sha256?: pulumi.Output<string>;
}

/** Copies a release's archive to where only stack `prod` writes. @param approved its digest, and the key of the copy */
export async function copiedArchive(
  key: ReleaseKey,
  approved: { readonly approvedSha256?: string; readonly kmsKeyArn?: string },
): Promise<ServedArchive> {
  return new ModelArchive(`prod-${key.release}-archive`, {
    ...approved,
    sourceUri: await modelArchive(key),
    destinationUri: deployedArchiveUri(key, pulumi.getStack()),
  });
}

/** The archive as the training has written it. */
export async function trainedArchive(key: ReleaseKey): Promise<ServedArchive> {
  return { modelDataUrl: await modelArchive(key) };
}

/** Copies a release's baseline to where only stack `prod` writes. @param approved its digests, and the key of the copy */
export function copiedBaseline(
  key: ReleaseKey,
  approved: { readonly approvedSha256?: BaselineDigests; readonly kmsKeyArn?: string },
): ModelBaseline {
  return new ModelBaseline(`prod-${key.release}-baseline`, {
    ...approved,
    sourceUri: releaseNames(key).baselineUri,
    destinationUri: deployedBaselineUri(key, pulumi.getStack(), key.release),
  });
}
