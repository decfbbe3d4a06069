import {
  DeleteScalingPolicyCommand,
  DescribeScalingActivitiesCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  type PutScalingPolicyCommandInput,
} from "@aws-sdk/client-application-auto-scaling";
import type { Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { operation, type Checked, type Operation } from "../../core/operation";
import {
  DIMENSION,
  newPolicyId,
  onlySageMaker,
  page,
  targetOf,
  type ScalingActivity,
  type ScalingPolicy,
  type ScalingStore,
} from "./store";
import { Tracking } from "./target-tracking";

const METRIC = "SageMakerVariantInvocationsPerInstance";

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html and its siblings. */
export function scalingPolicyOperations(store: ScalingStore, account: Account): readonly Operation[] {
  return [
    operation(PutScalingPolicyCommand, (input) => {
      onlySageMaker(input.ServiceNamespace, input.ScalableDimension);
      // No CloudWatch alarms are made: the local scaler counts the requests itself.
      return { PolicyARN: put(store, account, input).arn, Alarms: [] };
    }),
    operation(DescribeScalingPoliciesCommand, (request) => {
      onlySageMaker(request.ServiceNamespace, request.ScalableDimension);
      const wanted = [...store.targets.values()]
        .filter((target) => request.ResourceId === undefined || request.ResourceId === target.resourceId)
        .flatMap((target) => [...target.policies.values()].map((policy) => described(target.resourceId, policy)))
        .filter((policy) => request.PolicyNames?.includes(policy.PolicyName) ?? true);
      const { items, nextToken } = page(wanted, request.NextToken, request.MaxResults);
      return { ScalingPolicies: items, NextToken: nextToken };
    }),
    operation(DeleteScalingPolicyCommand, ({ PolicyName: name, ResourceId: resourceId, ...input }) => {
      onlySageMaker(input.ServiceNamespace, input.ScalableDimension);
      if (store.targets.get(resourceId)?.policies.delete(name) !== true) {
        throw new AwsError(
          "ObjectNotFoundException",
          `No scaling policy found for service namespace: sagemaker, resource ID: ${resourceId}, scalable dimension: ${DIMENSION}, policy name: ${name}`,
        );
      }
      return {};
    }),
    operation(DescribeScalingActivitiesCommand, (request) => {
      onlySageMaker(request.ServiceNamespace, request.ScalableDimension);
      const wanted = store.activities.filter(
        (activity) => request.ResourceId === undefined || request.ResourceId === activity.resourceId,
      );
      const { items, nextToken } = page(wanted, request.NextToken, request.MaxResults);
      return { ScalingActivities: items.map(activityDescribed), NextToken: nextToken };
    }),
  ];
}

function put(store: ScalingStore, account: Account, input: Checked<PutScalingPolicyCommandInput>): ScalingPolicy {
  const { PolicyName: name, ResourceId: resourceId } = input;
  const { policies } = targetOf(store, resourceId);
  const known = policies.get(name);
  const configuration = trackingConfiguration(input, known);
  const policy: ScalingPolicy = known ?? {
    name,
    arn: `arn:aws:autoscaling:${account.region}:${account.accountId}:scalingPolicy:${newPolicyId()}:resource/sagemaker/${resourceId}:policyName/${name}`,
    createdAt: new Date(),
    configuration,
    tracking: new Tracking(),
  };
  policy.configuration = configuration;
  policies.set(name, policy);
  return policy;
}

function trackingConfiguration(input: Checked<PutScalingPolicyCommandInput>, known: ScalingPolicy | undefined) {
  const type = input.PolicyType ?? (known === undefined ? "StepScaling" : "TargetTrackingScaling");
  const configuration = input.TargetTrackingScalingPolicyConfiguration;
  const metric = configuration?.PredefinedMetricSpecification?.PredefinedMetricType;
  if (type !== "TargetTrackingScaling" || (configuration !== undefined && metric !== METRIC)) {
    throw new AwsError(
      "NotImplemented",
      `NotImplemented: policy ${input.PolicyName}: only TargetTrackingScaling on ${METRIC} is part of the local AWS, got ${type} on ${metric ?? "no predefined metric"}`,
      501,
    );
  }
  if (configuration?.TargetValue === undefined || configuration.TargetValue <= 0) {
    throw new AwsError(
      "ValidationException",
      "TargetTrackingScalingPolicyConfiguration must have a TargetValue above 0",
    );
  }
  return {
    TargetValue: configuration.TargetValue,
    PredefinedMetricSpecification: configuration.PredefinedMetricSpecification,
    ScaleOutCooldown: configuration.ScaleOutCooldown,
    ScaleInCooldown: configuration.ScaleInCooldown,
    DisableScaleIn: configuration.DisableScaleIn,
  };
}

function described(resourceId: string, policy: ScalingPolicy) {
  return {
    PolicyARN: policy.arn,
    PolicyName: policy.name,
    ServiceNamespace: "sagemaker" as const,
    ResourceId: resourceId,
    ScalableDimension: DIMENSION,
    PolicyType: "TargetTrackingScaling" as const,
    TargetTrackingScalingPolicyConfiguration: policy.configuration,
    Alarms: [],
    CreationTime: policy.createdAt,
  };
}

function activityDescribed(activity: ScalingActivity) {
  return {
    ActivityId: activity.id,
    ServiceNamespace: "sagemaker" as const,
    ResourceId: activity.resourceId,
    ScalableDimension: DIMENSION,
    Description: activity.description,
    Cause: activity.cause,
    StartTime: activity.startedAt,
    EndTime: activity.endedAt,
    StatusCode: activity.status,
    StatusMessage: activity.message,
  };
}
