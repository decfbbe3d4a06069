import { ShutDown } from "./waiting";

/** Work that goes on after the operation that began it has answered. */
export class Background {
  private readonly running = new Set<Promise<void>>();

  /**
   * Begins work. It is to note by itself how it ends; what it throws all the same is a defect, which is told, unless the local AWS ends.
   *
   * @param what for the message, such as `deployment d-9Y84SF70K`
   * @param onDefect notes where the work's state is kept that it has come to nothing
   */
  begin(what: string, work: () => Promise<void>, onDefect: (error: unknown) => void = () => undefined): void {
    const ended = guarded(what, work, onDefect).finally(() => this.running.delete(ended));
    this.running.add(ended);
  }

  /** Resolves when everything that was begun has ended. */
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
