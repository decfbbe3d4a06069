import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

export interface RunOptions {
  readonly cwd?: string;
  /** @default the environment of this process */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with each line it prints, on stdout or stderr. */
  readonly onLine?: (line: string) => void;
  /** Ends it after so long. @default - it may take as long as it wants */
  readonly timeoutMs?: number;
}

/** How many of its last lines a command that failed is quoted with. */
const QUOTED_LINES = 8;

/**
 * Runs a command to its end.
 *
 * @returns what it printed on stdout
 * @throws Error whose first line has the command, how it ended and its last line; the lines before that follow
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { cwd, env = process.env, onLine, timeoutMs } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    let stdout = "";
    let last: string[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on("line", (line) => {
        last = [...last, line].filter((text) => text.trim() !== "").slice(-QUOTED_LINES);
        onLine?.(line);
      });
    }
    child.once("error", reject);
    child.once("close", (code, signal) => {
      process.off("exit", kill);
      if (code === 0) {
        resolve(stdout);
      } else {
        const how = code === null ? `was ended by ${signal ?? "a signal"}` : `exited with code ${code}`;
        reject(new Error([`"${[command, ...args].join(" ")}" ${how}: ${last.at(-1) ?? ""}`, ...last].join("\n")));
      }
    });
  });
}

/** The full path of a command that is on `PATH`, or `undefined`. */
export async function findOnPath(command: string, path = process.env.PATH ?? ""): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const candidate = join(folder, command);
    if (folder !== "" && (await isExecutable(candidate))) {
      return candidate;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not there, or not for us: either way it is not a command.
    return false;
  }
}

/** Lets through at most one call in so many milliseconds, for progress that comes in hundreds of lines. */
export function atMostEvery(intervalMs: number, tell: (text: string) => void): (text: string) => void {
  let last = performance.now();
  return (text) => {
    if (performance.now() - last >= intervalMs) {
      last = performance.now();
      tell(text);
    }
  };
}

/** The first line of an error's message, for a sentence that goes on. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split("\n", 1)[0] ?? "";
}
