import type { CapacitySize, DeploymentConfig } from "@aws-sdk/client-sagemaker";
import type { Checked } from "../../core/operation";
import { invalid } from "./errors";

/** How an update of an endpoint moves the traffic from the old fleet to the new one. */
export interface ShiftPlan {
  /** Parts of the traffic, up to 1, that the new fleet gets one after the other. */
  readonly shares: readonly number[];
  /** Seconds for which the alarms are watched after each of them. */
  readonly bakeSeconds: number;
  /** Seconds for which the old fleet is kept afterwards. */
  readonly terminationSeconds: number;
  /** Longest that all of it may take. @default - no limit */
  readonly limitSeconds: number | undefined;
  readonly alarms: readonly string[];
  /** Parts of the traffic, down to 0, that the new fleet gets when the deployment is taken back. */
  readonly rollbackShares: readonly number[];
}

type Config = Checked<DeploymentConfig>;
type Size = Checked<CapacitySize>;

/** Least and most of a variant's instances, in per cent. */
const CANARY = { name: "CanarySize", least: 0, most: 50 };
const LINEAR_STEP = { name: "LinearStepSize", least: 10, most: 50 };
const ROLLING_BATCH = { name: "MaximumBatchSize", least: 5, most: 50 };
const ROLLBACK_BATCH = { name: "RollbackMaximumBatchSize", least: 0, most: 100 };

/** Without a policy, SageMaker shifts all traffic at once. */
const AT_ONCE = { shares: [1], bakeSeconds: 0, terminationSeconds: 0, limitSeconds: undefined, rollbackShares: [0] };

/**
 * Reads a deployment configuration. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
 *
 * @param instances how many each of the new fleet's variants has
 * @throws AwsError `ValidationException` if it is against AWS's limits
 */
export function shiftPlan(config: Config | undefined, instances: readonly number[]): ShiftPlan {
  const alarms = alarmsOf(config);
  const { BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling } = config ?? {};
  if (blueGreen !== undefined && rolling !== undefined) {
    throw invalid(
      "Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be used in a deployment configuration",
    );
  }
  const plan =
    blueGreen === undefined ? rolling && rollingPlan(rolling, instances) : blueGreenPlan(blueGreen, instances);
  return checked({ ...AT_ONCE, ...plan, alarms });
}

function blueGreenPlan(policy: NonNullable<Config["BlueGreenUpdatePolicy"]>, instances: readonly number[]) {
  const { TrafficRoutingConfiguration: routing } = policy;
  return {
    shares: blueGreenShares(routing, instances),
    bakeSeconds: routing.WaitIntervalInSeconds,
    terminationSeconds: policy.TerminationWaitInSeconds ?? 0,
    limitSeconds: policy.MaximumExecutionTimeoutInSeconds,
  };
}

function blueGreenShares(
  {
    Type: type,
    CanarySize: canary,
    LinearStepSize: step,
  }: NonNullable<Config["BlueGreenUpdatePolicy"]>["TrafficRoutingConfiguration"],
  instances: readonly number[],
): readonly number[] {
  switch (type) {
    case "ALL_AT_ONCE":
      refuse(canary ?? step, "CanarySize and LinearStepSize cannot be given for ALL_AT_ONCE");
      return [1];
    case "CANARY":
      refuse(step, "LinearStepSize cannot be given for CANARY");
      return [shareOf(required(canary, "CanarySize is required for CANARY"), CANARY, instances), 1];
    case "LINEAR":
      refuse(canary, "CanarySize cannot be given for LINEAR");
      return rising(shareOf(required(step, "LinearStepSize is required for LINEAR"), LINEAR_STEP, instances));
    default:
      throw invalid(`TrafficRoutingConfiguration Type must be ALL_AT_ONCE, CANARY or LINEAR, got ${String(type)}`);
  }
}

function rollingPlan(policy: NonNullable<Config["RollingUpdatePolicy"]>, instances: readonly number[]) {
  const { MaximumBatchSize: batch, RollbackMaximumBatchSize: back } = policy;
  return {
    shares: rising(shareOf(batch, ROLLING_BATCH, instances)),
    bakeSeconds: policy.WaitIntervalInSeconds,
    limitSeconds: policy.MaximumExecutionTimeoutInSeconds,
    rollbackShares: back === undefined ? [0] : falling(shareOf(back, ROLLBACK_BATCH, instances)),
  };
}

/** The part of the fleet that a size stands for; what is said in instances must fit the smallest variant. */
function shareOf(
  { Type: type, Value: value }: Size,
  { name, least, most }: typeof CANARY,
  instances: readonly number[],
): number {
  const smallest = Math.max(1, Math.min(...instances));
  const percent = type === "INSTANCE_COUNT" ? (100 * value) / smallest : value;
  if (value < 1 || percent < least || percent > most) {
    const got = type === "INSTANCE_COUNT" ? `${value} of ${smallest} instances` : `${value} per cent`;
    throw invalid(
      `${name} must be ${least === 0 ? "at most" : `${least} to`} ${most} per cent of a variant's instances, got ${got}`,
    );
  }
  return percent / 100;
}

function rising(step: number): readonly number[] {
  const steps = Math.ceil(1 / step - 1e-9);
  return Array.from({ length: steps }, (_, i) => Math.min(1, (i + 1) * step));
}

const falling = (step: number) => rising(step).map((share) => 1 - share);

function alarmsOf(config: Config | undefined): readonly string[] {
  const names = (config?.AutoRollbackConfiguration?.Alarms ?? []).flatMap(({ AlarmName }) => AlarmName ?? []);
  if (new Set(names).size < names.length || names.length > 10) {
    throw invalid(`Alarms must be at most 10, each once, got ${names.join(", ")}`);
  }
  return names;
}

function checked(plan: ShiftPlan): ShiftPlan {
  const { limitSeconds: limit, terminationSeconds, bakeSeconds, shares } = plan;
  const waits = terminationSeconds + bakeSeconds * shares.length;
  requireRange("WaitIntervalInSeconds", bakeSeconds, 0, 3600);
  requireRange("TerminationWaitInSeconds", terminationSeconds, 0, 3600);
  if (limit !== undefined) {
    requireRange("MaximumExecutionTimeoutInSeconds", limit, 600, 28_800);
  }
  if (limit !== undefined && limit <= waits) {
    throw invalid(
      `MaximumExecutionTimeoutInSeconds must be more than all that is waited, ${waits} seconds, got ${limit}`,
    );
  }
  return plan;
}

function requireRange(name: string, value: number, least: number, most: number): void {
  if (value < least || value > most) {
    throw invalid(`${name} must be between ${least} and ${most}, got ${value}`);
  }
}

function required(size: Size | undefined, message: string): Size {
  if (size === undefined) {
    throw invalid(message);
  }
  return size;
}

function refuse(size: Size | undefined, message: string): void {
  if (size !== undefined) {
    throw invalid(message);
  }
}
