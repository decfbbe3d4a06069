import { z } from "zod";

/** What a stack knows before an update about the releases that were live. */
export interface ReleasesBefore {
  /** Releases that have been live, newest first. */
  readonly releases: readonly string[];
  /** Releases whose endpoints the last update has kept warm. */
  readonly keptReleases: readonly string[];
}

const list = z.array(z.string()).default([]);
const answerSchema = z.object({ outputs: z.object({ releases: list, keptReleases: list }) });

/**
 * What the outputs of a stack say about its releases; none before its first update.
 *
 * @throws if they are there and no lists of releases. Taken for none, the endpoints that are kept warm would be deleted.
 */
export function releasesIn(answer: unknown): ReleasesBefore {
  const { data, error } = answerSchema.safeParse(answer);
  if (error !== undefined) {
    throw new Error(
      `the stack's outputs releases and keptReleases cannot be read:\n${z.prettifyError(error)}\n` +
        "They must be plain lists of release ids, as an update writes them; pulumi stack output --json shows them",
    );
  }
  return data.outputs;
}

/**
 * The releases whose endpoints are kept warm beside the one that is to be live. These are the last `keep` other live releases whose
 * endpoints still exist. A deleted endpoint is not created again.
 */
export function releasesToKeep(
  { releases }: ReleasesBefore,
  release: string,
  keep: number,
  isThere: (release: string) => boolean,
): string[] {
  return releases
    .filter((other) => other !== release)
    .slice(0, keep)
    .filter(isThere);
}

/** The releases to which the API can go back at once: the last update has kept them warm, and their endpoints still exist. */
export function warmReleases({ keptReleases }: ReleasesBefore, isThere: (release: string) => boolean): string[] {
  return keptReleases.filter(isThere);
}
