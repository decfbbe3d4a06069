import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../tools/cache";

/**
 * The Python that tests run programs with: `SAFE_DEPLOY_PYTHON`, else that of an environment which the project's tools have made
 * in the user's cache. Throws, saying what to do, where there is neither.
 */
export function testPython(): string {
  const given = process.env.SAFE_DEPLOY_PYTHON;
  if (given !== undefined && given !== "") {
    return given;
  }
  const cache = cacheFolder();
  const made = existsSync(cache)
    ? readdirSync(cache)
        .filter((name) => name.startsWith("python-"))
        .map((name) => join(cache, name, "bin", "python"))
        .filter((python) => existsSync(python))
    : [];
  const python = made[0];
  if (python === undefined) {
    throw new Error("no Python environment: set SAFE_DEPLOY_PYTHON, or run `npm test` once, which makes one");
  }
  return python;
}
