import type { LogSink } from "../../core/local";
import type { Build } from "./build";

/** A build's log as CloudWatch Logs shows it. */
export class ContainerLog {
  constructor(
    private readonly sink: LogSink,
    private readonly build: Build,
    private readonly now: () => Date,
  ) {}

  /** A line of CodeBuild's own, such as `[Container] 2026/11/24 07:49:55.123000 Running command npm ci`. */
  say(text: string): void {
    const time = this.now().toISOString().replace(/-/g, "/").replace("T", " ").replace("Z", "000");
    this.print(`[Container] ${time} ${text}`);
  }

  /** A line of a command. */
  print(line: string): void {
    const { log } = this.build;
    if (log !== undefined) {
      this.sink.write(log.group, log.stream, [line]);
    }
  }

  phaseEnded(phase: string, status: string, code = "", message = ""): void {
    this.say(`Phase complete: ${phase} State: ${status}`);
    this.say(`Phase context status code: ${code} Message: ${message}`);
  }
}
