// The package's plugin, by which programs in other languages use the components: `dist/plugin.js` is built from this file.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type * as entry from "../components/providers/entry";
import { construct } from "./components";
import { ownResources } from "./own-resources";

/** The package's version, by `tools/build.ts`. */
declare const PLUGIN_VERSION: string;

const provider: pulumi.provider.Provider = {
  version: PLUGIN_VERSION,
  getSchema: () => readFile(join(__dirname, "schema.json"), "utf8"),
  construct,
  ...ownResources(loadProviders),
};

/** Only where a resource asks for it, since it has the AWS SDK in it. */
function loadProviders(): typeof entry {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- it is what its entry.ts says
  return createRequire(__filename)("sagemaker-safe-deploy/providers");
}

async function main(args: string[]): Promise<void> {
  // Prints where it listens, for the engine.
  await pulumi.provider.main(provider, args);
  // The engine's address is the last argument, after the flags for logging and tracing.
  tellEngine(args.at(-1) ?? "");
  endWithHost();
}

/** What a resource tells on its way goes to the engine as a message: of a plugin, unlike a dynamic resource, the engine shows no output. */
function tellEngine(address: string): void {
  pulumi.runtime.resetOptions("", "", -1, address, "", false, "");
  console.log = (line: unknown) => void pulumi.log.info(String(line));
}

/** Nobody ends a plugin whose engine was killed. */
function endWithHost(): void {
  const host = process.ppid;
  setInterval(() => process.ppid !== host && process.exit(), 500);
}

void main(process.argv.slice(2));
