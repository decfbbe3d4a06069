import { delimiter, dirname } from "node:path";
import { pathToFileURL } from "node:url";
import type { PulumiCli } from "./pulumi-cli";

/** Where an engine keeps what is its own. */
export interface EngineSettings {
  /** Folder for the engine's own files, so that it leaves `~/.pulumi` alone; made if it is missing. */
  readonly home: string;
  /** Folder in which it keeps the state of the stacks; it must exist. */
  readonly stateDir: string;
  /** What secrets in the state are encrypted with. */
  readonly passphrase: string;
  /** Folders that come first on `PATH`, such as one with a `pulumi-resource-…` of our own. @default none */
  readonly pathDirs?: readonly string[];
}

/**
 * What has to be in the environment of an engine that works on this machine alone: state in a folder, no account, no questions, and no
 * downloads.
 */
export function engineEnvironment(cli: Pick<PulumiCli, "pathDir">, settings: EngineSettings): Record<string, string> {
  const { home, stateDir, passphrase, pathDirs = [] } = settings;
  return {
    // The engine's own folder first: it warns of a language host that it finds elsewhere before the one beside it. And the Node that runs
    // us is the Node that runs the programs.
    PATH: [cli.pathDir, ...pathDirs, dirname(process.execPath), process.env.PATH ?? ""].join(delimiter),
    PULUMI_HOME: home,
    PULUMI_BACKEND_URL: pathToFileURL(stateDir).href,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}
