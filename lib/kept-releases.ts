import { z } from "zod";

/** What a stack knows before an update about the releases that were live. */
export interface ReleasesBefore {
  /** Releases that have been live, newest first. */
  readonly history: readonly string[];
  /** Releases whose endpoints the last update has kept warm. */
  readonly kept: readonly string[];
  /** SHA-256 digests of the archives that have been copied for production, by release. */
  readonly archives: Readonly<Record<string, string>>;
}

const releases = z.array(z.string()).default([]);
const modelArchives = z.record(z.string(), z.string()).default({});
const answerSchema = z.object({ outputs: z.object({ releases, keptReleases: releases, modelArchives }) });

/**
 * What the outputs of a stack say about its releases; none before its first update.
 *
 * @throws if they are there and no lists of releases. Taken for none, the endpoints that are kept warm would be deleted.
 */
export function releasesIn(answer: unknown): ReleasesBefore {
  const { data, error } = answerSchema.safeParse(answer);
  if (error !== undefined) {
    throw new Error(
      `the stack's outputs releases, keptReleases and modelArchives cannot be read:\n${z.prettifyError(error)}\n` +
        "They must be as an update writes them; pulumi stack output --json shows them",
    );
  }
  const { releases: history, keptReleases: kept, modelArchives: archives } = data.outputs;
  return { history, kept, archives };
}

/**
 * The releases whose endpoints are kept warm beside the one that is to be live. These are the last `keep` other live releases whose
 * endpoints still exist. A deleted endpoint is not created again.
 */
export function releasesToKeep(
  { history }: Pick<ReleasesBefore, "history">,
  release: string,
  keep: number,
  isThere: (release: string) => boolean,
): string[] {
  return history
    .filter((other) => other !== release)
    .slice(0, keep)
    .filter(isThere);
}

/**
 * Whether a release has its endpoint from an earlier version of this project, which made no copy of the archive. The endpoint goes on
 * serving the archive that it has, since another one would replace its model.
 */
export function servesWithoutCopy({ history: [live], kept, archives }: ReleasesBefore, release: string): boolean {
  return [live, ...kept].includes(release) && archives[release] === undefined;
}

/** The releases to which the API can go back at once: the last update has kept them warm, and their endpoints still exist. */
export function warmReleases({ kept }: Pick<ReleasesBefore, "kept">, isThere: (release: string) => boolean): string[] {
  return kept.filter(isThere);
}
