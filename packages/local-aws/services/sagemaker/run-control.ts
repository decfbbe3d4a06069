import type { Child } from "../../core/child";
import type { Clock } from "../../core/clock";

/** Thrown inside a job's or a deployment's run where it is to end before its work is done. */
export class RunStopped extends Error {
  override readonly name = "RunStopped";

  constructor(readonly why: StopReason) {
    super(`the run was stopped: ${why}`);
  }
}

/** `asked`: by a stop operation. `runtime`: the stopping condition. `closing`: the local AWS ends. */
export type StopReason = "asked" | "runtime" | "closing";

/** SageMaker sends SIGTERM and, 120 s later, SIGKILL. */
const GRACE_SECONDS = 120;

/** The one handle by which a running job or deployment is stopped, and by which its run waits. */
export class RunControl {
  private why: StopReason | undefined;
  private readonly whenStopped = new Set<() => void>();

  constructor(private readonly clock: Clock) {}

  get stopped(): boolean {
    return this.why !== undefined;
  }

  /** Asks the run to end; the first reason counts, but for the end of everything. */
  stop(why: StopReason): void {
    if (this.why === undefined || why === "closing") {
      this.why = why;
      [...this.whenStopped].forEach((wake) => wake());
    }
  }

  /** Waits as long as AWS would take. @throws RunStopped where the job is stopped before or meanwhile. */
  async pause(seconds: number): Promise<void> {
    this.check();
    await new Promise<void>((resolve) => {
      const cancel = this.clock.after(seconds * 1000, done, done);
      const whenStopped = this.whenStopped;
      function done() {
        whenStopped.delete(done);
        cancel();
        resolve();
      }
      whenStopped.add(done);
    });
    this.check();
  }

  /**
   * Waits for real work and for as long as AWS would take for it. Ends only when both have, for what is under way must
   * not be left to write into a folder that is being removed; throws what stopped the wait before what the work threw.
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

  /**
   * Waits for a container to end. Its longest run is real time, for its work is real.
   *
   * @throws RunStopped once the container has ended because the job was stopped or ran too long.
   */
  async wait(child: Child, maxRuntimeSeconds: number): Promise<number | null> {
    const end = () => void child.stop(this.why === "closing" ? 0 : this.clock.real(GRACE_SECONDS * 1000));
    this.whenStopped.add(end);
    if (this.why !== undefined) {
      end();
    }
    // setTimeout cannot hold more than 2^31-1 ms, 24 days; the longest job AWS allows has 28.
    const limit = setTimeout(() => this.stop("runtime"), Math.min(maxRuntimeSeconds * 1000, 2 ** 31 - 1));
    try {
      const code = await child.exited;
      this.check();
      return code;
    } finally {
      clearTimeout(limit);
      this.whenStopped.delete(end);
    }
  }

  private check(): void {
    if (this.why !== undefined) {
      throw new RunStopped(this.why);
    }
  }
}
