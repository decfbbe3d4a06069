/** An error as AWS answers it. Clients choose their error class by its code. */
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

/** The error for what AWS has and the local AWS does not. It names the thing, so that nobody believes it took effect. */
export function notPartOfLocal(what: string): AwsError {
  return new AwsError("NotImplemented", `NotImplemented: ${what} is not part of the local AWS`, 501);
}

/** The same for an operation, or for an argument of an operation. */
export function notImplemented(service: string, operation: string): AwsError {
  return notPartOfLocal(`${service}.${operation}`);
}
