/**
 * An error as people should read it: `AccessDeniedException: User … is not authorized`, `ECONNREFUSED: connect …`. An error without a code
 * of AWS or of the system is returned unchanged.
 */
export function explained(error: unknown): Error {
  if (!(error instanceof Error)) {
    return new Error(String(error));
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  // Only errors of the SDK have metadata of the response.
  const kind = "$metadata" in error ? error.name : code;
  const isTold = kind !== undefined && error.message.startsWith(`${kind}: `);
  const message = [isTold ? "" : kind, error.message].filter((part) => part !== undefined && part !== "").join(": ");
  return kind === undefined ? error : new Error(message, { cause: error });
}

/** Errors that JavaScript and Zod throw by themselves. Nobody has written them for people. */
const UNFORESEEN = ["TypeError", "RangeError", "ReferenceError", "SyntaxError", "URIError", "ZodError", "$ZodError"];

/**
 * The same, and with the stack where it or its cause is one that this code has not foreseen: a defect, here or in a library. Whoever
 * reports that needs to know where it was.
 */
export function reported(error: unknown): Error {
  const seen = explained(error);
  const stack = stackOf(error);
  if (stack !== undefined && !seen.message.includes(stack)) {
    seen.message += `\nThis is a defect. Please report it with these lines:\n${stack}`;
  }
  return seen;
}

/** Where the error, or the one that has caused it, was thrown; `undefined` if it was foreseen. */
function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  const isForeseen = "code" in error || "$metadata" in error || !UNFORESEEN.includes(error.name);
  return isForeseen ? stackOf(error.cause) : error.stack;
}
