import { rmSync } from "node:fs";
import { mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isOfEnded, ownMark } from "pulumi-engine/lock";
import { removeFolder } from "./remove-folder";

const PREFIX = "local-aws-";
/** File in each folder that tells whose it is. */
const OWNER = "owner.json";

const folders = new Set<string>();
process.once("exit", () => {
  for (const folder of folders) {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // A program that was killed just now may still write into it; the next start removes it.
    }
  }
});

/** A temporary folder that only this user may enter. */
export interface Scratch {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * Makes a temporary folder, which goes when this process exits, at the latest. If the process is killed, the next that makes such a folder
 * removes it.
 */
export async function scratchFolder(): Promise<Scratch> {
  await removeLeftovers();
  const path = await mkdtemp(join(tmpdir(), PREFIX));
  folders.add(path);
  await writeFile(join(path, OWNER), JSON.stringify(ownMark()));
  return {
    path,
    async remove() {
      await removeFolder(path);
      folders.delete(path);
    },
  };
}

/** Removes the folders of processes of this machine that have ended. Those of others, and of other users, are left. */
async function removeLeftovers(): Promise<void> {
  for (const entry of (await readdir(tmpdir())).filter((name) => name.startsWith(PREFIX))) {
    const owner = await readFile(join(tmpdir(), entry, OWNER), "utf8").catch(() => undefined);
    if (owner !== undefined && isOfEnded(owner)) {
      await removeFolder(join(tmpdir(), entry));
    }
  }
}
