/** What a stack knows of the releases that were live before, when it is to be updated. */
export interface ReleasesBefore {
  /** Releases that have been live, newest first. */
  readonly history: readonly string[];
  /** Releases whose endpoints the last update has kept warm. */
  readonly kept: readonly string[];
}

/**
 * The releases whose endpoints are kept warm beside the one that is to be live: of the last `keep` others that were live, those whose
 * endpoints are still there. An endpoint that is gone is not made anew to be kept.
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

/** The releases that can be gone back to at once: kept warm by the last update, and still there. */
export function warmReleases({ kept }: ReleasesBefore, isThere: (release: string) => boolean): string[] {
  return kept.filter(isThere);
}
