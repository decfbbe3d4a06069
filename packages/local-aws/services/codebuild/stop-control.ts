import type { Clock } from "../../core/clock";
import { BuildStopped, type StopReason } from "./failure";

/** The one handle by which a running build is stopped, and by which it waits. */
export class StopControl {
  private why: StopReason | undefined;
  private readonly listeners = new Set<(why: StopReason) => void>();

  constructor(private readonly clock: Clock) {}

  /** The first reason counts. */
  stop(why: StopReason): void {
    if (this.why === undefined) {
      this.why = why;
      [...this.listeners].forEach((tell) => tell(why));
    }
  }

  /** @throws BuildStopped where the build is to end */
  check(): void {
    if (this.why !== undefined) {
      throw new BuildStopped(this.why);
    }
  }

  /** Calls `tell` when the build is to end, at once where it already is. Returns how to call that off. */
  onStop(tell: (why: StopReason) => void): () => void {
    if (this.why !== undefined) {
      tell(this.why);
    }
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  }

  /** Waits as long as AWS would take. @throws BuildStopped where the build is to end before */
  async pause(seconds: number): Promise<void> {
    let release: () => void = () => undefined;
    let cancel: () => void = () => undefined;
    await new Promise<void>((resolve) => {
      cancel = this.clock.after(seconds * 1000, resolve, () => this.stop("closing"));
      release = this.onStop(() => resolve());
    });
    cancel();
    release();
    this.check();
  }
}
