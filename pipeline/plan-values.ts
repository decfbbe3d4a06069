/** The engine's placeholder for a value that is known only after other resources are created. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** The key that marks the engine's special values: secrets, assets, archives. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** The random end of a name that the engine makes, different in each preview. */
const RANDOM_END = /-[0-9a-f]{7}\b/g;

/** The folder of a training job that had to be tried again, within that of the first attempt. Nobody can tell before it is trained. */
const LATER_ATTEMPT = /\/[\w-]+-attempt-\d+(?=\/output\/model\.tar\.gz)/g;

const asPlanned = (text: string) => text.replaceAll(RANDOM_END, "").replaceAll(LATER_ATTEMPT, "");

/** Whether a value is the planned one. A value that was unknown may be anything. Secrets are left to the engine. */
export function fits(planned: unknown, now: unknown): boolean {
  if (planned === UNKNOWN) {
    return true;
  }
  if (typeof planned === "string" && typeof now === "string") {
    return asPlanned(planned) === asPlanned(now);
  }
  if (!isObject(planned) || !isObject(now) || Array.isArray(planned) !== Array.isArray(now)) {
    return planned === now;
  }
  // The same secret is encrypted differently each time. The same file lies in another folder in each build, but has the same hash.
  const other = SIGNATURE in planned ? ["ciphertext", ...("hash" in planned ? ["path"] : [])] : [];
  const names = [...new Set([...Object.keys(planned), ...Object.keys(now)])].filter((name) => !other.includes(name));
  return names.every((name) => fits(planned[name], now[name]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
