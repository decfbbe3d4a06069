import * as pulumi from "@pulumi/pulumi";
import * as appautoscaling from "@pulumi/aws/appautoscaling";
import { isBurstable, type Capacity } from "../../lib/capacity";
import { transform } from "../support/transform";
import type { AutoscaledEndpointArgs, CustomMetric, ScalingMetric } from "./arguments";

/** What Application Auto Scaling knows of an endpoint. */
export interface Scaling {
  readonly scalingTarget?: appautoscaling.Target;
  readonly scalingPolicies: readonly appautoscaling.Policy[];
}

/** Whether Application Auto Scaling keeps the number of instances within bounds. */
export function scalesOrStandsBy({ standby }: AutoscaledEndpointArgs, capacity: Required<Capacity>): boolean {
  const { minInstances, maxInstances } = capacity;
  const scales = maxInstances > minInstances && standby !== true;
  return scales || (standby !== undefined && maxInstances > 1 && !isBurstable(capacity));
}

/** @param endpointName known once the endpoint serves: a target is registered for a variant that is there */
export function makeScaling(
  name: string,
  args: AutoscaledEndpointArgs,
  capacity: Required<Capacity>,
  endpointName: pulumi.Output<string>,
  parent: pulumi.Resource,
): Scaling {
  const standby = args.standby === true;
  if (!scalesOrStandsBy(args, capacity)) {
    return { scalingPolicies: [] };
  }
  // Registering a target brings the instance count into its bounds.
  const targetArgs = {
    serviceNamespace: "sagemaker",
    resourceId: pulumi.interpolate`endpoint/${endpointName}/variant/${args.variantName}`,
    scalableDimension: "sagemaker:variant:DesiredInstanceCount",
    minCapacity: standby ? 1 : capacity.minInstances,
    maxCapacity: standby ? 1 : capacity.maxInstances,
  };
  const scalingTarget = new appautoscaling.Target(
    ...transform<appautoscaling.TargetArgs>(args.transform?.scalingTarget, `${name}-target`, targetArgs, { parent }),
  );
  const scales = !standby && capacity.maxInstances > capacity.minInstances;
  const scalingPolicies = (scales ? policies(args, capacity) : []).map(({ suffix, policyName, metric }) => {
    const policyArgs = {
      name: policyName,
      policyType: "TargetTrackingScaling",
      serviceNamespace: scalingTarget.serviceNamespace,
      resourceId: scalingTarget.resourceId,
      scalableDimension: scalingTarget.scalableDimension,
      targetTrackingScalingPolicyConfiguration: {
        ...tracked(metric, { EndpointName: endpointName, VariantName: args.variantName }),
        scaleInCooldown: metric.scaleInCooldownSeconds ?? capacity.scaleInCooldownSeconds,
        scaleOutCooldown: metric.scaleOutCooldownSeconds ?? capacity.scaleOutCooldownSeconds,
      },
    };
    return new appautoscaling.Policy(
      ...transform<appautoscaling.PolicyArgs>(args.transform?.scalingPolicy, `${name}-${suffix}`, policyArgs, {
        parent,
      }),
    );
  });
  return { scalingTarget, scalingPolicies };
}

/** The metrics to scale on, with a name for the policy of each. Names are by metric, so that their order does not matter. */
function policies({ endpointName, scalingMetrics }: AutoscaledEndpointArgs, capacity: Required<Capacity>) {
  if (scalingMetrics === undefined) {
    const metric: ScalingMetric = {
      targetValue: capacity.targetInvocationsPerInstance,
      predefinedMetricType: INVOCATIONS,
    };
    return [{ suffix: "scaling", policyName: `${endpointName}-invocations`, metric }];
  }
  return scalingMetrics.map((metric) => {
    const name = metricName(metric) ?? "";
    return { suffix: `scaling-${name}`, policyName: `${endpointName}-${name}`, metric };
  });
}

/** What a metric is called; its policy is named after it. */
export function metricName({ predefinedMetricType, customMetric }: ScalingMetric): string | undefined {
  return predefinedMetricType ?? customMetric?.metricName;
}

const INVOCATIONS = "SageMakerVariantInvocationsPerInstance";

/** What a policy looks at, in Pulumi's form. */
function tracked(metric: ScalingMetric, variant: NonNullable<CustomMetric["dimensions"]>) {
  const { targetValue, predefinedMetricType, customMetric, disableScaleIn } = metric;
  const dimensions = Object.entries(customMetric?.dimensions ?? variant).map(([name, value]) => ({ name, value }));
  return {
    targetValue,
    ...(predefinedMetricType === undefined ? {} : { predefinedMetricSpecification: { predefinedMetricType } }),
    ...(customMetric === undefined ? {} : { customizedMetricSpecification: { ...customMetric, dimensions } }),
    ...(disableScaleIn === undefined ? {} : { disableScaleIn }),
  };
}
