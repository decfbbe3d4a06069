import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached, cacheFolder, discard, findCached } from "./cache";
import type { Report, Step } from "./report";
import { atMostEvery, findOnPath, reasonOf, run } from "./run-command";
import { isAtLeast, parseVersion, type Version } from "./version";

/** The Python of the project's own environment. */
export interface PythonEnvironment {
  /**
   * Full path of its interpreter. Use its packages as `python -m …`: the scripts beside it name the folder that they were made
   * in.
   */
  readonly python: string;
  /** Its version, such as `3.11.7`. */
  readonly version: string;
}

interface Interpreter {
  readonly command: string;
  readonly version: Version;
}

const OLDEST: Version = [3, 10, 0];
/** Newest first, after the one that people mean by "python". */
const CANDIDATES = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
const LOCK_FILE = join(__dirname, "python", "requirements.lock");
/** Counts the ways in which environments have been made: one that was made in an older way is not taken for this one. */
const WAY_OF_MAKING = 2;
/** The version of `uv` that is fetched where there is none. */
const UV_VERSION = "0.13.9";
/** How often a tool that tells much is quoted. */
const PROGRESS_MS = 5000;

/**
 * Finds the Python environment that the local AWS and the model's containers use, or makes it in the user's cache: a virtual environment
 * with exactly the packages of `requirements.lock`. `uv` makes it in seconds; where that cannot be had, `pip` takes a minute.
 *
 * @throws Error saying in one line what is missing and what to do
 */
export async function ensurePython(report: Report): Promise<PythonEnvironment> {
  const step = report.step("Python environment");
  try {
    const interpreter = await findInterpreter();
    const requirements = await readFile(LOCK_FILE, "utf8");
    const name = environmentName(requirements, interpreter.version);
    const made = await findCached(name);
    if (made !== undefined && !(await isWhole(made))) {
      step.update(`${made} is broken, and is made anew`);
      await discard(made);
    }
    const folder = await cached(name, (unfinished) => create(unfinished, interpreter, step), {
      onWait: (holder) => step.update(`waiting for ${holder}, which is making it`),
    });
    const version = interpreter.version.join(".");
    step.done(`Python ${version} in ${folder}`);
    return { python: interpreterIn(folder), version };
  } catch (error) {
    step.fail(reasonOf(error));
    throw error;
  }
}

/**
 * The name of an environment's folder in the cache: another lock file or another Python make another environment. Python's patch
 * version does not count, since packages are built for `major.minor`.
 */
export function environmentName(requirements: string, [major, minor]: Version): string {
  return `python-${major}.${minor}${environmentHash(requirements)}`;
}

/**
 * The interpreter of an environment that an earlier run has made for the lock file as it is now, of whatever Python; `undefined` if there
 * is none. Nothing is started to find it.
 */
export function findPython(folder = cacheFolder()): string | undefined {
  const hash = environmentHash(readFileSync(LOCK_FILE, "utf8"));
  const entries = existsSync(folder) ? readdirSync(folder) : [];
  const name = entries.find((entry) => entry.startsWith("python-") && entry.endsWith(hash));
  return name === undefined ? undefined : interpreterIn(join(folder, name));
}

function environmentHash(requirements: string): string {
  const hash = createHash("sha256").update(`${WAY_OF_MAKING}\n${requirements}`).digest("hex").slice(0, 12);
  return `-${process.platform}-${process.arch}-${hash}`;
}

/** What the local AWS and the models' containers import. */
const PACKAGES = ["moto", "boto3", "xgboost", "sklearn", "pandas", "pyarrow"];

/** Whether an environment's Python starts, and finds its packages. They are not loaded, which would take seconds. */
async function isWhole(folder: string): Promise<boolean> {
  const finds = `import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))`;
  try {
    await run(interpreterIn(folder), ["-c", finds, ...PACKAGES]);
    return true;
  } catch {
    // Whatever is wrong with it, it is made anew.
    return false;
  }
}

/** Makes a virtual environment in a folder that is empty or not there, with what a requirements file names. @returns its interpreter */
export async function makePython(folder: string, requirements: string, report: Report): Promise<string> {
  const step = report.step(`Python environment ${folder}`);
  const interpreter = await findInterpreter();
  const uv = await findUv(interpreter, step);
  if (uv === undefined) {
    await createVenv(interpreter.command, folder);
    await pipInstall(folder, ["--requirement", requirements], step);
  } else {
    await run(uv, ["venv", "--python", interpreter.command, folder]);
    await run(uv, ["pip", "install", "--python", interpreterIn(folder), "--requirement", requirements], {
      cwd: dirname(requirements),
    });
  }
  step.done(`made of ${requirements}`);
  return interpreterIn(folder);
}

async function findInterpreter(): Promise<Interpreter> {
  const refused: string[] = [];
  for (const name of CANDIDATES) {
    const command = await findOnPath(name);
    if (command === undefined) {
      continue;
    }
    try {
      const version = parseVersion(await run(command, ["-c", "import platform; print(platform.python_version())"]));
      if (version !== undefined && isAtLeast(version, OLDEST)) {
        return { command, version };
      }
      refused.push(`${command} is ${version?.join(".") ?? "of no known version"}`);
    } catch (error) {
      refused.push(reasonOf(error));
    }
  }
  const found = refused.length === 0 ? "there is no python3 on PATH" : refused.join("; ");
  throw new Error(`Python 3.10 or newer is missing: install it (https://www.python.org/downloads/). Found: ${found}`);
}

async function create(folder: string, interpreter: Interpreter, step: Step): Promise<void> {
  const uv = await findUv(interpreter, step);
  if (uv === undefined) {
    await createWithPip(folder, interpreter, step);
  } else {
    await createWithUv(folder, interpreter, uv, step);
  }
  step.update("trying its packages");
  await run(interpreterIn(folder), ["-c", `import ${PACKAGES.join(", ")}`]);
}

async function createWithUv(folder: string, { command }: Interpreter, uv: string, step: Step): Promise<void> {
  // In the folder, so that neither a uv.toml nor a .python-version of the project has a say.
  const options = { cwd: folder, onLine: atMostEvery(PROGRESS_MS, (line) => step.update(line.trim())) };
  step.update("making a virtual environment with uv");
  await run(uv, ["venv", "--allow-existing", "--relocatable", "--python", command, folder], options);
  step.update("installing packages with uv");
  // Compiled once here, as pip does it: programs that may write no bytecode compile all that they import on every start.
  const sync = ["pip", "sync", "--compile-bytecode", "--require-hashes"];
  await run(uv, [...sync, "--python", interpreterIn(folder), LOCK_FILE], options);
}

async function createWithPip(folder: string, { command }: Interpreter, step: Step): Promise<void> {
  step.update("making a virtual environment");
  await createVenv(command, folder);
  step.update("installing packages with pip, which takes a minute");
  await pipInstall(folder, ["--require-hashes", "--requirement", LOCK_FILE], step);
}

/** `uv` from `PATH`, else from the cache; `undefined` if it can be had from neither. */
async function findUv({ command, version }: Interpreter, step: Step): Promise<string | undefined> {
  const onPath = await findOnPath("uv");
  // A stand-in that a version manager keeps on PATH may have nothing behind it.
  if (onPath !== undefined && (await works(onPath))) {
    return onPath;
  }
  const [major, minor] = version;
  try {
    const folder = await cached(
      `uv-${UV_VERSION}-${process.platform}-${process.arch}-${major}.${minor}`,
      async (unfinished) => {
        step.update("fetching uv");
        await createVenv(command, unfinished);
        await pipInstall(unfinished, [`uv==${UV_VERSION}`], step);
      },
    );
    return join(folder, BIN, "uv");
  } catch (error) {
    step.update(`doing it with pip, as uv cannot be had: ${reasonOf(error)}`);
    return undefined;
  }
}

async function works(uv: string): Promise<boolean> {
  try {
    await run(uv, ["--version"], { timeoutMs: 30_000 });
    return true;
  } catch {
    // Whatever is wrong with it, it is of no use; there are other ways.
    return false;
  }
}

async function createVenv(command: string, folder: string): Promise<void> {
  try {
    await run(command, ["-m", "venv", folder]);
  } catch (cause) {
    throw new Error(
      `${command} cannot make a virtual environment: install its venv module (Debian, Ubuntu: apt install python3-venv)`,
      {
        cause,
      },
    );
  }
}

async function pipInstall(folder: string, args: readonly string[], step: Step): Promise<void> {
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", ...args];
  await run(interpreterIn(folder), pip, { onLine: atMostEvery(PROGRESS_MS, (line) => step.update(line.trim())) });
}

const BIN = process.platform === "win32" ? "Scripts" : "bin";

function interpreterIn(folder: string): string {
  return join(folder, BIN, process.platform === "win32" ? "python.exe" : "python");
}
