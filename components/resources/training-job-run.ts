import type * as pulumi from "@pulumi/pulumi";
import type { TrainingJobInputs, TrainingResults } from "../providers/jobs/training-job-provider";
import type { WaitingArguments } from "./arguments";
import { OwnResource } from "./own-resource";
import { shim } from "./shim";

/** Arguments for {@link TrainingJobRun}: see {@link TrainingJobInputs} for each. */
export type TrainingJobRunArgs = WaitingArguments<TrainingJobInputs>;

/**
 * A SageMaker training job that the update waits for. SageMaker never runs a name twice, so another definition needs another `jobName`,
 * which makes another job. A job that an interrupted update has started is found by its name and taken over.
 */
export class TrainingJobRun extends OwnResource {
  declare public readonly jobArn: pulumi.Output<string>;
  /** `Completed`; anything else has failed the update. */
  declare public readonly status: pulumi.Output<string>;
  /** S3 URI of the model archive. */
  declare public readonly modelDataUrl: pulumi.Output<TrainingResults["modelDataUrl"]>;
  /** Last value of each metric, by name. */
  declare public readonly metrics: pulumi.Output<TrainingResults["metrics"]>;
  /** Seconds that are paid for. */
  declare public readonly billableSeconds: pulumi.Output<TrainingResults["billableSeconds"]>;
  /** Seconds that the job trained. */
  declare public readonly trainingSeconds: pulumi.Output<TrainingResults["trainingSeconds"]>;

  constructor(name: string, args: TrainingJobRunArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      jobArn: undefined,
      status: undefined,
      modelDataUrl: undefined,
      metrics: undefined,
      billableSeconds: undefined,
      trainingSeconds: undefined,
    };
    super(provider, name, { ...args, ...outputs }, opts, "sagemaker-safe-deploy", "TrainingJobRun");
  }
}

const provider = shim("trainingJobRun");
