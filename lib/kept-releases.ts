/** What a stack knows before an update about the releases that were live. */
export interface ReleasesBefore {
  /** Releases that have been live, newest first. */
  readonly history: readonly string[];
  /** Releases whose endpoints the last update has kept warm. */
  readonly kept: readonly string[];
}

/**
 * The releases whose endpoints are kept warm beside the one that is to be live. These are the last `keep` other live releases whose
 * endpoints still exist. A deleted endpoint is not created again.
 */
export function releasesToKeep(
  { history }: ReleasesBefore,
  release: string,
  keep: number,
  isThere: (release: string) => boolean,
): string[] {
  return history
    .filter((other) => other !== release)
    .slice(0, keep)
    .filter(isThere);
}

/** The releases to which the API can go back at once: the last update has kept them warm, and their endpoints still exist. */
export function warmReleases({ kept }: ReleasesBefore, isThere: (release: string) => boolean): string[] {
  return kept.filter(isThere);
}
