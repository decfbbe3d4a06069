import type { Deployment } from "./deployments";
import type { LambdaRolloutInputs } from "./rollout-inputs";

/** What one attempt at a rollout has come to: whoever takes part notes here what state and message need, also when it fails. */
export interface Attempt {
  /** Deployment that it is about; "" while there is none. */
  deploymentId: string;
  /** That deployment as it was last seen. */
  deployment: Deployment | undefined;
  /** Whether the new release was seen to have all traffic. */
  hadAllTraffic: boolean;
  /** When the traffic was back on the old release, where the deployment was undone. */
  wentBack: Date | undefined;
}

export function newAttempt(): Attempt {
  return { deploymentId: "", deployment: undefined, hadAllTraffic: false, wentBack: undefined };
}

/** The alarms that are not watched during a deployment and after it: an emergency has set them aside, and CodeDeploy remembers it. */
export function ignoredAlarms(
  { emergency, alarmNames }: Pick<LambdaRolloutInputs, "emergency" | "alarmNames">,
  deployment: Deployment | undefined,
): string[] {
  const watched = emergency ? deployment?.overridingAlarms : undefined;
  return watched === undefined ? [] : alarmNames.filter((name) => !watched.includes(name));
}
