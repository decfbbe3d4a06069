/** An error as AWS answers it: its code is what the clients' error classes are chosen by. */
export class AwsError extends Error {
  override readonly name = "AwsError";

  constructor(
    /** AWS's error code, such as `ResourceNotFoundException`. */
    readonly code: string,
    message: string,
    readonly statusCode = 400,
    /** Further members of the error's shape, such as `OriginalStatusCode` of `ModelError`. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

/** What AWS has and the local AWS has not is told by name, so that nobody believes it took effect. */
export function notPartOfLocal(what: string): AwsError {
  return new AwsError("NotImplemented", `NotImplemented: ${what} is not part of the local AWS`, 501);
}

/** The same for an operation, or for an operation with something that it is given. */
export function notImplemented(service: string, operation: string): AwsError {
  return notPartOfLocal(`${service}.${operation}`);
}
