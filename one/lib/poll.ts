/** What a poll needs of the world around it: real time in the providers, a made-up one in tests. */
export interface PollClock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** How {@link poll} looks at something until it has settled. */
export interface PollOptions<T> {
  /** Takes one look. */
  look(): Promise<T>;
  /** Whether what a look saw is the end of it. */
  settled(seen: T): boolean;
  /** Whether an error of a look passes by itself (throttling, a dropped connection), so that looking goes on. */
  passes(error: unknown): boolean;
  /** Called with what each successful look saw, the last included. */
  onLook?(seen: T): void;
  /** Called with the first error of each run of errors that pass, so that a long outage is told once. */
  onTrouble?(error: unknown): void;
  /** Seconds between two looks; each wait is up to 10 % shorter or longer, so that many pollers do not fall into step. */
  intervalSeconds: number;
  /** When to give up, in milliseconds since 1970. There is always one look, however late. */
  deadline: number;
  clock: PollClock;
}

/** What came of a poll: where time ran out, `seen` is the last thing seen (if any), `trouble` what the last look failed with (if it did). */
export type Polled<T> =
  | { readonly settled: true; readonly seen: T }
  | { readonly settled: false; readonly seen: T | undefined; readonly trouble: unknown };

/** Share of the interval by which a wait may differ from it. */
const JITTER = 0.1;

/**
 * Looks again and again until what it sees has settled or the deadline is reached; the last look falls on the deadline.
 *
 * After a failed look it does not wait a whole interval: one second, then twice as long each time, never longer than the interval.
 *
 * @throws at once what a look throws that does not pass by itself.
 */
export async function poll<T>(options: PollOptions<T>): Promise<Polled<T>> {
  const { clock, deadline, intervalSeconds } = options;
  let seen: T | undefined;
  let failures = 0;
  for (;;) {
    // Read before the look: a look that begins in time counts, however long AWS takes to answer it.
    const late = clock.now() >= deadline;
    let trouble: unknown;
    try {
      seen = await options.look();
      failures = 0;
      options.onLook?.(seen);
      if (options.settled(seen)) {
        return { settled: true, seen };
      }
    } catch (error) {
      if (!options.passes(error)) {
        throw error;
      }
      trouble = error;
      failures += 1;
      if (failures === 1) {
        options.onTrouble?.(error);
      }
    }
    if (late) {
      return { settled: false, seen, trouble };
    }
    const pause = failures === 0 ? intervalSeconds : Math.min(intervalSeconds, 2 ** (failures - 1));
    const jittered = pause * 1000 * (1 - JITTER + 2 * JITTER * clock.random());
    await clock.sleep(Math.max(0, Math.min(jittered, deadline - clock.now())));
  }
}
