import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { run } from "pulumi-engine/run-command";

const ROOT = resolve(__dirname, "../../..");

/** A file's text by its path. */
export type Files = Readonly<Record<string, string>>;

/** What `npm pack` makes of the repository, as it would be published. `dist/` must have been built. */
export async function packed(folder: string): Promise<string> {
  const args = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
  const printed = await run("npm", args, { cwd: ROOT });
  return join(folder, printed.trim());
}

/** The versions that the repository itself is tested with, of the packages that a program brings along. */
export async function peers(): Promise<Record<string, string>> {
  const version = async (name: string) => {
    const manifest = await readFile(join(ROOT, "node_modules", name, "package.json"), "utf8");
    return (JSON.parse(manifest) as { version: string }).version;
  };
  const names = ["@pulumi/aws", "@pulumi/pulumi", "@types/node"];
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await version(name)] as const)));
}

/** A folder far from the repository, so that nothing is found there but what was installed; with a space in its path. */
export async function farFolder(): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), "safe deploy ")));
}

export async function write(folder: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

/** @param scripts Whether packages run scripts of theirs; npm builds a package from git by one. @default false */
export async function install(manager: "npm" | "pnpm", folder: string, { scripts = false } = {}): Promise<void> {
  const common = ["install", "--prefer-offline", ...(scripts ? [] : ["--ignore-scripts"])];
  if (manager === "npm") {
    await run("npm", [...common, "--no-audit", "--no-fund"], { cwd: folder });
    return;
  }
  const pnpm = join(ROOT, "node_modules/pnpm/bin/pnpm.cjs");
  await run(process.execPath, [pnpm, ...common], { cwd: folder, env: { ...process.env, CI: "true" } });
}

export async function remove(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
