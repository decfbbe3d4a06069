import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached, discard, findCached } from "./cache";
import { engineFolder } from "./engine-folder";
import type { Report, Step } from "./report";
import { atMostEvery, findOnPath, reasonOf, run } from "./run-command";
import { isAtLeast, parseVersion, type Version } from "./version";

/** Pulumi's engine, ready to run programs in Node. */
export interface PulumiCli {
  /** Full path of `pulumi`. */
  readonly command: string;
  /** Folder that has to come first on `PATH` when it runs: `pulumi-language-nodejs` is in it. */
  readonly pathDir: string;
  /** Its version, such as `3.255.0`. */
  readonly version: string;
}

/** The oldest engine that hands a program's runtime options to the language host as ours expects them. */
const OLDEST: Version = [3, 248, 0];
/** The engine that is fetched or built where there is none. */
export const VERSION = "3.255.0";
/** The npm package that installs a CLI; it has versions of its own and installs the one that `PULUMI_VERSION` names. */
const INSTALLER = "pulumi@3.265.0";
/** How often a tool that tells much is quoted. */
const PROGRESS_MS = 15_000;
export const CLI_MODULE = "github.com/pulumi/pulumi/pkg/v3";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

const PLATFORM = `${VERSION}-${process.platform}-${process.arch}`;
const INSTALLED = `pulumi-installed-${PLATFORM}`;
const BUILT = `pulumi-built-${PLATFORM}`;

/**
 * Finds Pulumi's engine, or gets it: a `pulumi` on `PATH` that is new enough; else one that an earlier run has put into the user's
 * cache; else the one that the npm package `pulumi` downloads; else one that is built from its Go module, with our own language
 * host.
 *
 * @throws Error saying in one line what is missing and what to do
 */
export async function ensurePulumi(report: Report): Promise<PulumiCli> {
  const step = report.step("Pulumi engine");
  try {
    const cli = await findOrGet(step);
    step.done(`${cli.version} in ${cli.pathDir}`);
    return cli;
  } catch (error) {
    step.fail(reasonOf(error));
    throw error;
  }
}

async function findOrGet(step: Step): Promise<PulumiCli> {
  const onPath = await fromPath();
  if (typeof onPath !== "string") {
    return onPath;
  }
  const found = (await fromInstalled(step)) ?? (await fromBuilt(step));
  if (found !== undefined) {
    return found;
  }
  const refusals = [onPath];
  for (const get of [install, buildFromGo]) {
    try {
      return await get(step);
    } catch (error) {
      refusals.push(reasonOf(error));
    }
  }
  throw new Error(
    `Pulumi ${OLDEST.join(".")} or newer is missing: install it (https://www.pulumi.com/docs/iac/download-install/), ` +
      `or Go 1.25 or newer (https://go.dev/dl/) to have it built here. Tried: ${refusals.join("; ")}`,
  );
}

/** The CLI on `PATH`, or why it will not do. */
async function fromPath(): Promise<PulumiCli | string> {
  const command = await findOnPath("pulumi");
  if (command === undefined) {
    return "no pulumi on PATH";
  }
  try {
    const version = await versionOf(command);
    if (!isAtLeast(version, OLDEST)) {
      return `${command} is ${version.join(".")}`;
    }
    const beside = await findOnPath("pulumi-language-nodejs", dirname(command));
    const host = beside ?? (await findOnPath("pulumi-language-nodejs"));
    if (host === undefined) {
      return `${command} has no pulumi-language-nodejs beside it or on PATH`;
    }
    return { command, pathDir: dirname(host), version: version.join(".") };
  } catch (error) {
    return reasonOf(error);
  }
}

async function fromInstalled(step: Step): Promise<PulumiCli | undefined> {
  const folder = await findCached(INSTALLED);
  return folder === undefined ? undefined : ifWhole(inFolder(join(folder, "bin")), [folder], step);
}

async function fromBuilt(step: Step): Promise<PulumiCli | undefined> {
  const folder = await findCached(BUILT);
  if (folder === undefined) {
    return undefined;
  }
  const engine = await engineFolder({ path: join(folder, "pulumi"), version: VERSION });
  return ifWhole(inFolder(engine), [engine, folder], step);
}

/** An engine, if it works; else its folders are removed, so that it is got anew. */
async function ifWhole(cli: PulumiCli, folders: readonly string[], step: Step): Promise<PulumiCli | undefined> {
  try {
    await versionOf(cli.command);
    return cli;
  } catch (error) {
    step.update(`${cli.command} is broken, and is got anew: ${reasonOf(error)}`);
    await Promise.all(folders.map(discard));
    return undefined;
  }
}

function inFolder(pathDir: string): PulumiCli {
  return { command: join(pathDir, "pulumi"), pathDir, version: VERSION };
}

/** Has the npm package download the CLI with all its language hosts, which it does into `$PULUMI_HOME/versions`. */
async function install(step: Step): Promise<PulumiCli> {
  const folder = await cached(
    INSTALLED,
    async (unfinished) => {
      step.update(`asking the npm package ${INSTALLER} for ${VERSION}`);
      const home = join(unfinished, "home");
      await mkdir(home);
      const args = ["exec", "--yes", "--ignore-scripts", `--package=${INSTALLER}`, "--", "pulumi", "version"];
      const env = { ...process.env, PULUMI_HOME: home, PULUMI_VERSION: VERSION, PULUMI_SKIP_UPDATE_CHECK: "true" };
      try {
        await run("npm", args, {
          cwd: unfinished,
          env,
          onLine: atMostEvery(PROGRESS_MS, (line) => step.update(line.trim())),
        });
      } catch (cause) {
        throw new Error(`the npm package pulumi cannot download it, ${reasonOf(cause)}`, { cause });
      }
      await rename(join(home, "versions", VERSION, "bin"), join(unfinished, "bin"));
      await versionOf(join(unfinished, "bin", "pulumi"));
    },
    { onWait: (holder) => step.update(`waiting for ${holder}, which is getting it`) },
  );
  return inFolder(join(folder, "bin"));
}

/**
 * Builds the CLI in a module of our own that requires Pulumi's. (`go install …@version` would do the same, but first asks the proxy for
 * a list of all versions, which not every proxy gives.) The version goes in by a linker flag, as in Pulumi's own builds: without it the
 * CLI has none, and the Automation API refuses it.
 */
async function buildFromGo(step: Step): Promise<PulumiCli> {
  if ((await findOnPath("go")) === undefined) {
    throw new Error("no go on PATH");
  }
  const folder = await cached(
    BUILT,
    async (unfinished) => {
      step.update(`building ${VERSION} from its Go module, which takes about five minutes once`);
      const source = join(unfinished, "source");
      await mkdir(source);
      await writeFile(join(source, "go.mod"), `module build\n\ngo 1.25\n\nrequire ${CLI_MODULE} v${VERSION}\n`);
      // -s -w: without what only a debugger reads, a third of its size.
      const ldflags = `-s -w -X ${VERSION_VARIABLE}=v${VERSION}`;
      const args = ["build", "-mod=mod", "-v", "-ldflags", ldflags, "-o", "../pulumi", `${CLI_MODULE}/cmd/pulumi`];
      let packages = 0;
      const tell = atMostEvery(PROGRESS_MS, (text) => step.update(`building ${VERSION} from its Go module: ${text}`));
      await run("go", args, {
        cwd: source,
        env: { ...process.env, GOWORK: "off" },
        onLine(line) {
          // Go's own messages, and else the name of each package as it is compiled.
          if (line.startsWith("go: ")) {
            tell(line.slice("go: ".length));
          } else {
            packages += 1;
            tell(`${packages} of some 1700 packages`);
          }
        },
      });
      await versionOf(join(unfinished, "pulumi"));
    },
    { onWait: (holder) => step.update(`waiting for ${holder}, which is building it`) },
  );
  return inFolder(await engineFolder({ path: join(folder, "pulumi"), version: VERSION }));
}

async function versionOf(command: string): Promise<Version> {
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const text = await run(command, ["version"], { env, timeoutMs: 60_000 });
  const version = parseVersion(text);
  if (version === undefined) {
    throw new Error(`"${command} version" says ${JSON.stringify(text.trim())}, which is no version`);
  }
  return version;
}
