import type { Clock } from "./clock";

/** `asked`: by a stop operation. `overtime`: it took too long. `closing`: the local AWS ends. */
export type StopReason = "asked" | "overtime" | "closing";

/** Thrown inside the work of a job, a build or a deployment that must end early. */
export class RunStopped extends Error {
  override readonly name = "RunStopped";

  constructor(readonly why: StopReason) {
    super(`it was stopped: ${why}`);
  }
}

/** The only handle with which the work of a job, a build or a deployment is stopped, and with which it waits. */
export class RunControl {
  private why: StopReason | undefined;
  private readonly listeners = new Set<(why: StopReason) => void>();

  constructor(private readonly clock: Clock) {}

  get stopped(): boolean {
    return this.why !== undefined;
  }

  /** Asks the work to end. The first reason counts, unless everything ends. */
  stop(why: StopReason): void {
    if (this.why === undefined || why === "closing") {
      this.why = why;
      [...this.listeners].forEach((tell) => tell(why));
    }
  }

  /** @throws RunStopped if the work must end */
  check(): void {
    if (this.why !== undefined) {
      throw new RunStopped(this.why);
    }
  }

  /** Calls `tell` when the work must end, or at once if it must end already. Returns a function that cancels this. */
  onStop(tell: (why: StopReason) => void): () => void {
    if (this.why !== undefined) {
      tell(this.why);
    }
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  }

  /** Waits as long as AWS would take. @throws RunStopped if the work must end before or meanwhile */
  async pause(seconds: number): Promise<void> {
    let callOff: () => void = () => undefined;
    let cancel: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      cancel = this.clock.after(seconds * 1000, resolve, () => this.stop("closing"));
      callOff = this.onStop(() => resolve());
    });
    cancel();
    callOff();
    this.check();
  }

  /**
   * Waits for real work and for as long as AWS would take for it. Ends only when both have ended: work that is under way must not write
   * into a folder that is being removed. Throws the reason of the stop rather than the error of the work.
   */
  async pauseWith<T>(seconds: number, work: Promise<T>): Promise<T> {
    const [waited, worked] = await Promise.allSettled([this.pause(seconds), work]);
    if (waited.status === "rejected") {
      throw waited.reason;
    }
    if (worked.status === "rejected") {
      throw worked.reason;
    }
    return worked.value;
  }
}
