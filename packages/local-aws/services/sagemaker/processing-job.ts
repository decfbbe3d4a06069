import type { CreateProcessingJobCommandInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import type { RunControl } from "../../core/run-control";
import { JobLife } from "./job-life";

export type ProcessingJobInput = Checked<CreateProcessingJobCommandInput>;

/** A processing job and where it stands. */
export class ProcessingJob extends JobLife {
  exitMessage: string | undefined;

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly input: ProcessingJobInput,
    readonly control: RunControl,
    /** The monitoring schedule that it is an execution of. */
    readonly monitoringScheduleArn?: string,
  ) {
    super();
  }
}
