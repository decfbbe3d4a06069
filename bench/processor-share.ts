import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Skipped } from "./measure";

const GROUPS = "/sys/fs/cgroup";

/** Microseconds in which a share is counted; Lambda is said to count in as many. */
const PERIOD = 20_000;

/** A share of one processor, which programs can be limited to: a control group of Linux. */
export class Share {
  private constructor(private readonly folder: string) {}

  /** @throws {Skipped} if this machine lets the user make no control group. */
  static async make(share: number): Promise<Share> {
    const isUnified = existsSync(join(GROUPS, "cgroup.controllers"));
    const folder = join(GROUPS, isUnified ? "" : "cpu", `safe-deploy-bench-${randomUUID()}`);
    const quota = Math.round(share * PERIOD);
    try {
      await mkdir(folder);
      if (isUnified) {
        await writeFile(join(folder, "cpu.max"), `${quota} ${PERIOD}`);
      } else {
        await writeFile(join(folder, "cpu.cfs_period_us"), String(PERIOD));
        await writeFile(join(folder, "cpu.cfs_quota_us"), String(quota));
      }
    } catch (error) {
      throw new Skipped(
        `this machine does not let you limit a program to a share of a processor (${String(error)}): run it as root on Linux`,
        {
          cause: error,
        },
      );
    }
    return new Share(folder);
  }

  /** A command as one that has no more than the share. */
  limited(command: readonly string[]): [string, ...string[]] {
    return ["/bin/sh", "-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', this.folder, ...command];
  }

  remove(): Promise<void> {
    return rmdir(this.folder);
  }
}
