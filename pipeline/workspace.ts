import { CommandError, LocalWorkspace, Stack, StackNotFoundError } from "@pulumi/pulumi/automation";
import { explained } from "../lib/errors";
import { savedReleaseInput } from "./release-input";
import { outFiles, type Settings, type StackName } from "./settings";
import { PROJECT, stackConfig } from "./stack-config";

/**
 * The checked-out tree as a Pulumi project that runs the built program. So what was previewed is what is deployed, and nothing is compiled
 * in between. Writes `Pulumi.yaml`.
 */
export async function openWorkspace(settings: Settings): Promise<LocalWorkspace> {
  const project = {
    name: PROJECT,
    main: "dist/main.js",
    runtime: { name: "nodejs", options: { typescript: false } },
  };
  return LocalWorkspace.create({
    workDir: settings.root,
    projectSettings: project,
    secretsProvider: settings.secretsProvider,
    envVars: { PULUMI_BACKEND_URL: settings.stateUrl, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
}

/** A stack with its config for the pipeline's release. It is created if it is missing. Writes `Pulumi.<stack>.yaml`. */
export async function openStack(workspace: LocalWorkspace, stack: StackName, settings: Settings): Promise<Stack> {
  const opened = await Stack.createOrSelect(stack, workspace);
  await configure(opened, stack, settings);
  return opened;
}

/** A stack like that of {@link openStack}; `undefined` if it is missing. */
export async function findStack(
  workspace: LocalWorkspace,
  stack: StackName,
  settings: Settings,
): Promise<Stack | undefined> {
  try {
    const found = await Stack.select(stack, workspace);
    await configure(found, stack, settings);
    return found;
  } catch (error) {
    if (error instanceof StackNotFoundError) {
      return undefined;
    }
    throw neverUsed(error) ? new Error(`${NEVER_USED}: pulumi login '${settings.stateUrl}'`, { cause: error }) : error;
  }
}

const NEVER_USED = "there is no state yet, and a build may not create one: somebody with write access must do so once";

/** Whether the engine tried to write the metadata of a state that was never used. */
function neverUsed(error: unknown): boolean {
  return error instanceof CommandError && error.message.includes(".pulumi/meta.yaml");
}

async function configure(stack: Stack, name: StackName, settings: Settings): Promise<void> {
  const { release, gitBranch, gitCommit, dataVersion, modelArchiveSha256 } = settings;
  const baselineSha256 = settings.baselineSha256 && JSON.stringify(settings.baselineSha256);
  const { config = {} } = await stack.workspace.stackSettings(name);
  const input = name === "train" ? await savedReleaseInput(outFiles(settings.root).releaseInput) : undefined;
  const approved = name === "prod" ? { modelArchiveSha256, baselineSha256 } : {};
  const origin = { release, gitBranch, gitCommit, dataVersion, ...approved };
  await saveConfig(stack, settings, stackConfig(name, config, settings, origin, input));
}

/**
 * Replaces the config file of a stack. If the file has no key for secrets yet, the engine makes one and writes it there. The build's key
 * goes with the tree to the deployments, which need it to read the plan.
 */
export async function saveConfig(
  { workspace, name }: Stack,
  { secretsProvider }: Pick<Settings, "secretsProvider">,
  config: Record<string, unknown>,
): Promise<void> {
  const file = await workspace.stackSettings(name);
  await workspace.saveStackSettings(name, { secretsProvider, ...file, config });
}

/**
 * Adds secret values to the config file of a stack, encrypted with its key.
 *
 * @throws Error with the engine's complaint, without its command line, which has the values
 */
export async function saveSecrets(stack: Stack, secrets: Readonly<Record<string, string>>): Promise<void> {
  const values = Object.entries(secrets).map(([key, value]) => [key, { value, secret: true }] as const);
  if (values.length === 0) {
    return;
  }
  try {
    await stack.setAllConfig(Object.fromEntries(values));
  } catch (error) {
    const complaint = explained(error).message.match(/^\s*error: .*$/gm) ?? ["the engine does not say why"];
    const keys = Object.keys(secrets).join(", ");
    throw new Error(`secret config of stack ${stack.name} (${keys}) cannot be written: ${complaint.join("; ").trim()}`);
  }
}
