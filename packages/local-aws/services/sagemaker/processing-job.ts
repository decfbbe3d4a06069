import type { CreateProcessingJobCommandInput, ProcessingJobStatus } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import type { RunControl } from "../../core/run-control";

export type ProcessingJobInput = Checked<CreateProcessingJobCommandInput>;

/** A processing job and where it stands. */
export class ProcessingJob {
  readonly createdAt = new Date();
  modifiedAt = this.createdAt;
  status: ProcessingJobStatus = "InProgress";
  failureReason: string | undefined;
  exitMessage: string | undefined;
  startedAt: Date | undefined;
  endedAt: Date | undefined;

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly input: ProcessingJobInput,
    readonly control: RunControl,
    /** The monitoring schedule that it is an execution of. */
    readonly monitoringScheduleArn?: string,
  ) {}

  start(): void {
    this.startedAt = new Date();
    this.modifiedAt = this.startedAt;
  }

  end(status: "Completed" | "Failed" | "Stopped"): void {
    this.endedAt = new Date();
    this.modifiedAt = this.endedAt;
    this.status = status;
  }
}
