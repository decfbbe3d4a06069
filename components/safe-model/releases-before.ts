import * as pulumi from "@pulumi/pulumi";
import { releasesIn, type ReleasesBefore } from "../../lib/kept-releases";

/**
 * What this stack's outputs `releases` and `keptReleases` said after its last update; none before the first. A program that exports those of
 * a `SafeModel` chooses by them which endpoints to keep.
 *
 * @throws if the outputs are there and no lists of releases.
 *
 * @example
 * const before = await releasesBefore();
 * const keptReleases = before.releases.filter((one) => one !== release).slice(0, 2);
 * const model = new SafeModel("churn", { release, keptReleases, warmReleases: before.keptReleases, … });
 * return { releases: model.releases, keptReleases: model.keptReleases };
 */
export async function releasesBefore(): Promise<ReleasesBefore> {
  const name = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  // StackReference makes the same call. As a resource it would be in the state with outdated outputs after each update, which a refresh
  // would report as a change.
  return releasesIn(await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name }));
}
