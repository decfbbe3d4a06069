import { cp, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { install, packed, peers, write } from "./install";

/** Folder of the examples. */
export const EXAMPLES = resolve(__dirname, "../../../examples");

/** Some of the examples in a folder, as one npm workspace, so that what they share is installed once: above all the package, as it is published. */
export async function installExamples(folder: string, names: readonly string[]): Promise<void> {
  const tarball = await packed(folder);
  const versions = await peers();
  for (const name of names) {
    await cp(join(EXAMPLES, name), join(folder, name), { recursive: true });
    const manifest = JSON.parse(await readFile(join(folder, name, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const dependencies = { ...manifest.dependencies, "sagemaker-safe-deploy": `file:${tarball}` };
    await write(join(folder, name), { "package.json": JSON.stringify({ ...manifest, dependencies }) });
  }
  await write(folder, {
    "package.json": JSON.stringify({ private: true, workspaces: names, overrides: versions }),
  });
  await install("npm", folder);
}
