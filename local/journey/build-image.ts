import { mkdir, readFile, rm, symlink } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { z } from "zod";
import type { Tools } from "pulumi-engine/setup";
import { PLUGIN_DIR } from "pulumi-local-aws/build";

const root = resolve(__dirname, "../..");
const AWS_PLUGIN = "pulumi-resource-aws";

/**
 * What builds find in their environment, like a custom build image would provide it: the Pulumi CLI and its plugins, this Node, and the
 * project's packages.
 *
 * @param dir folder for the engine's own files
 */
export async function buildImage({ pulumi }: Pick<Tools, "pulumi">, dir: string): Promise<Record<string, string>> {
  const home = join(dir, "home");
  await installAwsPlugin(home);
  return {
    PATH: [pulumi.pathDir, dirname(pulumi.command), dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    SAFE_DEPLOY_NODE_MODULES: root,
  };
}

/** Makes an engine with this home use the local AWS's provider plugin as the one that the program's `@pulumi/aws` asks for. */
export async function installAwsPlugin(home: string): Promise<void> {
  const manifest = await readFile(join(root, "node_modules", "@pulumi", "aws", "package.json"), "utf8");
  const { version } = z.looseObject({ version: z.string() }).parse(JSON.parse(manifest));
  const folder = join(home, "plugins", `resource-aws-v${version}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await symlink(join(PLUGIN_DIR, AWS_PLUGIN), join(folder, AWS_PLUGIN));
}
