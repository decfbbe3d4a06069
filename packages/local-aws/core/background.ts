import { ShutDown } from "./waiting";

/** Work that goes on after its operation has answered. */
export class Background {
  private readonly running = new Set<Promise<void>>();

  /**
   * Begins work. The work must note its own end. If it throws all the same, that is a defect, which is reported unless the local AWS ends.
   *
   * @param what for the message, such as `deployment d-9Y84SF70K`
   * @param onDefect notes in the work's state that it has failed
   */
  begin(what: string, work: () => Promise<void>, onDefect: (error: unknown) => void = () => undefined): void {
    const ended = guarded(what, work, onDefect).finally(() => this.running.delete(ended));
    this.running.add(ended);
  }

  /** Resolves when all work has ended. */
  async ended(): Promise<void> {
    await Promise.all(this.running);
  }
}

async function guarded(what: string, work: () => Promise<void>, onDefect: (error: unknown) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof ShutDown)) {
      console.error(`local AWS: ${what} ended by a defect in the local AWS:`, error);
      onDefect(error);
    }
  }
}
