import { randomUUID } from "node:crypto";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** A lock that is held; see {@link lock}. */
export interface Lock {
  release(): Promise<void>;
}

export interface LockOptions {
  /** Called once where another process holds the lock, with what it is known by. */
  readonly onWait?: (holder: string) => void;
  /** Time between two attempts. @default 200 */
  readonly pollMs?: number;
  /** A holder that has shown no sign of life for so long has lost the lock. @default 60000 */
  readonly staleMs?: number;
}

interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** By what a file tells that it is this process's. */
export function ownMark(): Holder {
  return { pid: process.pid, host: hostname() };
}

/** Whether a file with such a mark is that of a process of this machine that has ended. */
export function isOfEnded(content: string): boolean {
  return hasEnded(holderOf(content));
}

function hasEnded(holder: Holder | undefined): boolean {
  return holder?.host === hostname() && !isRunning(holder.pid);
}

/**
 * Takes the lock that the file `path` stands for, among all processes that use it, and waits while another has it. The lock of a
 * process that has died is taken over: at once if it ran on this machine, else after `staleMs`.
 */
export async function lock(path: string, options: LockOptions = {}): Promise<Lock> {
  const { onWait, pollMs = 200, staleMs = 60_000 } = options;
  const content = JSON.stringify({ ...ownMark(), token: randomUUID() });
  for (let waited = false; !(await create(path, content));) {
    const found = await readFile(path, "utf8").catch(() => undefined);
    if (found === undefined) {
      continue;
    }
    const holder = holderOf(found);
    if (await isStale(path, holder, staleMs)) {
      if (await breakLock(path, found, staleMs)) {
        continue;
      }
    } else if (!waited) {
      waited = true;
      onWait?.(holder === undefined ? "another process" : `process ${holder.pid} on ${holder.host}`);
    }
    await sleep(pollMs);
  }
  const alive = setInterval(() => {
    const now = new Date();
    // A lock that was taken away meanwhile cannot be kept alive, and there is nothing to do about it.
    utimes(path, now, now).catch(() => undefined);
  }, staleMs / 6);
  alive.unref();
  return {
    async release() {
      clearInterval(alive);
      if ((await readFile(path, "utf8").catch(() => undefined)) === content) {
        await rm(path, { force: true });
      }
    },
  };
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, "wx");
    await file.writeFile(content).finally(() => file.close());
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) {
      return false;
    }
    throw error;
  }
}

/** A file that is empty or cut short is being written at this moment, or was when its process died. */
function holderOf(content: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value === "object" && value !== null && "pid" in value && "host" in value) {
      const { pid, host } = value;
      return typeof pid === "number" && typeof host === "string" ? { pid, host } : undefined;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) {
      throw error;
    }
  }
  return undefined;
}

async function isStale(path: string, holder: Holder | undefined, staleMs: number): Promise<boolean> {
  return hasEnded(holder) || isOlder(path, staleMs);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return hasCode(error, "EPERM");
  }
}

/**
 * Removes the lock if it still is the one that was found to be stale; whoever waits may then take it. One process at a time does this,
 * as a second would remove the lock of the one that was quicker.
 *
 * @returns whether it is worth trying again at once
 */
async function breakLock(path: string, found: string, staleMs: number): Promise<boolean> {
  const guard = `${path}.break`;
  if (!(await create(guard, ""))) {
    // It is there for a moment only, unless its process was killed in that moment.
    if (await isOlder(guard, staleMs)) {
      await rm(guard, { force: true });
    }
    return false;
  }
  try {
    if ((await readFile(path, "utf8").catch(() => undefined)) === found) {
      await rm(path, { force: true });
    }
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function isOlder(path: string, ageMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > ageMs;
}

/** Whether an error of the operating system has this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
