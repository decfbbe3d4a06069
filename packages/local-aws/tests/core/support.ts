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
