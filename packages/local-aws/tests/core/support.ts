import { setTimeout as sleep } from "node:timers/promises";

/** The error that a call ends with. */
export async function rejection(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) {
      return error;
    }
    throw error;
  }
  throw new Error("the call was expected to fail");
}

/** Runs `run` while what is printed as an error is kept instead. */
export async function silenced<T>(run: () => Promise<T>): Promise<{ result: T; printed: string[] }> {
  const before = console.error;
  const printed: string[] = [];
  console.error = (line: string) => printed.push(line);
  try {
    return { result: await run(), printed };
  } finally {
    console.error = before;
  }
}

/** Waits until something holds, for 15 seconds at most. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > end) {
      throw new Error("it did not come to that");
    }
    await sleep(20);
  }
}
