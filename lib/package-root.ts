import { dirname } from "node:path";

/**
 * Folder of this package. It is found by the package's name, since this code runs from source, from the bundle in `dist/` and from a user's
 * `node_modules`.
 */
export function packageRoot(): string {
  return dirname(require.resolve("sagemaker-safe-deploy/package.json"));
}
