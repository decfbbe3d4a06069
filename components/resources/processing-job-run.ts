import type * as pulumi from "@pulumi/pulumi";
import type { ProcessingJobInputs, ProcessingResults } from "../providers/jobs/processing-job-provider";
import type { WaitingArguments } from "./arguments";
import { OwnResource } from "./own-resource";
import { shim } from "./shim";

/** Arguments for {@link ProcessingJobRun}: see {@link ProcessingJobInputs} for each. */
export type ProcessingJobRunArgs = WaitingArguments<ProcessingJobInputs>;

/**
 * A SageMaker processing job that the update waits for. SageMaker never runs a name twice, so another definition needs another `jobName`,
 * which makes another job. A job that an interrupted update has started is found by its name and taken over.
 */
export class ProcessingJobRun extends OwnResource {
  declare public readonly jobArn: pulumi.Output<string>;
  /** `Completed`; anything else has failed the update. */
  declare public readonly status: pulumi.Output<string>;
  /** S3 URI of each output, by its name. */
  declare public readonly outputUris: pulumi.Output<ProcessingResults["outputUris"]>;
  /** What the program left in `/opt/ml/output/message`, if anything. */
  declare public readonly exitMessage: pulumi.Output<ProcessingResults["exitMessage"] | undefined>;
  /** Seconds that the job ran. */
  declare public readonly processingSeconds: pulumi.Output<ProcessingResults["processingSeconds"]>;

  constructor(name: string, args: ProcessingJobRunArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      jobArn: undefined,
      status: undefined,
      outputUris: undefined,
      exitMessage: undefined,
      processingSeconds: undefined,
    };
    super(provider, name, { ...args, ...outputs }, opts, "sagemaker-safe-deploy", "ProcessingJobRun");
  }
}

const provider = shim("processingJobRun");
