/**
 * An error as a person reads it: `AccessDeniedException: User … is not authorized`, `ECONNREFUSED: connect …`. What carries no code of
 * AWS or of the system is given back as it is.
 */
export function explained(error: unknown): Error {
  if (!(error instanceof Error)) {
    return new Error(String(error));
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  // The SDK marks its errors with what it knows of the response.
  const kind = "$metadata" in error ? error.name : code;
  const message = [kind, error.message].filter((part) => part !== undefined && part !== "").join(": ");
  return kind === undefined ? error : new Error(message, { cause: error });
}
