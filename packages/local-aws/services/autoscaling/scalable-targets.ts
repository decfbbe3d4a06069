import {
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
  type RegisterScalableTargetCommandInput,
} from "@aws-sdk/client-application-auto-scaling";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { Tags } from "../../core/tags";
import { operation, type Checked, type Operation } from "../../core/operation";
import type { VariantScaling } from "../../core/variant-scaling";
import type { Scaler } from "./scaler";
import { DIMENSION, newTargetId, onlySageMaker, page, targetOf, type ScalableTarget, type ScalingStore } from "./store";

type Registration = Checked<RegisterScalableTargetCommandInput>;

/**
 * https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html and its siblings.
 */
export function scalableTargetOperations(
  store: ScalingStore,
  variants: VariantScaling,
  scaler: Pick<Scaler, "keepWithinBounds">,
  account: Account,
): readonly Operation[] {
  return [
    operation(RegisterScalableTargetCommand, (input) => {
      onlySageMaker(input.ServiceNamespace, input.ScalableDimension);
      const target = register(store, variants, account, input);
      scaler.keepWithinBounds(target);
      return { ScalableTargetARN: target.arn };
    }),
    operation(DescribeScalableTargetsCommand, (request) => {
      onlySageMaker(request.ServiceNamespace, request.ScalableDimension);
      const { ResourceIds: ids } = request;
      const wanted = [...store.targets.values()].filter((target) => ids?.includes(target.resourceId) ?? true);
      const { items, nextToken } = page(wanted, request.NextToken, request.MaxResults);
      return { ScalableTargets: items.map((target) => described(target, account)), NextToken: nextToken };
    }),
    operation(DeregisterScalableTargetCommand, (input) => {
      onlySageMaker(input.ServiceNamespace, input.ScalableDimension);
      targetOf(store, input.ResourceId);
      store.targets.delete(input.ResourceId);
      return {};
    }),
  ];
}

/** Registers a variant, or changes what is given of a registered one. */
function register(
  store: ScalingStore,
  variants: VariantScaling,
  account: Account,
  input: Registration,
): ScalableTarget {
  const { ResourceId: resourceId, SuspendedState: suspended } = input;
  const known = store.targets.get(resourceId);
  if (known === undefined && variants.counts(resourceId) === undefined) {
    throw new AwsError("ValidationException", `SageMaker variant does not exist or is not in service: ${resourceId}`);
  }
  const { min, max } = bounds(input, known);
  const target: ScalableTarget = known ?? {
    resourceId,
    arn: arn(account, "application-autoscaling", `scalable-target/${newTargetId()}`),
    createdAt: new Date(),
    min,
    max,
    suspended: { in: false, out: false, scheduled: false },
    tags: new Tags(input.Tags),
    policies: new Map(),
  };
  if (known !== undefined && input.Tags !== undefined) {
    throw new AwsError(
      "ValidationException",
      "Tags can only be given when a scalable target is registered; use TagResource",
    );
  }
  target.min = min;
  target.max = max;
  target.suspended.in = suspended?.DynamicScalingInSuspended ?? target.suspended.in;
  target.suspended.out = suspended?.DynamicScalingOutSuspended ?? target.suspended.out;
  target.suspended.scheduled = suspended?.ScheduledScalingSuspended ?? target.suspended.scheduled;
  store.targets.set(resourceId, target);
  return target;
}

function bounds(input: Registration, known: ScalableTarget | undefined) {
  const min = input.MinCapacity ?? known?.min;
  const max = input.MaxCapacity ?? known?.max;
  if (min === undefined || max === undefined) {
    throw new AwsError(
      "ValidationException",
      "MinCapacity and MaxCapacity must be given to register a scalable target",
    );
  }
  if (min < 1 || max < min) {
    throw new AwsError(
      "ValidationException",
      `MinCapacity must be 1 or more and MaxCapacity must not be below it, got MinCapacity ${min} and MaxCapacity ${max}`,
    );
  }
  return { min, max };
}

function described(target: ScalableTarget, account: Account) {
  return {
    ServiceNamespace: "sagemaker" as const,
    ResourceId: target.resourceId,
    ScalableDimension: DIMENSION,
    MinCapacity: target.min,
    MaxCapacity: target.max,
    // Whatever role was given: for SageMaker AWS uses its service-linked one.
    RoleARN: `arn:aws:iam::${account.accountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
    CreationTime: target.createdAt,
    SuspendedState: {
      DynamicScalingInSuspended: target.suspended.in,
      DynamicScalingOutSuspended: target.suspended.out,
      ScheduledScalingSuspended: target.suspended.scheduled,
    },
    ScalableTargetARN: target.arn,
  };
}
