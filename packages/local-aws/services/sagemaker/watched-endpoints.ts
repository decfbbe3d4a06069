import type { Context } from "./context";
import { invalid } from "./errors";

/**
 * Refuses what AWS does to no endpoint that is watched, in words of our own.
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
