import type { CreateExperimentCommandInput, CreateTrialCommandInput } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";

/** A group of trials. */
export interface Experiment {
  readonly name: string;
  readonly arn: string;
  readonly input: Checked<CreateExperimentCommandInput>;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
}

/** A group of trial components: the steps of one attempt. */
export interface Trial {
  readonly name: string;
  readonly arn: string;
  readonly input: Checked<CreateTrialCommandInput>;
  readonly createdAt: Date;
  modifiedAt: Date;
  /** Whether SageMaker has made it by itself. */
  readonly automatic: boolean;
  /** Names of its components. */
  readonly components: Set<string>;
}
