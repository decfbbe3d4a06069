/** A version as `major.minor.patch`; what follows a dash or plus does not count. */
export type Version = readonly [major: number, minor: number, patch: number];

/** Reads a version such as `v3.255.0`, `3.11.7` or `go1.25`; a part that is left out is 0. `undefined` if there is none. */
export function parseVersion(text: string): Version | undefined {
  const found = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return found === null ? undefined : [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
}

/** Whether a version is this one or newer. */
export function isAtLeast(version: Version, least: Version): boolean {
  for (const [index, part] of least.entries()) {
    const own = version[index] ?? 0;
    if (own !== part) {
      return own > part;
    }
  }
  return true;
}
