import type { Clock } from "./clock";

/** The local AWS ends while something waits: nothing more is to be done about it. */
export class ShutDown extends Error {
  override readonly name = "ShutDown";
}

/**
 * Waits as long as AWS would take. Rejects with the signal's reason when that is given before, and with {@link ShutDown} when the local
 * AWS ends: what waits must not go on because its waiting was cut short.
 */
export function pause(clock: Clock, seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const aborted = () => {
      cancel();
      reject(reasonOf(signal));
    };
    const cancel = clock.after(
      seconds * 1000,
      () => {
        signal?.removeEventListener("abort", aborted);
        resolve();
      },
      () => {
        signal?.removeEventListener("abort", aborted);
        reject(new ShutDown());
      },
    );
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

/** Waits for `work`, but no longer than until the signal is given. Rejects with its reason then. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(reasonOf(signal));
    if (signal.aborted) {
      work.catch(() => undefined);
      aborted();
      return;
    }
    signal.addEventListener("abort", aborted, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener("abort", aborted));
  });
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new ShutDown();
}
