import { execFile, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { testPython } from "pulumi-engine/testing/python";

/** How a program ended, and what it printed. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a folder's Python programs for a suite of tests, all in one Python (see `run_programs.py`). */
export interface Programs {
  /** Runs one of the programs to its end. */
  run(name: string, args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** Runs a program given as text; it can import the folder's. */
  runText(text: string, args: readonly string[]): Promise<Ended>;
}

/** Starts Python before a suite and ends it after. @param folder of the programs */
export function programs(folder: string): Programs {
  let python: ChildProcessWithoutNullStreams;
  let complaints = "";
  const waiting: { resolve: (ended: Ended) => void; reject: (error: Error) => void }[] = [];

  before(() => {
    const env = { PATH: process.env.PATH, PYTHONDONTWRITEBYTECODE: "1" };
    python = spawn(testPython(), [join(__dirname, "run_programs.py"), folder], { env });
    createInterface({ input: python.stdout }).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line) as Ended));
    python.stderr.on("data", (text) => (complaints += String(text)));
    python.once("close", () => {
      for (const { reject } of waiting.splice(0)) {
        reject(new Error(`Python ended: ${complaints}`));
      }
    });
  });
  after(() => python.stdin.end());

  const ask = (request: unknown) =>
    new Promise<Ended>((resolve, reject) => {
      waiting.push({ resolve, reject });
      python.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return {
    run: (name, args, env = {}) => ask({ program: join(folder, name), args, env }),
    runText: (text, args) => ask({ text, args }),
  };
}

/** What a program says to `--help`, started as a user starts it. */
export async function helpOf(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(testPython(), ["-B", program, "--help"]);
  return stdout;
}

/** A folder for a suite's files, removed after it; its path has a blank in it, as users' paths do. */
export function scratchFolder(): { readonly path: string } {
  const folder = { path: "" };
  before(async () => {
    folder.path = await mkdtemp(join(tmpdir(), "taxi model "));
  });
  after(() => rm(folder.path, { recursive: true, force: true }));
  return folder;
}
