import type { DescribeTrialComponentCommandOutput } from "@aws-sdk/client-sagemaker";

export type Details = Partial<Omit<DescribeTrialComponentCommandOutput, "$metadata">>;

/** One step of a trial: a job, or what a program recorded of itself. */
export interface TrialComponent {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** All else that there is to tell of it now: a job's component changes as the job goes on. */
  details(): Details;
}
