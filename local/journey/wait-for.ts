const LOOK_EVERY_MS = 50;
const LONGEST_MS = 120_000;

/**
 * Looks until `look` says something other than false or undefined, and returns that.
 *
 * @param awsSeconds how long it may take besides, in AWS's time, which passes `speed` times faster @default - no longer
 * @throws an error that names `what`, if it takes longer than two minutes
 */
export async function waitFor<T>(
  what: string,
  look: () => T | Promise<T>,
  { awsSeconds = 0, speed = 1 }: { readonly awsSeconds?: number; readonly speed?: number } = {},
): Promise<Exclude<T, false | undefined>> {
  const longestMs = LONGEST_MS + (1000 * awsSeconds) / speed;
  const end = Date.now() + longestMs;
  while (Date.now() < end) {
    const seen = await look();
    if (isThere(seen)) {
      return seen;
    }
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
  throw new Error(`waited ${longestMs / 1000} s in vain: ${what}`);
}

function isThere<T>(seen: T): seen is Exclude<T, false | undefined> {
  return seen !== false && seen !== undefined;
}
