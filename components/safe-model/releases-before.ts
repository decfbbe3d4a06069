import * as pulumi from "@pulumi/pulumi";
import { releasesIn } from "../../lib/kept-releases";

/** What a program that keeps releases knows before an update. */
export interface ReleasesBefore {
  /** Releases that have been live, newest first. */
  readonly releases: readonly string[];
  /** Releases whose endpoints the last update has kept warm. */
  readonly keptReleases: readonly string[];
}

/**
 * What this stack's outputs `releases` and `keptReleases` said after its last update; none before the first. A program that exports those of
 * a `SafeModel` chooses by them which endpoints to keep.
 *
 * @throws if the outputs are there and no lists of releases.
 *
 * @example
 * const before = await releasesBefore();
 * const kept = before.releases.filter((one) => one !== release).slice(0, 2);
 * const keptReleases = Object.fromEntries(kept.map((one) => [one, { model: `s3://models/${one}/model.tar.gz` }]));
 * const model = new SafeModel("churn", { release, keptReleases, warmReleases: before.keptReleases, … });
 * return { releases: model.releases, keptReleases: model.keptReleases };
 */
export async function releasesBefore(): Promise<ReleasesBefore> {
  const { history, kept } = releasesIn(await ownOutputs());
  return { releases: history, keptReleases: kept };
}

/** What this stack's last update has put out. */
export async function ownOutputs(): Promise<unknown> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  // StackReference makes the same call. As a resource it would be in the state with outdated outputs after each update, which a refresh
  // would report as a change.
  return pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name });
}
