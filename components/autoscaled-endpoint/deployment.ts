import type * as pulumi from "@pulumi/pulumi";
import type { input } from "@pulumi/aws/types";

/**
 * How SageMaker replaces the instances of an endpoint that gets another configuration. It is meant for endpoints that are called directly.
 * If an alarm fires meanwhile, SageMaker goes back to the old configuration.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
 */
export type EndpointDeployment = (
  | {
      /** All traffic moves to a second fleet at once. */
      readonly type: "allAtOnce";
    }
  | {
      /** A share of the traffic moves to a second fleet, and the rest follows after a while. */
      readonly type: "canary";
      /** Percent of the instances in the first step, 1 to 50. */
      readonly percent: number;
    }
  | {
      /** The traffic moves to a second fleet in equal steps. */
      readonly type: "linear";
      /** Percent of the instances in each step, 10 to 50. */
      readonly percent: number;
    }
  | {
      /** A part of the instances is replaced at a time; there is no second fleet. */
      readonly type: "rolling";
      /** Percent of the instances that are replaced at a time, 5 to 50. */
      readonly percent: number;
      /** The same on the way back, 5 to 100. @default 100 */
      readonly rollbackPercent?: number;
    }
) & {
  /** CloudWatch alarms, at most 10. Each of them sends the traffic back. @default - none: only instances that do not start send it back */
  readonly alarmNames?: readonly pulumi.Input<string>[];
  /** Seconds after each step in which the alarms are watched, 0 to 3600. @default 300 */
  readonly bakeSeconds?: number;
  /** Seconds that the old fleet stays after the last step, 0 to 3600. Not for `rolling`, which keeps no old fleet. @default 0 */
  readonly terminationWaitSeconds?: number;
};

type DeploymentConfig = input.sagemaker.EndpointDeploymentConfig;

const DEFAULT_BAKE_SECONDS = 300;
/** Seconds for instances to start, in addition to the waits that were asked for. */
const START_SECONDS = 3600;
/** What AWS allows a deployment to take: API_BlueGreenUpdatePolicy, API_RollingUpdatePolicy. */
const SHORTEST_SECONDS = 600;
const LONGEST_SECONDS = 28_800;
const LONGEST_ROLLING_SECONDS = 14_400;
const MOST_ALARMS = 10;

/** SageMaker's form of a deployment, and how long it may take. */
export interface MappedDeployment {
  readonly config: DeploymentConfig;
  readonly timeoutSeconds: number;
}

/** A deployment without {@link deploymentProblems}, in SageMaker's form. */
export function mappedDeployment(deployment: EndpointDeployment): MappedDeployment {
  const timeoutSeconds = Math.max(
    SHORTEST_SECONDS,
    Math.min(longest(deployment), Math.ceil(waits(deployment)) + START_SECONDS),
  );
  const alarms = (deployment.alarmNames ?? []).map((alarmName) => ({ alarmName }));
  return {
    timeoutSeconds,
    config: {
      ...(alarms.length > 0 ? { autoRollbackConfiguration: { alarms } } : {}),
      ...policy(deployment, timeoutSeconds),
    },
  };
}

/** Everything that is wrong with a deployment, each with the value and the rule. */
export function deploymentProblems(deployment: EndpointDeployment): string[] {
  const { type, alarmNames = [], bakeSeconds = DEFAULT_BAKE_SECONDS, terminationWaitSeconds = 0 } = deployment;
  const whole = (name: string, value: number, from: number, to: number) =>
    Number.isInteger(value) && value >= from && value <= to
      ? []
      : [`deployment.${name} must be a whole number from ${from} to ${to}, got ${value}`];
  const problems = [
    ...(type === "canary" ? whole("percent", deployment.percent, 1, 50) : []),
    ...(type === "linear" ? whole("percent", deployment.percent, 10, 50) : []),
    ...(type === "rolling"
      ? [
          ...whole("percent", deployment.percent, 5, 50),
          ...whole("rollbackPercent", deployment.rollbackPercent ?? 100, 5, 100),
        ]
      : []),
    ...whole("bakeSeconds", bakeSeconds, 0, 3600),
    ...whole("terminationWaitSeconds", terminationWaitSeconds, 0, 3600),
    ...(type === "rolling" && terminationWaitSeconds > 0
      ? ["deployment.terminationWaitSeconds is not for a rolling deployment, which keeps no old fleet"]
      : []),
    ...(alarmNames.length > MOST_ALARMS
      ? [`deployment.alarmNames may name ${MOST_ALARMS} alarms, got ${alarmNames.length}`]
      : []),
    ...alarmNames.filter((name) => name === "").map(() => "deployment.alarmNames has an empty name"),
  ];
  return problems.length === 0 && waits(deployment) >= longest(deployment)
    ? [
        `deployment waits ${waits(deployment)} seconds in its ${steps(deployment)} steps, but SageMaker ends it after ${longest(deployment)}`,
      ]
    : problems;
}

type Routing = input.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfiguration;

function policy(deployment: EndpointDeployment, timeoutSeconds: number): DeploymentConfig {
  const waitIntervalInSeconds = deployment.bakeSeconds ?? DEFAULT_BAKE_SECONDS;
  const size = (value: number) => ({ type: "CAPACITY_PERCENT", value });
  const blueGreen = (routing: Omit<Routing, "waitIntervalInSeconds">): DeploymentConfig => ({
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: { ...routing, waitIntervalInSeconds },
      terminationWaitInSeconds: deployment.terminationWaitSeconds ?? 0,
      maximumExecutionTimeoutInSeconds: timeoutSeconds,
    },
  });
  switch (deployment.type) {
    case "allAtOnce":
      return blueGreen({ type: "ALL_AT_ONCE" });
    case "canary":
      return blueGreen({ type: "CANARY", canarySize: size(deployment.percent) });
    case "linear":
      return blueGreen({ type: "LINEAR", linearStepSize: size(deployment.percent) });
    case "rolling":
      return {
        rollingUpdatePolicy: {
          maximumBatchSize: size(deployment.percent),
          rollbackMaximumBatchSize: size(deployment.rollbackPercent ?? 100),
          waitIntervalInSeconds,
          maximumExecutionTimeoutInSeconds: timeoutSeconds,
        },
      };
  }
}

/** Seconds that a deployment waits, without the time that instances take to start. */
function waits(deployment: EndpointDeployment): number {
  const { bakeSeconds = DEFAULT_BAKE_SECONDS, terminationWaitSeconds = 0 } = deployment;
  return steps(deployment) * bakeSeconds + terminationWaitSeconds;
}

function steps(deployment: EndpointDeployment): number {
  switch (deployment.type) {
    case "allAtOnce":
      return 1;
    case "canary":
      return 2;
    case "linear":
    case "rolling":
      return Math.ceil(100 / deployment.percent);
  }
}

function longest({ type }: EndpointDeployment): number {
  return type === "rolling" ? LONGEST_ROLLING_SECONDS : LONGEST_SECONDS;
}
