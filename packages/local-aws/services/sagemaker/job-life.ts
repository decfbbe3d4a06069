import { rm } from "node:fs/promises";
import { RunStopped } from "../../core/run-control";
import { failureReason } from "./errors";

/** Where a processing or transform job stands. */
export class JobLife {
  readonly createdAt = new Date();
  modifiedAt = this.createdAt;
  status: "InProgress" | "Stopping" | "Completed" | "Failed" | "Stopped" = "InProgress";
  failureReason: string | undefined;
  startedAt: Date | undefined;
  endedAt: Date | undefined;

  start(): void {
    this.startedAt = new Date();
    this.modifiedAt = this.startedAt;
  }

  /** Does the job's work in a folder of its own, and notes how it ended. Never rejects. */
  async live(baseDir: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.end("Completed");
    } catch (error) {
      if (error instanceof RunStopped) {
        this.end("Stopped");
      } else {
        this.failureReason = failureReason(error);
        this.end("Failed");
      }
    } finally {
      await rm(baseDir, { recursive: true, force: true });
    }
  }

  private end(status: "Completed" | "Failed" | "Stopped"): void {
    this.endedAt = new Date();
    this.modifiedAt = this.endedAt;
    this.status = status;
  }
}
