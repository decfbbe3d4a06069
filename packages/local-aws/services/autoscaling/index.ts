/**
 * The local Application Auto Scaling, for SageMaker's production variants: what it decides really changes a variant's
 * instance count, by the interface that SageMaker hands out for it.
 */
import {
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { AwsError } from "../../core/aws-error";
import type { Service } from "../../core/http";
import { jsonRpcService } from "../../core/json-rpc";
import { type Local, violationsOf } from "../../core/local";
import { operation, type Operation } from "../../core/operation";
import type { VariantScaling } from "../sagemaker";
import { scalableTargetOperations } from "./scalable-targets";
import { Scaler } from "./scaler";
import { scalingPolicyOperations } from "./scaling-policies";
import { ScalingStore } from "./store";

export function applicationAutoScaling(local: Local, variants: VariantScaling): Service {
  const store = new ScalingStore();
  const scaler = new Scaler(store, variants, local.clock);
  // DeleteEndpoint deregisters the variants of an endpoint, with the caller's permission to do so.
  variants.onDelete((resourceId) => store.targets.delete(resourceId));
  const operations = [
    ...scalableTargetOperations(store, variants, scaler, local.account),
    ...scalingPolicyOperations(store, local.account),
    ...tagOperations(store),
  ];
  return jsonRpcService("Application Auto Scaling", operations, {
    close: async () => scaler.close(),
    violations: violationsOf(local, "application-autoscaling"),
  });
}

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html and its siblings. */
function tagOperations(store: ScalingStore): readonly Operation[] {
  const tagsOf = (resourceArn: string) => {
    const target = [...store.targets.values()].find((candidate) => candidate.arn === resourceArn);
    if (target === undefined) {
      throw new AwsError("ResourceNotFoundException", `No scalable target with ARN ${resourceArn} is registered`);
    }
    return target.tags;
  };
  return [
    operation(ListTagsForResourceCommand, ({ ResourceARN }) => ({ Tags: Object.fromEntries(tagsOf(ResourceARN)) })),
    operation(TagResourceCommand, ({ ResourceARN, Tags }) => {
      const tags = tagsOf(ResourceARN);
      Object.entries(Tags).forEach(([key, value]) => tags.set(key, value));
      return {};
    }),
    operation(UntagResourceCommand, ({ ResourceARN, TagKeys }) => {
      const tags = tagsOf(ResourceARN);
      TagKeys.forEach((key) => tags.delete(key));
      return {};
    }),
  ];
}
