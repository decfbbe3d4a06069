import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants, processesWith } from "../../core/process-tree";

export interface ShellOptions {
  /** The shell's own files; made. */
  readonly folder: string;
  /** Where the first command runs. */
  readonly directory: string;
  /** The commands' whole environment. By its `CODEBUILD_BUILD_ID` those that leave the process group are found. */
  readonly environment: Readonly<Record<string, string>>;
  /** Called with each line that a command prints, on stdout or stderr. */
  readonly onLine: (line: string) => void;
}

/**
 * Runs one script after the other and tells each one's exit code. It leads a process group, which the commands and what they leave
 * running in the background belong to. All of it ends when the pipe at 3 closes, for then this process has been killed outright, and
 * when there are no more scripts to come.
 */
const SUPERVISOR = `exec 2>&1
{ read -r _; kill -KILL 0; } <&3 >/dev/null 2>&1 &
exec 3<&-
while IFS= read -r script; do
  env -i bash --noprofile --norc "$script" </dev/null
  printf '%s %s\\n' "$0" "$?"
done
kill -KILL 0`;

/** Bash cannot hold others, which AWS complains of in the log and goes on. */
const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** How long the last lines of what has ended may take to be read. */
const DRAIN_MS = 500;
/** How often those are looked for that were started while others were killed. */
const KILL_ROUNDS = 5;

const running = new Set<BuildShell>();
process.once("exit", () => running.forEach((shell) => shell.kill()));

/**
 * The shell of a build. As on AWS each command is a script of its own, and what stays for the next one is the exported variables
 * and the working directory.
 */
export class BuildShell {
  private readonly marker = `end-of-command-${randomUUID()}`;
  private readonly child: ChildProcess;
  private readonly exited: Promise<void>;
  /** Nobody holds on to its output any more. */
  private readonly ended: Promise<void>;
  private commandEnded: (code: number) => void = () => undefined;

  private constructor(private readonly options: ShellOptions) {
    this.child = spawn("bash", ["--noprofile", "--norc", "-c", SUPERVISOR, this.marker], {
      detached: true,
      env: { PATH: options.environment.PATH ?? "" },
      stdio: ["pipe", "pipe", "ignore", "pipe"],
    });
    running.add(this);
    // Writing to a shell that has just ended is no trouble of its own.
    this.child.stdin?.on("error", () => undefined);
    const first = (...events: readonly string[]) =>
      new Promise<void>((resolve) => events.forEach((event) => this.child.once(event, () => resolve())));
    this.exited = first("error", "exit");
    this.ended = first("error", "close").then(() => {
      running.delete(this);
      this.commandEnded(KILLED);
    });
    if (this.child.stdout !== null) {
      createInterface({ input: this.child.stdout }).on("line", (line) => this.read(line));
    }
  }

  static async start(options: ShellOptions): Promise<BuildShell> {
    await mkdir(options.folder, { recursive: true });
    const variables = Object.entries(options.environment).filter(([name]) => VARIABLE_NAME.test(name));
    const file = (name: string) => join(options.folder, name);
    await writeFile(file("env.sh"), variables.map(([name, value]) => `export ${name}=${quoted(value)}\n`).join(""));
    await writeFile(file("env.bin"), variables.map(([name, value]) => `${name}=${value}\0`).join(""));
    await writeFile(file("dir.txt"), `${options.directory}\n`);
    return new BuildShell(options);
  }

  /** Runs a command, of any number of lines. Returns its exit code. @param variables set for it and those after it */
  async run(command: string, variables: Readonly<Record<string, string>> = {}): Promise<number> {
    const file = (name: string) => join(this.options.folder, name);
    const path = (name: string) => quoted(file(name));
    const exports = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
    await writeFile(file("script.sh"), command.endsWith("\n") ? command : `${command}\n`);
    await writeFile(
      file("command.sh"),
      `. ${path("env.sh")}
cd -- "$(<${path("dir.txt")})"
${exports.join("\n")}
codebuild_keep() {
  local code=$?
  export -p > ${path("env.sh")}
  env -0 > ${path("env.bin")}
  pwd > ${path("dir.txt")}
  exit $code
}
trap codebuild_keep EXIT
. ${path("script.sh")}
`,
    );
    return new Promise((resolve) => {
      this.commandEnded = resolve;
      if (running.has(this)) {
        this.child.stdin?.write(`${file("command.sh")}\n`);
      } else {
        resolve(KILLED);
      }
    });
  }

  /** The exported variables as the last command left them. */
  async environment(): Promise<Readonly<Record<string, string>>> {
    const text = await readFile(join(this.options.folder, "env.bin"), "utf8");
    const pairs = text.split("\0").filter((pair) => pair.includes("="));
    return Object.fromEntries(
      pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
    );
  }

  /** Ends all that it runs: asks it to, and makes it after `graceMs`. @default 0, at once */
  async stop(graceMs = 0): Promise<void> {
    if (graceMs > 0) {
      signal(this.child, "SIGTERM");
      await this.endedWithin(graceMs);
    }
    this.kill();
    await this.exited;
    await this.endedWithin(DRAIN_MS);
    // Whoever still holds its other end, which we cannot kill, must not hold us.
    this.child.stdout?.destroy();
    await this.ended;
  }

  /** Kills all that it runs, also what has left the process group. */
  kill(): void {
    signal(this.child, "SIGKILL");
    const { CODEBUILD_BUILD_ID: id } = this.options.environment;
    const { pid } = this.child;
    for (let round = 0; round < KILL_ROUNDS; round += 1) {
      const below = pid === undefined ? [] : descendants(pid);
      const left = [...below, ...(id === undefined ? [] : processesWith("CODEBUILD_BUILD_ID", id))];
      if (left.length === 0) {
        return;
      }
      left.forEach((each) => send(each, "SIGKILL"));
    }
  }

  private async endedWithin(milliseconds: number): Promise<void> {
    const over = new AbortController();
    await Promise.race([this.ended, sleep(milliseconds, undefined, over).catch(() => undefined)]);
    over.abort();
  }

  private read(line: string): void {
    const [, rest, code] = new RegExp(`^(.*)${this.marker} (\\d+)$`, "s").exec(line) ?? [];
    if (rest === undefined) {
      // Of a command that a signal ended, the shell says so under its own name.
      this.options.onLine(line.replace(this.marker, "bash"));
      return;
    }
    // A last line without an end shares the line of the marker.
    if (rest !== "") {
      this.options.onLine(rest);
    }
    this.commandEnded(Number(code));
  }
}

/** What a shell says of a command that a SIGKILL ended. */
const KILLED = 137;

/** To the child's process group. */
function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid !== undefined) {
    send(-pid, name);
  }
}

function send(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
