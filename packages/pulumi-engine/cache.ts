import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { hasCode, lock } from "./lock";

/**
 * The folder of the user's cache where tools are kept for all checkouts: `$XDG_CACHE_HOME/sagemaker-safe-deploy`, else
 * `~/.cache/sagemaker-safe-deploy`. It may be deleted at any time; the next run makes what it needs again.
 * https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const base = environment.XDG_CACHE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), ".cache"), "sagemaker-safe-deploy");
}

/** Where the cached folder of this name is, or `undefined` as long as it has not been made. */
export async function findCached(name: string, folder = cacheFolder()): Promise<string | undefined> {
  const path = join(folder, name);
  return (await exists(path)) ? path : undefined;
}

export interface CacheOptions {
  /** Called once where another process is making the same folder. */
  readonly onWait?: (holder: string) => void;
  /** @default {@link cacheFolder} */
  readonly folder?: string;
}

/**
 * The cached folder of this name, which `make` fills when it is not there yet. The name holds what the content depends on (a version,
 * a hash): a folder is never changed once it is there.
 *
 * Any number of processes may ask at once. One makes it, in a folder beside, and the others wait; it appears under its name only
 * when it is complete.
 *
 * @throws what `make` throws; nothing is left behind then.
 */
export async function cached(
  name: string,
  make: (folder: string) => Promise<void>,
  { onWait, folder = cacheFolder() }: CacheOptions = {},
): Promise<string> {
  const path = join(folder, name);
  if (await exists(path)) {
    return path;
  }
  await mkdir(folder, { recursive: true });
  const held = await lock(`${path}.lock`, { onWait });
  try {
    if (!(await exists(path))) {
      await removeUnfinished(folder, name);
      const unfinished = `${path}.unfinished-${randomUUID()}`;
      await mkdir(unfinished);
      try {
        await make(unfinished);
        await moveInto(unfinished, path);
      } finally {
        await rm(unfinished, { recursive: true, force: true });
      }
    }
    return path;
  } finally {
    await held.release();
  }
}

/**
 * Removes a cached folder that does not work any more, so that it is made anew.
 *
 * @throws Error that names the folder, if it cannot be removed
 */
export async function discard(path: string): Promise<void> {
  // Moved first, so that nobody finds half of it.
  const away = `${path}.unfinished-${randomUUID()}`;
  try {
    await rename(path, away);
    await rm(away, { recursive: true, force: true });
  } catch (error) {
    if (!hasCode(error, "ENOENT")) {
      throw new Error(`${path} is broken and cannot be removed: delete it, and start again`, { cause: error });
    }
  }
}

/** What processes that were killed have left. */
async function removeUnfinished(folder: string, name: string): Promise<void> {
  for (const entry of await readdir(folder)) {
    if (entry.startsWith(`${name}.unfinished-`)) {
      await rm(join(folder, entry), { recursive: true, force: true });
    }
  }
}

/** A process whose lock was taken over, because its machine slept, may find that the folder is there already: either will do. */
async function moveInto(unfinished: string, path: string): Promise<void> {
  try {
    await rename(unfinished, path);
  } catch (error) {
    if (!hasCode(error, "ENOTEMPTY") && !hasCode(error, "EEXIST")) {
      throw error;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      return false;
    }
    throw error;
  }
}
