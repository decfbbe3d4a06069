import type { DeploymentConfig } from "@aws-sdk/client-sagemaker";
import { z } from "zod";

/** In Pulumi's types these are plain text. */
const text = z.string();

const size = z
  .object({ type: text.pipe(z.enum(["INSTANCE_COUNT", "CAPACITY_PERCENT"])), value: z.number() })
  .transform(({ type, value }) => ({ Type: type, Value: value }));

const routing = z
  .object({
    type: text.pipe(z.enum(["ALL_AT_ONCE", "CANARY", "LINEAR"])),
    waitIntervalInSeconds: z.number(),
    canarySize: size.optional(),
    linearStepSize: size.optional(),
  })
  .transform(({ type, waitIntervalInSeconds, canarySize, linearStepSize }) => ({
    Type: type,
    WaitIntervalInSeconds: waitIntervalInSeconds,
    CanarySize: canarySize,
    LinearStepSize: linearStepSize,
  }));

/** A deployment as Pulumi's `sagemaker.Endpoint` takes it, turned into SageMaker's own form. */
export const deploymentConfig = z
  .object({
    autoRollbackConfiguration: z.object({ alarms: z.array(z.object({ alarmName: z.string() })).optional() }).optional(),
    blueGreenUpdatePolicy: z
      .object({
        trafficRoutingConfiguration: routing,
        terminationWaitInSeconds: z.number().optional(),
        maximumExecutionTimeoutInSeconds: z.number().optional(),
      })
      .optional(),
    rollingUpdatePolicy: z
      .object({
        maximumBatchSize: size,
        waitIntervalInSeconds: z.number(),
        rollbackMaximumBatchSize: size.optional(),
        maximumExecutionTimeoutInSeconds: z.number().optional(),
      })
      .optional(),
  })
  .transform(
    ({
      autoRollbackConfiguration: back,
      blueGreenUpdatePolicy: blueGreen,
      rollingUpdatePolicy: rolling,
    }): DeploymentConfig => ({
      AutoRollbackConfiguration: back && { Alarms: back.alarms?.map(({ alarmName }) => ({ AlarmName: alarmName })) },
      BlueGreenUpdatePolicy: blueGreen && {
        TrafficRoutingConfiguration: blueGreen.trafficRoutingConfiguration,
        TerminationWaitInSeconds: blueGreen.terminationWaitInSeconds,
        MaximumExecutionTimeoutInSeconds: blueGreen.maximumExecutionTimeoutInSeconds,
      },
      RollingUpdatePolicy: rolling && {
        MaximumBatchSize: rolling.maximumBatchSize,
        WaitIntervalInSeconds: rolling.waitIntervalInSeconds,
        RollbackMaximumBatchSize: rolling.rollbackMaximumBatchSize,
        MaximumExecutionTimeoutInSeconds: rolling.maximumExecutionTimeoutInSeconds,
      },
    }),
  );
