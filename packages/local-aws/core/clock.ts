/** Node's longest timer, 24.8 days; a longer one fires at once. No run lasts that long, but AWS lets a training job run for 28 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The one place where the local AWS waits. Time stamps are real; every *duration* that AWS would take (a job's start-up, an
 * alarm's period, a canary's interval) passes `speed` times faster. Work that really runs here (training, a function's code)
 * takes as long as it takes, and its time-outs are not scaled.
 */
export class Clock {
  private readonly timers = new Set<() => void>();
  private stopped = false;

  constructor(readonly speed: number) {
    if (!(speed > 0)) {
      throw new Error(`speed must be above 0, got ${speed}`);
    }
  }

  now(): Date {
    return new Date();
  }

  /** Real milliseconds here for `milliseconds` of AWS. */
  real(milliseconds: number): number {
    return milliseconds / this.speed;
  }

  /** Seconds of AWS that have passed since `start`. */
  awsSecondsSince(start: Date): number {
    return ((Date.now() - start.getTime()) * this.speed) / 1000;
  }

  /** Waits for `milliseconds` of AWS. Once the clock is stopped, it resolves early and later calls do not wait. */
  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(milliseconds, resolve, resolve);
    });
  }

  /** Waits in real time, for durations that are not AWS's. Resolves early once the clock is stopped. */
  sleepReal(milliseconds: number): Promise<void> {
    return this.sleep(milliseconds * this.speed);
  }

  /** Calls `run` once, after `milliseconds` of AWS. Returns a function that cancels it. */
  after(milliseconds: number, run: () => void, whenStopped: () => void = () => undefined): () => void {
    if (this.stopped) {
      whenStopped();
      return () => undefined;
    }
    const cancel = () => {
      clearTimeout(timer);
      this.timers.delete(stop);
    };
    const stop = () => {
      cancel();
      whenStopped();
    };
    const timer = setTimeout(
      () => {
        this.timers.delete(stop);
        run();
      },
      Math.min(this.real(milliseconds), LONGEST_TIMER_MS),
    );
    this.timers.add(stop);
    return cancel;
  }

  /** Calls `run` again and again, each time after the previous call has ended. Returns a function that ends it. */
  every(milliseconds: number, run: () => void | Promise<void>): () => void {
    let ended = false;
    let cancel: () => void = () => undefined;
    const next = () => {
      cancel = this.after(milliseconds, () => {
        void Promise.resolve(run()).finally(() => {
          if (!ended) {
            next();
          }
        });
      });
    };
    next();
    return () => {
      ended = true;
      cancel();
    };
  }

  /** Ends all waiting: sleepers wake, and scheduled calls are cancelled. */
  stop(): void {
    this.stopped = true;
    for (const stop of [...this.timers]) {
      stop();
    }
  }
}
