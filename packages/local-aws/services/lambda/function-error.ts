/** Errors of a function that the function cannot tell itself, because it is gone, with the words in which Lambda tells them. */
interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
}

/** AWS adds 100 bytes to its 6 MB. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const RESPONSE_LIMIT_BYTES = 6_291_556;

/** https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html */
export function timeoutError(requestId: string, timeoutSeconds: number): FunctionError {
  return {
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  };
}

/** @param code exit code of the process, or `null` where a signal ended it */
export function exitError(requestId: string, code: number | null): FunctionError {
  const reason =
    code === 0
      ? "Runtime exited without providing a reason"
      : `Runtime exited with error: ${code === null ? "signal: killed" : `exit status ${code}`}`;
  return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${reason}` };
}

export function responseTooLarge(): FunctionError {
  return {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${RESPONSE_LIMIT_BYTES} bytes).`,
  };
}

/** The error as the answer to the caller. */
export function errorPayload(error: FunctionError): { readonly payload: Uint8Array; readonly errorType: string } {
  return { payload: Buffer.from(JSON.stringify(error)), errorType: error.errorType };
}
