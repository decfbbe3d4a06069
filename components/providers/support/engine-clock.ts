import type { PollClock } from "../../../lib/poll";

/** Longest time that passes without a look at the parent process. */
const SLICE_MILLISECONDS = 500;

const parent = process.ppid;

/**
 * The time that a provider waits by. It waits in short slices, and ends the process once the engine that started it is gone:
 * the host ignores `cancel`, so a killed engine would otherwise leave its provider polling for hours. What the provider was
 * waiting for goes on in AWS, and the next `pulumi up` finds it there.
 */
export const engineClock: PollClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  async sleep(milliseconds) {
    const end = Date.now() + milliseconds;
    for (let left = milliseconds; left > 0; left = end - Date.now()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, SLICE_MILLISECONDS)));
      if (process.ppid !== parent) {
        process.exit(1);
      }
    }
  },
};
