import { randomBytes } from "node:crypto";
import type { LogSink } from "../../core/local";
import type { FunctionVersion } from "./store";

/** What Lambda's REPORT line tells of one invocation. */
export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  /** Of the first invocation of a process only. */
  readonly initMs: number | undefined;
  readonly maxMemoryInMB: number;
  readonly status: "success" | "error" | "timeout";
  readonly errorType?: string;
}

/**
 * The log stream of one process of a function: what the function prints, and Lambda's own lines around it, as text or JSON.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
 */
export class ExecutionLog {
  readonly group: string;
  readonly stream: string;
  private readonly asJson: boolean;
  private invocation: string[] = [];

  constructor(
    private readonly sink: LogSink,
    private readonly of: FunctionVersion,
    /** Whether the function's role may make the group. */
    private readonly mayMakeGroup?: () => Promise<boolean>,
  ) {
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
    this.group = of.settings.logging.LogGroup;
    this.stream = `${day}/[${of.version}]${randomBytes(16).toString("hex")}`;
    this.asJson = of.settings.logging.LogFormat === "JSON";
  }

  /** A line of the function's own; in text format, line breaks within one event come as `\u001d` (see `runtime/console.ts`). */
  write(line: string): void {
    const event = this.asJson ? line : line.replaceAll("\u001d", "\n");
    this.invocation.push(event);
    this.sink.write(this.group, this.stream, [event], this.mayMakeGroup);
  }

  initStart(): void {
    // A function says for which Node it is written; it is the Node at hand that runs it here.
    const runtime = `${this.of.settings.runtime} (run by the local Node ${process.version})`;
    this.writeEvent("platform.initStart", `INIT_START Runtime Version: ${runtime}`, {
      initializationType: "on-demand",
      phase: "init",
      runtimeVersion: runtime,
      functionName: this.of.functionName,
      functionVersion: this.of.version,
    });
  }

  start(requestId: string): void {
    const { version } = this.of;
    this.invocation = [];
    this.writeEvent("platform.start", `START RequestId: ${requestId} Version: ${version}`, { requestId, version });
  }

  timedOut(requestId: string, timeoutSeconds: number): void {
    this.write(`${new Date().toISOString()} ${requestId} Task timed out after ${timeoutSeconds.toFixed(2)} seconds`);
  }

  /** Lambda's last words on an invocation. Returns the last 4 KB of its log, which `LogType: Tail` asks for. */
  end(report: Report): string {
    if (!this.asJson) {
      this.write(`END RequestId: ${report.requestId}`);
    }
    this.writeEvent("platform.report", this.reportLine(report), {
      requestId: report.requestId,
      metrics: this.reportMetrics(report),
      status: report.status,
      ...(report.errorType === undefined ? {} : { errorType: report.errorType }),
    });
    const TAIL_BYTES = 4096;
    return Buffer.from(`${this.invocation.join("\n")}\n`)
      .subarray(-TAIL_BYTES)
      .toString("utf8");
  }

  private reportMetrics({ durationMs, initMs, maxMemoryInMB }: Report) {
    return {
      durationMs: Number(durationMs.toFixed(3)),
      // Since August 2025 the time of the start is billed too.
      billedDurationMs: Math.ceil(durationMs + (initMs ?? 0)),
      memorySizeMB: this.of.settings.memorySizeInMB,
      maxMemoryUsedMB: maxMemoryInMB,
      ...(initMs === undefined ? {} : { initDurationMs: Number(initMs.toFixed(3)) }),
    };
  }

  private reportLine(report: Report): string {
    const metrics = this.reportMetrics(report);
    return [
      `REPORT RequestId: ${report.requestId}`,
      `Duration: ${report.durationMs.toFixed(2)} ms`,
      `Billed Duration: ${metrics.billedDurationMs} ms`,
      `Memory Size: ${metrics.memorySizeMB} MB`,
      `Max Memory Used: ${metrics.maxMemoryUsedMB} MB`,
      ...(report.initMs === undefined ? [] : [`Init Duration: ${report.initMs.toFixed(2)} ms`]),
      ...(report.status === "success" ? [] : [`Status: ${report.status}`]),
      ...(report.errorType === undefined ? [] : [`Error Type: ${report.errorType}`]),
    ].join("\t");
  }

  private writeEvent(type: string, text: string, record: object): void {
    this.write(this.asJson ? JSON.stringify({ time: new Date().toISOString(), type, record }) : text);
  }
}
