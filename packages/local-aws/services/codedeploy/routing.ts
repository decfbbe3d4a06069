import type { TrafficRoutingConfig } from "@aws-sdk/client-codedeploy";
import { AwsError } from "../../core/aws-error";

/** One shift of the alias: this share goes to the new version, and is left there for a while. */
export interface Step {
  /** Per cent of the traffic that the new version gets. */
  readonly weight: number;
  /** Before the next step, in AWS's time. 0 after the last one. */
  readonly waitSeconds: number;
}

/** How CodeDeploy shifts the traffic of a Lambda alias. */
export type Routing =
  | { readonly type: "AllAtOnce" }
  | { readonly type: "TimeBasedCanary"; readonly percentage: number; readonly minutes: number }
  | { readonly type: "TimeBasedLinear"; readonly percentage: number; readonly minutes: number };

/** The longest that a deployment may shift traffic. https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html */
const MAX_MINUTES = 2880;

/**
 * Reads a traffic routing as `CreateDeploymentConfig` takes it.
 *
 * @throws AwsError `InvalidTrafficRoutingConfigurationException` with what is wrong
 */
export function routingOf(config: TrafficRoutingConfig): Routing {
  const { type, timeBasedCanary: canary, timeBasedLinear: linear } = config;
  switch (type) {
    case "AllAtOnce":
      requireNone("AllAtOnce", canary ?? linear);
      return { type };
    case "TimeBasedCanary":
      requireNone("TimeBasedCanary", linear);
      return { type, ...checked("canary", canary?.canaryPercentage, canary?.canaryInterval) };
    case "TimeBasedLinear":
      requireNone("TimeBasedLinear", canary);
      return { type, ...checked("linear", linear?.linearPercentage, linear?.linearInterval) };
    case undefined:
      throw invalid("type must be AllAtOnce, TimeBasedCanary or TimeBasedLinear");
  }
}

/** The steps by which the traffic is shifted: the last one gives all of it to the new version. */
export function stepsOf(routing: Routing): readonly Step[] {
  const whole = { weight: 100, waitSeconds: 0 };
  switch (routing.type) {
    case "AllAtOnce":
      return [whole];
    case "TimeBasedCanary":
      return [{ weight: routing.percentage, waitSeconds: routing.minutes * 60 }, whole];
    case "TimeBasedLinear": {
      const waitSeconds = routing.minutes * 60;
      const shifts = Math.ceil(100 / routing.percentage) - 1;
      const steps = Array.from({ length: shifts }, (_, i) => ({ weight: (i + 1) * routing.percentage, waitSeconds }));
      return [...steps, whole];
    }
  }
}

function checked(kind: string, percentage: number | undefined, minutes: number | undefined) {
  if (percentage === undefined || percentage < 1 || percentage > 99) {
    throw invalid(`${kind}Percentage must be between 1 and 99, got ${percentage ?? "none"}`);
  }
  if (minutes === undefined || minutes < 1 || minutes > MAX_MINUTES) {
    throw invalid(`${kind}Interval must be between 1 and ${MAX_MINUTES} minutes, got ${minutes ?? "none"}`);
  }
  return { percentage, minutes };
}

function requireNone(type: string, other: object | undefined): void {
  if (other !== undefined) {
    throw invalid(`${type} takes no settings of another type`);
  }
}

function invalid(why: string): AwsError {
  return new AwsError(
    "InvalidTrafficRoutingConfigurationException",
    `The traffic routing configuration is invalid: ${why}.`,
  );
}
