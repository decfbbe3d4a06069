import { spawn, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface ShellOptions {
  /** The shell's own files; made. */
  readonly folder: string;
  /** Where the first command runs. */
  readonly directory: string;
  /** The commands' whole environment. */
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

const running = new Set<ChildProcess>();
process.once("exit", () => running.forEach((child) => signal(child, "SIGKILL")));

/**
 * The shell of a build. As on AWS each command is a script of its own, and what stays for the next one is the exported variables
 * and the working directory.
 */
export class BuildShell {
  private readonly marker = `end-of-command-${randomUUID()}`;
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private commandEnded: (code: number) => void = () => undefined;

  private constructor(private readonly options: ShellOptions) {
    this.child = spawn("bash", ["--noprofile", "--norc", "-c", SUPERVISOR, this.marker], {
      detached: true,
      env: { PATH: options.environment.PATH ?? "" },
      stdio: ["pipe", "pipe", "ignore", "pipe"],
    });
    running.add(this.child);
    // Writing to a shell that has just ended is no trouble of its own.
    this.child.stdin?.on("error", () => undefined);
    this.ended = new Promise<void>((resolve) => {
      this.child.once("error", () => resolve());
      this.child.once("close", () => resolve());
    }).then(() => {
      running.delete(this.child);
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
      if (running.has(this.child)) {
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

  /** Ends the process group: asks it to, and makes it after `graceMs`. @default 0, at once */
  async stop(graceMs = 0): Promise<void> {
    if (graceMs > 0) {
      signal(this.child, "SIGTERM");
    }
    const timer = setTimeout(() => signal(this.child, "SIGKILL"), graceMs);
    await this.ended;
    clearTimeout(timer);
    // The leader is gone; what held on to nothing of it may not be.
    signal(this.child, "SIGKILL");
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

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) {
      process.kill(-child.pid, name);
    }
  } catch {
    // The group has ended.
  }
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
