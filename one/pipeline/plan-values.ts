/** What the engine writes in place of a value that is known only once other resources are there. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** A key that the engine's special values have: secrets, assets, archives. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
/** The end of a name that the engine gives, which each preview makes anew. */
const RANDOM_END = /-[0-9a-f]{7}\b/g;

/** Whether a value is the one that was planned: what was not known then may be anything, and secrets are left to the engine. */
export function fits(planned: unknown, now: unknown): boolean {
  if (planned === UNKNOWN) {
    return true;
  }
  if (typeof planned === "string" && typeof now === "string") {
    return planned.replaceAll(RANDOM_END, "") === now.replaceAll(RANDOM_END, "");
  }
  if (!isObject(planned) || !isObject(now) || Array.isArray(planned) !== Array.isArray(now)) {
    return planned === now;
  }
  // The same secret is another cipher each time, and the same file, which has its hash, lies in another folder in each build.
  const other = SIGNATURE in planned ? ["ciphertext", ...("hash" in planned ? ["path"] : [])] : [];
  const names = [...new Set([...Object.keys(planned), ...Object.keys(now)])].filter((name) => !other.includes(name));
  return names.every((name) => fits(planned[name], now[name]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
