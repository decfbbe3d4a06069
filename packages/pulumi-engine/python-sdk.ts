import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cached } from "./cache";
import { CLI_MODULE, VERSION } from "./pulumi-cli";
import { findOnPath, run } from "./run-command";

const SOURCE = join(__dirname, "python-sdk", "main.go");

/**
 * Writes the Python SDK of a package into a folder, as `pulumi package gen-sdk` does where there is Pulumi's language host for Python. The
 * program that does it is built with Go once, which takes seconds where the engine was built so, and a minute elsewhere.
 *
 * @param schema path of the package's schema
 */
export async function generatePythonSdk(schema: string, folder: string): Promise<void> {
  await run(join(await generator(), "python-sdk"), [schema, folder]);
}

async function generator(): Promise<string> {
  if ((await findOnPath("go")) === undefined) {
    throw new Error(
      "no go on PATH, which the generator of the Python SDK is built with: install it (https://go.dev/dl/)",
    );
  }
  const hash = createHash("sha256")
    .update(await readFile(SOURCE))
    .digest("hex")
    .slice(0, 12);
  return cached(`python-sdk-${VERSION}-${process.platform}-${process.arch}-${hash}`, async (unfinished) => {
    const source = join(unfinished, "source");
    await mkdir(source);
    await copyFile(SOURCE, join(source, "main.go"));
    await writeFile(join(source, "go.mod"), `module build\n\ngo 1.25\n\nrequire ${CLI_MODULE} v${VERSION}\n`);
    const args = ["build", "-mod=mod", "-ldflags", "-s -w", "-o", "../python-sdk", "."];
    await run("go", args, { cwd: source, env: { ...process.env, GOWORK: "off" } });
  });
}
