import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Kills a process and everything below it at once. The engine's plugins have process groups of their own, so killing its group is not enough. */
export function killTree(pid: number): void {
  for (const each of [pid, ...descendants(pid)]) {
    try {
      process.kill(each, "SIGKILL");
    } catch (error) {
      // The process has just ended.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) {
        throw error;
      }
    }
  }
}

/** Process ids of everything below a process. */
export function descendants(pid: number): readonly number[] {
  return below(pid, parentOfEach());
}

function below(pid: number, parents: ReadonlyMap<number, number>): number[] {
  const children = [...parents].flatMap(([child, parent]) => (parent === pid ? [child] : []));
  return children.flatMap((child) => [child, ...below(child, parents)]);
}

/**
 * Ids of all processes that were started with this variable in their environment, whatever their parent is now. Linux only: elsewhere none
 * are found.
 */
export function processesWith(name: string, value: string): readonly number[] {
  const entry = `\0${name}=${value}\0`;
  return existsSync("/proc/self/environ")
    ? readdirSync("/proc").flatMap((pid) => (`\0${environmentOf(pid)}`.includes(entry) ? [Number(pid)] : []))
    : [];
}

function environmentOf(pid: string): string {
  try {
    return /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/environ`, "utf8") : "";
  } catch {
    // Another user's process, or one that has just ended.
    return "";
  }
}

/** The parent of every process of the machine, by process id. */
function parentOfEach(): ReadonlyMap<number, number> {
  return new Map(existsSync("/proc/self/stat") ? fromProc() : fromPs());
}

function fromProc(): (readonly [number, number])[] {
  return readdirSync("/proc").flatMap((entry) => {
    try {
      // `pid (name, which may hold anything) state ppid …`
      const [, ppid] = /.*\) \S+ (\d+) /.exec(readFileSync(`/proc/${entry}/stat`, "utf8")) ?? [];
      return /^\d+$/.test(entry) && ppid !== undefined ? [[Number(entry), Number(ppid)] as const] : [];
    } catch {
      // No process, or one that has just ended.
      return [];
    }
  });
}

function fromPs(): (readonly [number, number])[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [pid = 0, ppid = 0] = line.trim().split(/\s+/).map(Number);
    return [pid, ppid] as const;
  });
}
