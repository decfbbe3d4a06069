import { chmod, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "./failure";

/**
 * Removes one of the local AWS's own folders, even if programs have locked folders in it. If that fails, it reports so on stderr: a folder
 * that stays must not end anything else.
 */
export async function removeFolder(folder: string): Promise<void> {
  const remove = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    await remove().catch(async () => {
      await unlock(folder);
      await remove();
    });
  } catch (error) {
    console.error(`local AWS: ${folder} cannot be removed: ${messageOf(error)}`);
  }
}

async function unlock(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      await unlock(join(folder, entry.name));
    }
  }
}
