import type { Clock } from "./clock";

/** Thrown if the local AWS ends while something waits. Nothing more must be done about it. */
export class ShutDown extends Error {
  override readonly name = "ShutDown";
}

/**
 * Waits as long as AWS would take. Rejects with the signal's reason if the signal comes first, and with {@link ShutDown} if the local AWS
 * ends, so that nothing goes on only because its waiting was cut short.
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

/** Waits for `work`, but only until the signal comes. Then it rejects with the signal's reason. */
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
