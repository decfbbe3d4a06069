import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** The child's whole environment, apart from `PATH`, which it inherits. */
  readonly env: Readonly<Record<string, string>>;
  /** Called with each line the child prints, on stdout or stderr. */
  readonly onLine: (line: string) => void;
  /** Called when a signal has ended the child that we have not sent, and that no fault of its own raises. @default - nobody is told */
  readonly onKilled?: (signal: NodeJS.Signals) => void;
}

/** A process started by the local AWS, which never outlives it. */
export interface Child {
  readonly pid: number;
  /** Its exit code, or `null` if a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Asks it to end, and kills it after `graceMs`. @default 2000 */
  stop(graceMs?: number): Promise<void>;
}

/** Signals that come from outside of a process, as from a kernel that is short of memory. A crash raises others, such as SIGSEGV. */
const FROM_OUTSIDE: ReadonlySet<string> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"]);

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) {
    child.kill("SIGKILL");
  }
});

/**
 * Starts a process. Its standard input is a pipe that we keep open. If this process is killed, the pipe closes, and the programs that are
 * started this way end by themselves, since they watch their standard input.
 */
export function startChild(options: ChildOptions): Child {
  const child = spawn(options.command, [...options.args], {
    cwd: options.cwd,
    env: { PATH: process.env.PATH ?? "", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl-C in the terminal is for us alone: what we started is needed until all else is closed.
    detached: true,
  });
  running.add(child);
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on("line", options.onLine);
  }
  let stopping = false;
  const exited = new Promise<number | null>((resolve) => {
    child.once("error", (error) => {
      options.onLine(`${options.command} could not be started: ${error.message}`);
      resolve(127);
    });
    child.once("close", (code, signal) => {
      if (signal !== null && !stopping && FROM_OUTSIDE.has(signal)) {
        options.onKilled?.(signal);
      }
      resolve(code);
    });
  }).finally(() => running.delete(child));
  return {
    pid: child.pid ?? -1,
    exited,
    async stop(graceMs = 2000) {
      stopping = true;
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), graceMs);
      await exited;
      clearTimeout(timer);
    },
  };
}
