import type {
  CreateTrainingJobCommandInput,
  SecondaryStatus,
  SecondaryStatusTransition,
  TrainingJobStatus,
} from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import type { RunControl } from "../../core/run-control";
import type { MetricSeries } from "./training-metrics";

export type TrainingJobInput = Checked<CreateTrainingJobCommandInput>;

/** A training job and where it stands. */
export class TrainingJob {
  readonly createdAt = new Date();
  modifiedAt = this.createdAt;
  status: TrainingJobStatus = "InProgress";
  failureReason: string | undefined;
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  /** AWS's seconds between start and end. */
  seconds: number | undefined;
  modelArchiveUri: string | undefined;
  readonly transitions: (SecondaryStatusTransition & { Status: SecondaryStatus; StartTime: Date })[] = [];

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly input: TrainingJobInput,
    readonly image: string,
    readonly metrics: MetricSeries,
    readonly control: RunControl,
  ) {
    this.enter("Starting", "Starting the training job");
  }

  get secondaryStatus(): SecondaryStatus {
    return this.transitions.at(-1)?.Status ?? "Starting";
  }

  /** Goes on to a secondary status; what it was before ends now. */
  enter(status: SecondaryStatus, message: string): void {
    const now = new Date();
    const previous = this.transitions.at(-1);
    if (previous !== undefined) {
      previous.EndTime = now;
    }
    this.transitions.push({ Status: status, StartTime: now, StatusMessage: message });
    this.modifiedAt = now;
  }

  /** Ends the job. */
  end(status: "Completed" | "Failed" | "Stopped", secondary: SecondaryStatus, message: string): void {
    this.enter(secondary, message);
    const now = this.modifiedAt;
    const last = this.transitions.at(-1);
    if (last !== undefined) {
      last.EndTime = now;
    }
    this.endedAt = now;
    this.status = status;
  }
}
