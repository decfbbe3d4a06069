import { join } from "node:path";
import { build } from "esbuild";

/** Makes the program of a function's process out of `runtime/` and returns its path; the folder is made if it is missing. */
export async function buildRuntime(folder: string): Promise<string> {
  const outfile = join(folder, "runtime.cjs");
  await build({
    entryPoints: [join(__dirname, "runtime", "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    logLevel: "silent",
  });
  return outfile;
}
