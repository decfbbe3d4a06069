/**
 * Writes one line of the function's log, directly to stdout. Lambda puts a time stamp and a request id before what `console.log` prints, or
 * wraps it in JSON, and CloudWatch would then find no metrics in it.
 */
export function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Writes a structured line of the log. It must never contain what callers sent or models answered. */
export function log(
  level: "INFO" | "WARN" | "ERROR",
  message: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  writeLine(JSON.stringify({ timestamp: new Date().toISOString(), level, message, ...fields }));
}
