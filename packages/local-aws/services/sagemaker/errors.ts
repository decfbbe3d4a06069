import { AwsError, notPartOfLocal } from "../../core/aws-error";
import { messageOf } from "../../core/failure";
import type { Local } from "../../core/local";

/** SageMaker answers nearly everything that is wrong, a missing resource included, as `ValidationException`. */
export function invalid(message: string): AwsError {
  return new AwsError("ValidationException", message);
}

/** Refuses the first of `members` that has a value. */
export function refuseMembers(input: object, members: readonly string[], operation: string): void {
  const given = members.find((member) => member in input && Reflect.get(input, member) !== undefined);
  if (given !== undefined) {
    throw notPartOfLocal(`${operation} with ${given}`);
  }
}

/** Why a job or a deployment failed, in the words of its `FailureReason`. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
}

/** What SageMaker says of a job that it could not run, through no fault of the job. */
const PASSING_FAILURES = {
  capacity:
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type.",
  "internal-error": "InternalServerError: We encountered an internal error. Please try again.",
};

/** @throws RunFailure if the job has been ordered to fail */
export function failAsOrdered({ faults }: Pick<Local, "faults">, jobName: string): void {
  const ordered = faults.jobFails(jobName);
  if (ordered !== undefined) {
    throw new RunFailure(PASSING_FAILURES[ordered]);
  }
}

/**
 * The `FailureReason` of whatever was thrown: AWS's own words where it failed as it would on AWS, else the defect here.
 */
export function failureReason(error: unknown): string {
  if (error instanceof RunFailure || error instanceof AwsError) {
    return error.message;
  }
  return `InternalServerError: We encountered an internal error. Please try again. (defect in the local AWS: ${messageOf(error)})`;
}
