/** The clock of a poll: real time in the providers, simulated time in tests. */
export interface PollClock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/** Options of {@link poll}. */
export interface PollOptions<T> {
  /** Looks once. */
  look(): Promise<T>;
  /** Whether the state that a look saw is final. */
  settled(seen: T): boolean;
  /** Whether an error of a look passes by itself (throttling, a dropped connection), so that polling goes on. */
  passes(error: unknown): boolean;
  /** Called after each successful look with what it saw, the last included. */
  onLook?(seen: T): void;
  /** Called with the first of several passing errors in a row, so that a long outage is told once. */
  onTrouble?(error: unknown): void;
  /** Seconds between two looks. Each wait is up to 10 % shorter or longer, so that many pollers do not fall into step. */
  intervalSeconds: number;
  /** When to give up, in milliseconds since 1970. There is always at least one look. */
  deadline: number;
  clock: PollClock;
}

/** The result of a poll. If time ran out, `seen` is what was seen last, if anything, and `trouble` the error of the last look, if it failed. */
export type Polled<T> =
  | { readonly settled: true; readonly seen: T }
  | { readonly settled: false; readonly seen: T | undefined; readonly trouble: unknown };

/** Share of the interval by which a wait may vary. */
const JITTER = 0.1;

/**
 * Looks again and again until what it sees has settled or the deadline is reached; the last look falls on the deadline.
 *
 * After a failed look it does not wait a whole interval: one second, then twice as long each time, never longer than the interval.
 *
 * @throws an error of a look that does not pass by itself, at once.
 */
export async function poll<T>(options: PollOptions<T>): Promise<Polled<T>> {
  const { clock, deadline, intervalSeconds } = options;
  let seen: T | undefined;
  let failures = 0;
  for (;;) {
    // The time is read before the look. A look that begins in time counts, however long AWS takes to answer.
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
