import { answered } from "../support/aws";
import { engineClock } from "../support/engine-clock";
import type { Timing } from "../support/waiter";

/**
 * What SageMaker says to a job whose role, or whose role's policy, was made a moment ago and is not known everywhere yet. The AWS provider
 * waits for the same words (`internal/service/sagemaker/training_job.go`).
 */
const ROLE_IS_NEW = [
  "Could not assume role",
  "Unauthorized to List objects under S3 URL",
  "Access denied to OutputDataConfig S3 bucket",
  "no identity-based policy allows the s3:ListBucket action",
  "Access denied for repository",
];
/** The AWS provider waits as long. */
const LONGEST_SECONDS = 120;
const FIRST_PAUSE_SECONDS = 0.25;
const LONGEST_PAUSE_SECONDS = 5;

/**
 * Makes a call, and repeats it while SageMaker does not know the role yet.
 *
 * @throws the last error once the role would have been known for long, or time is up
 */
export async function onceRoleIsKnown<T>({ timeoutSeconds }: Timing, call: () => Promise<T>): Promise<T> {
  const deadline = engineClock.now() + Math.min(timeoutSeconds, LONGEST_SECONDS) * 1000;
  for (let seconds = FIRST_PAUSE_SECONDS; ; seconds = Math.min(seconds * 2, LONGEST_PAUSE_SECONDS)) {
    try {
      return await call();
    } catch (error) {
      if (!roleIsNew(error) || engineClock.now() >= deadline) {
        throw error;
      }
      await engineClock.sleep(seconds * 1000);
    }
  }
}

/** Whether SageMaker may only not know the role yet; a role that is wrong looks the same. */
function roleIsNew(error: unknown): boolean {
  return answered(error, "ValidationException") && ROLE_IS_NEW.some((words) => error.message.includes(words));
}
