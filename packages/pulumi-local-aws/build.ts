import { build } from "esbuild";
import { replaceFile } from "pulumi-engine/replace-file";

/**
 * Builds the plugin into `dist/plugin.js`, which `pulumi-resource-aws` runs. The file is replaced as a whole, and only if it has
 * changed: an engine may be running it.
 */
export async function buildPlugin(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: __dirname,
    entryPoints: { plugin: "main.ts" },
    outdir: "dist",
    bundle: true,
    packages: "external",
    platform: "node",
    format: "cjs",
    target: "node20",
    // For stack traces that tell our own lines.
    sourcemap: "linked",
    sourcesContent: false,
    write: false,
    logLevel: "warning",
  });
  await Promise.all(outputFiles.map(({ path, contents }) => replaceFile(path, contents)));
}

/** Folder of the program `pulumi-resource-aws`, for whoever shows an engine the way to it. */
export const PLUGIN_DIR = __dirname;

if (require.main === module) {
  buildPlugin().catch((error: unknown) => {
    // Esbuild has already shown what is wrong with the source.
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
