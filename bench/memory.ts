import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const LOOK_EVERY_MS = 100;

/** Does something, and tells the most memory, in MB, that the processes below this one had together meanwhile. */
export async function peakMemory<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly MB: number }> {
  const working = work();
  const over = working.then(
    () => true,
    () => true,
  );
  let most = 0;
  while (!(await Promise.race([over, sleep(LOOK_EVERY_MS, false)]))) {
    most = Math.max(most, await below(process.pid));
  }
  return { result: await working, MB: most };
}

/** Resident memory of all processes that a process has started, and of those that they have. */
async function below(root: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pid=,ppid=,rss="]);
  const processes = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const known = new Set([root]);
  let kilobytes = 0;
  for (let grows = true; grows;) {
    grows = false;
    for (const [pid = 0, parent = 0, rss = 0] of processes) {
      if (known.has(parent) && !known.has(pid)) {
        known.add(pid);
        kilobytes += rss;
        grows = true;
      }
    }
  }
  return kilobytes / 1024;
}
