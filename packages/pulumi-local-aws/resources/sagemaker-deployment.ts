import {
  CapacitySizeType,
  type CapacitySize,
  type DeploymentConfig,
  TrafficRoutingConfigType,
} from "@aws-sdk/client-sagemaker";
import { block, number, oneOf, set, text } from "../kinds";
import { type Arguments, optional, required, withDefault } from "../properties";

const size = block({ type: required(oneOf(CapacitySizeType)), value: required(number) });

const deploymentArguments = {
  autoRollbackConfiguration: optional(block({ alarms: optional(set(block({ alarmName: required(text) }))) })),
  blueGreenUpdatePolicy: optional(
    block({
      maximumExecutionTimeoutInSeconds: optional(number, { computed: true }),
      terminationWaitInSeconds: withDefault(number, 0),
      trafficRoutingConfiguration: required(
        block({
          type: required(oneOf(TrafficRoutingConfigType)),
          waitIntervalInSeconds: required(number),
          canarySize: optional(size),
          linearStepSize: optional(size),
        }),
      ),
    }),
  ),
  rollingUpdatePolicy: optional(
    block({
      maximumBatchSize: required(size),
      maximumExecutionTimeoutInSeconds: optional(number, { computed: true }),
      rollbackMaximumBatchSize: optional(size),
      waitIntervalInSeconds: required(number),
    }),
  ),
};

/** How an update of an endpoint moves the traffic, and what takes it back. */
export const deploymentConfig = block(deploymentArguments);

export function deploymentInput(inputs: Arguments<typeof deploymentArguments>): DeploymentConfig {
  const {
    autoRollbackConfiguration: rollback,
    blueGreenUpdatePolicy: blueGreen,
    rollingUpdatePolicy: rolling,
  } = inputs;
  const routing = blueGreen?.trafficRoutingConfiguration;
  return {
    AutoRollbackConfiguration: rollback && {
      Alarms: rollback.alarms?.map(({ alarmName: AlarmName }) => ({ AlarmName })),
    },
    BlueGreenUpdatePolicy: blueGreen && {
      MaximumExecutionTimeoutInSeconds: blueGreen.maximumExecutionTimeoutInSeconds,
      TerminationWaitInSeconds: blueGreen.terminationWaitInSeconds,
      TrafficRoutingConfiguration: routing && {
        Type: routing.type,
        WaitIntervalInSeconds: routing.waitIntervalInSeconds,
        CanarySize: routing.canarySize && sizeInput(routing.canarySize),
        LinearStepSize: routing.linearStepSize && sizeInput(routing.linearStepSize),
      },
    },
    RollingUpdatePolicy: rolling && {
      MaximumBatchSize: sizeInput(rolling.maximumBatchSize),
      MaximumExecutionTimeoutInSeconds: rolling.maximumExecutionTimeoutInSeconds,
      RollbackMaximumBatchSize: rolling.rollbackMaximumBatchSize && sizeInput(rolling.rollbackMaximumBatchSize),
      WaitIntervalInSeconds: rolling.waitIntervalInSeconds,
    },
  };
}

export function deploymentArgument(found: DeploymentConfig) {
  const { AutoRollbackConfiguration: rollback, BlueGreenUpdatePolicy: blueGreen, RollingUpdatePolicy: rolling } = found;
  const routing = blueGreen?.TrafficRoutingConfiguration;
  return {
    autoRollbackConfiguration: rollback && {
      alarms: rollback.Alarms?.map(({ AlarmName: alarmName }) => ({ alarmName })),
    },
    blueGreenUpdatePolicy: blueGreen && {
      maximumExecutionTimeoutInSeconds: blueGreen.MaximumExecutionTimeoutInSeconds,
      terminationWaitInSeconds: blueGreen.TerminationWaitInSeconds,
      trafficRoutingConfiguration: routing && {
        type: routing.Type,
        waitIntervalInSeconds: routing.WaitIntervalInSeconds,
        canarySize: sizeArgument(routing.CanarySize),
        linearStepSize: sizeArgument(routing.LinearStepSize),
      },
    },
    rollingUpdatePolicy: rolling && {
      maximumBatchSize: sizeArgument(rolling.MaximumBatchSize),
      maximumExecutionTimeoutInSeconds: rolling.MaximumExecutionTimeoutInSeconds,
      rollbackMaximumBatchSize: sizeArgument(rolling.RollbackMaximumBatchSize),
      waitIntervalInSeconds: rolling.WaitIntervalInSeconds,
    },
  };
}

type Size = { readonly type: CapacitySizeType; readonly value: number };

const sizeInput = ({ type, value }: Size) => ({ Type: type, Value: value });

const sizeArgument = (found: CapacitySize | undefined) => found && { type: found.Type, value: found.Value };
