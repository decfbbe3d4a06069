import { format } from "node:util";
import { errorReport } from "./errors";

/** In the order of their weight. */
const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;
type Level = (typeof LEVELS)[number];

/**
 * Makes `console` write as in Lambda: one line per call with time, request and level, as text or as JSON by the function's log
 * format. Whoever must write a line as it is (EMF in text format, say) writes to `process.stdout`.
 * https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html
 */
export function logTo(output: NodeJS.WritableStream, requestId: () => string | undefined): void {
  const asJson = process.env.AWS_LAMBDA_LOG_FORMAT === "JSON";
  const wanted = process.env.AWS_LAMBDA_LOG_LEVEL?.toUpperCase();
  const lowest = LEVELS.findIndex((level) => level === wanted);
  const write = (level: Level, values: readonly unknown[]) => {
    if (LEVELS.indexOf(level) >= lowest) {
      const line = (asJson ? jsonLine : textLine)(level, requestId(), values);
      output.write(`${line}\n`);
    }
  };
  console.trace = (...values: unknown[]) => write("TRACE", values);
  console.debug = (...values: unknown[]) => write("DEBUG", values);
  console.log = (...values: unknown[]) => write("INFO", values);
  console.info = (...values: unknown[]) => write("INFO", values);
  console.warn = (...values: unknown[]) => write("WARN", values);
  console.error = (...values: unknown[]) => write("ERROR", values);
}

function textLine(level: Level, requestId: string | undefined, values: readonly unknown[]): string {
  const message = `${new Date().toISOString()}\t${requestId}\t${level}\t${format(...values)}`;
  // One call is one event of the log, however many lines it has; the local AWS turns these back.
  return message.replaceAll("\n", "\u001d");
}

function jsonLine(level: Level, requestId: string | undefined, values: readonly unknown[]): string {
  const error = values.find((value) => value instanceof Error);
  const line = {
    timestamp: new Date().toISOString(),
    level,
    ...(requestId === undefined ? {} : { requestId }),
    message: values.length === 1 && !(values[0] instanceof Error) ? values[0] : format(...values),
    ...(error === undefined ? {} : jsonError(error)),
  };
  try {
    return JSON.stringify(line);
  } catch {
    // A value that refers to itself has no JSON; its text has.
    return JSON.stringify({ ...line, message: format(...values) });
  }
}

function jsonError(error: Error): object {
  const { errorType, errorMessage, trace } = errorReport(error);
  return { errorType, errorMessage, stackTrace: trace.slice(1) };
}
