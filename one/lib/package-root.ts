import { dirname } from "node:path";

/** Folder of this package. Found by its name, since this code runs from source, bundled in `dist/`, and from a user's `node_modules`. */
export function packageRoot(): string {
  return dirname(require.resolve("sagemaker-safe-deploy/package.json"));
}
