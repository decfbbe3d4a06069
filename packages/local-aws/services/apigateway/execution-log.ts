import type { LogSink } from "../../core/local";
import { streamOf } from "./access-log";
import type { Call } from "./call";

/**
 * What API Gateway writes about its own work where a stage's `loggingLevel` asks for it: its errors, and at `INFO` the outline of
 * every request. AWS's has more lines; these are the ones that say what went wrong.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export function writeExecutionLog(logs: LogSink, call: Call, status: number, level: string): void {
  const { api, stage, request, error, requestId } = call;
  const failed = error === undefined ? [] : [error.detail];
  const lines =
    level === "INFO"
      ? [
          `Extended Request Id: ${call.extendedRequestId}`,
          `HTTP Method: ${request.method}, Resource Path: ${call.path}`,
          ...failed,
          `Method completed with status: ${status}`,
        ]
      : level === "ERROR"
        ? failed
        : [];
  if (lines.length > 0) {
    const group = `API-Gateway-Execution-Logs_${api.id}/${stage.stageName}`;
    logs.write(
      group,
      streamOf(call),
      lines.map((line) => `(${requestId}) ${line}`),
    );
  }
}
