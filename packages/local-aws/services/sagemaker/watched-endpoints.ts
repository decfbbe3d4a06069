import type { Context } from "./context";
import { invalid } from "./errors";

/**
 * Refuses to update or delete an endpoint that is watched. AWS's notebooks delete the schedule first, and wait until it is gone:
 * https://github.com/aws/amazon-sagemaker-examples/pull/1137. The words are our own.
 *
 * @throws AwsError `ValidationException` where a monitoring schedule watches the endpoint
 */
export function refuseWatched({ store }: Context, endpointName: string, done: string): void {
  const watching = [...store.monitoringSchedules.values()].find((one) => one.endpointName === endpointName);
  if (watching !== undefined) {
    throw invalid(
      `Endpoint ${endpointName} cannot be ${done} while monitoring schedule "${watching.arn}" watches it. Delete the schedule first.`,
    );
  }
}
