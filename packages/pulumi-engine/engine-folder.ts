import { createHash } from "node:crypto";
import { chmod, copyFile, link, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { cached } from "./cache";
import { hasCode } from "./lock";

const SOURCE = join(__dirname, "language-host");
const LAUNCHERS = ["pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];
/** What these files need beside them as it stands. */
const PRELOADED = ["sdk-start.cjs"];

/**
 * A folder of the cache that has everything an engine needs to run Node programs: the CLI, the language host, and the launcher of
 * dynamic providers. All in one folder, because the engine warns of plugins that it finds elsewhere on `PATH`.
 *
 * Its name holds a hash of the host, so that a new version of this project gets a new folder.
 *
 * @param cli a CLI that came without a language host
 * @returns the folder; its `pulumi` is the CLI
 */
export async function engineFolder(cli: { readonly path: string; readonly version: string }): Promise<string> {
  const files = [...(await bundles()), ...(await copies(LAUNCHERS, 0o755)), ...(await copies(PRELOADED, 0o644))];
  const hash = createHash("sha256");
  for (const { name, content } of files) {
    hash.update(`${name}\0${content}\0`);
  }
  const name = `engine-${cli.version}-${process.platform}-${process.arch}-${hash.digest("hex").slice(0, 12)}`;
  return cached(name, async (folder) => {
    for (const { name: file, content, mode } of files) {
      await writeFile(join(folder, file), content);
      await chmod(join(folder, file), mode);
    }
    await linkOrCopy(cli.path, join(folder, "pulumi"));
  });
}

interface File {
  readonly name: string;
  readonly content: string;
  readonly mode: number;
}

/** The host, with all that it imports, in one file: it stands outside of any project, and starts in half the time. */
async function bundles(): Promise<File[]> {
  const { outputFiles } = await build({
    absWorkingDir: SOURCE,
    entryPoints: { "language-host": "main.ts", "dynamic-provider": "dynamic-provider.ts" },
    outdir: ".",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minify: true,
    write: false,
    logLevel: "silent",
  });
  return outputFiles.map(({ path, text }) => ({ name: path.slice(SOURCE.length + 1), content: text, mode: 0o644 }));
}

async function copies(names: readonly string[], mode: number): Promise<File[]> {
  return Promise.all(names.map(async (name) => ({ name, content: await readFile(join(SOURCE, name), "utf8"), mode })));
}

/** A hard link costs nothing; a symbolic one would not do, since the engine looks for plugins where its file really is. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (!hasCode(error, "EXDEV") && !hasCode(error, "EPERM") && !hasCode(error, "EMLINK")) {
      throw error;
    }
    await copyFile(from, to);
  }
}
