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
  const message = [kind, error.message].filter((part) => part !== undefined && part !== "").join(": ");
  return kind === undefined ? error : new Error(message, { cause: error });
}
