import type { PollClock } from "../../../lib/poll";

/** Longest time between two looks at the parent process. */
const SLICE_MILLISECONDS = 500;

const parent = process.ppid;

/**
 * The clock by which a provider waits. It waits in short slices and ends the process once the engine that started it is gone. The host
 * ignores `cancel`, so the provider of a killed engine would otherwise poll for hours. What it was waiting for goes on in AWS, and the next
 * `pulumi up` finds it there.
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
