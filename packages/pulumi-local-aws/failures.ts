import { codeOf } from "./retries";

/** The name that AWS gave an error, such as `ResourceNotFoundException`. */
export const errorName = (error: unknown) => (error instanceof Error ? error.name : "");

export const errorMessage = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * One readable line: what was being done to which resource, then AWS's own words.
 *
 * @example creating aws:sagemaker/endpoint:Endpoint "prod": ValidationException: Could not find endpoint configuration "x".
 */
export function failure(action: string, error: unknown): Error {
  return new Error(`${action}: ${reason(error)}`, { cause: error });
}

function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === "ECONNREFUSED" || code === "ECONNRESET") {
    return `the local AWS at ${process.env.AWS_ENDPOINT_URL ?? ""} does not answer (${code}); is it still running?`;
  }
  const name = errorName(error);
  return name === "" || name === "Error" ? errorMessage(error) : `${name}: ${errorMessage(error)}`;
}

/** AWS's words for a name that is taken. */
export function isTaken(error: unknown): boolean {
  return /already exist/i.test(errorMessage(error)) || /AlreadyExists/.test(errorName(error));
}

/** Answers `undefined` if AWS says that there is no such thing; `gone` tells its words for that from other errors. */
export async function unlessGone<T>(
  gone: readonly string[] | ((error: unknown) => boolean),
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (typeof gone === "function" ? gone(error) : gone.includes(errorName(error))) {
      return undefined;
    }
    throw error;
  }
}
