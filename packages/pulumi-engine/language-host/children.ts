import { spawn, type ChildProcess, type StdioOptions } from "node:child_process";

/** How a child ended: `code` is `null` where a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdio: StdioOptions;
}

/** Time a child has to end by itself after it was interrupted, as in Pulumi's own host. */
const GRACE_MS = 5000;

/** The processes that the host has started, so that none outlives it. */
export class Children {
  readonly #running = new Set<ChildProcess>();

  /**
   * Starts a child; `started` gets it before anything it does is lost. It is interrupted when `signal` aborts.
   *
   * @throws Error if the command could not be started.
   */
  run(command: Command, signal: AbortSignal, started?: (child: ChildProcess) => void): Promise<Ended> {
    const child = spawn(command.command, command.args, { cwd: command.cwd, env: command.env, stdio: command.stdio });
    this.#running.add(child);
    started?.(child);
    const stop = () => interrupt(child);
    signal.addEventListener("abort", stop);
    if (signal.aborted) {
      stop();
    }
    return new Promise<Ended>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, killedBy) => resolve({ code, signal: killedBy }));
    }).finally(() => {
      signal.removeEventListener("abort", stop);
      this.#running.delete(child);
    });
  }

  /** Asks all of them to end, and makes them after five seconds. */
  interrupt(): void {
    this.#running.forEach(interrupt);
  }

  /** Ends all of them at once. */
  kill(): void {
    for (const child of this.#running) {
      child.kill("SIGKILL");
    }
  }
}

function interrupt(child: ChildProcess): void {
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  child.once("exit", () => clearTimeout(timer));
}
