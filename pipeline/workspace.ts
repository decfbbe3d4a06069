import { LocalWorkspace, Stack, StackNotFoundError } from "@pulumi/pulumi/automation";
import { savedReleaseInput } from "./release-input";
import { outFiles, type Settings, type StackName } from "./settings";
import { PROJECT, stackConfig, type ReleaseOrigin } from "./stack-config";

/**
 * The checked-out tree as a Pulumi project whose program is the built one: what was previewed is what is deployed, and nothing is compiled
 * on the way. Writes `Pulumi.yaml`.
 */
export async function openWorkspace(settings: Settings): Promise<LocalWorkspace> {
  const { root, awsPlugin } = settings;
  const project = {
    name: PROJECT,
    main: "dist/main.js",
    runtime: { name: "nodejs", options: { typescript: false } },
    ...(awsPlugin === undefined ? {} : { plugins: { providers: [{ name: "aws", path: awsPlugin }] } }),
  };
  return LocalWorkspace.create({
    workDir: root,
    projectSettings: project,
    secretsProvider: settings.secretsProvider,
    envVars: { PULUMI_BACKEND_URL: settings.stateUrl, PULUMI_SKIP_UPDATE_CHECK: "true" },
  });
}

/**
 * A stack with its config for the pipeline's release. Writes `Pulumi.<stack>.yaml`.
 *
 * @returns `undefined` where the stack is not there and is not to be made
 */
export async function openStack(
  workspace: LocalWorkspace,
  stack: StackName,
  settings: Settings,
  options: { readonly create: boolean },
): Promise<Stack | undefined> {
  const opened = options.create
    ? await Stack.createOrSelect(stack, workspace)
    : await Stack.select(stack, workspace).catch(undefinedIfMissing);
  if (opened !== undefined) {
    await configure(opened, stack, settings, settings);
  }
  return opened;
}

/** Sets a stack's config for a release, which may be another one than the pipeline's. */
export async function configure(
  stack: Stack,
  name: StackName,
  settings: Settings,
  { release, gitBranch, gitCommit, dataVersion }: ReleaseOrigin,
): Promise<void> {
  const file = await stack.workspace.stackSettings(name);
  const input = name === "train" ? await savedReleaseInput(outFiles(settings.root).releaseInput) : undefined;
  const origin = { release, gitBranch, gitCommit, dataVersion };
  const config = stackConfig(name, file.config ?? {}, settings, origin, input);
  // Where the file has no key yet the engine makes one and writes it there. The build's goes with the tree to the deployments, which
  // need it to read the plan; the state names its own.
  await stack.workspace.saveStackSettings(name, { secretsProvider: settings.secretsProvider, ...file, config });
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof StackNotFoundError) {
    return undefined;
  }
  throw error;
}
