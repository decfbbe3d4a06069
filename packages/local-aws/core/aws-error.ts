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

/** What an operation that AWS has and this emulator has not answers. Named, so that nobody mistakes it for success. */
export function notImplemented(service: string, operation: string): AwsError {
  return new AwsError("NotImplemented", `NotImplemented: ${service}.${operation} is not part of the local AWS`, 501);
}
