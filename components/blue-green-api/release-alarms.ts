import { Metric } from "@pulumi/awsx/classic/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import type { MetricAlarm } from "@pulumi/aws/cloudwatch";
import type * as lambda from "@pulumi/aws/lambda";

/** Arguments of {@link releaseAlarms}. */
export interface ReleaseAlarmsArgs {
  readonly function: lambda.Function;
  readonly functionName: string;
  readonly aliasName: string;
  readonly release: string;
}

/**
 * The alarms that stop a rollout: errors of the function behind the alias, errors of the new version, and faults of the new release's
 * model, which a function that answers 502 does not count as errors of its own.
 *
 * Each looks at one minute and fires at the first error; no requests is no alarm.
 */
export function releaseAlarms(name: string, args: ReleaseAlarmsArgs, parent: pulumi.Resource): MetricAlarm[] {
  const { functionName, aliasName } = args;
  const resource = `${functionName}:${aliasName}`;
  const metrics = {
    "alias-errors": lambdaErrors({ FunctionName: functionName, Resource: resource }),
    "version-errors": lambdaErrors({
      FunctionName: functionName,
      Resource: resource,
      ExecutedVersion: args.function.version,
    }),
    "model-faults": new Metric({
      namespace: "SageMakerSafeDeploy",
      name: "ModelFaults",
      dimensions: { FunctionName: functionName, Release: args.release },
      statistic: "Sum",
      period: PERIOD_SECONDS,
    }),
  };
  return Object.entries(metrics).map(([what, metric]) =>
    metric.createAlarm(
      `${name}-${what}`,
      {
        name: `${functionName}-${what}`,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        evaluationPeriods: 1,
        treatMissingData: "notBreaching",
      },
      { parent },
    ),
  );
}

/** CloudWatch keeps Lambda's metrics by the minute. */
const PERIOD_SECONDS = 60;

function lambdaErrors(dimensions: Record<string, pulumi.Input<string>>): Metric {
  return new Metric({ namespace: "AWS/Lambda", name: "Errors", dimensions, statistic: "Sum", period: PERIOD_SECONDS });
}
