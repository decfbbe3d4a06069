import type {
  ScalableDimension,
  TargetTrackingScalingPolicyConfiguration,
} from "@aws-sdk/client-application-auto-scaling";
import { randomBytes, randomUUID } from "node:crypto";
import { AwsError } from "../../core/aws-error";
import { pager } from "../../core/paging";
import type { Tags } from "../../core/tags";
import type { Tracking } from "./target-tracking";

/** The one dimension that the local AWS scales. */
export const DIMENSION: ScalableDimension = "sagemaker:variant:DesiredInstanceCount";

/** A production variant that may be scaled, and within which bounds. */
export interface ScalableTarget {
  readonly resourceId: string;
  readonly arn: string;
  readonly createdAt: Date;
  min: number;
  max: number;
  readonly suspended: Suspended;
  readonly tags: Tags;
  readonly policies: Map<string, ScalingPolicy>;
}

interface Suspended {
  in: boolean;
  out: boolean;
  scheduled: boolean;
}

export interface ScalingPolicy {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  configuration: TargetTrackingScalingPolicyConfiguration & { readonly TargetValue: number };
  readonly tracking: Tracking;
}

/** One change of an instance count, or the attempt at one. */
export interface ScalingActivity {
  readonly id: string;
  readonly resourceId: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: Date;
  endedAt: Date | undefined;
  status: "InProgress" | "Successful" | "Failed";
  readonly message: string;
  readonly desired: number;
}

/** Everything that Application Auto Scaling knows here. */
export class ScalingStore {
  readonly targets = new Map<string, ScalableTarget>();
  /** Newest first, as AWS lists them. */
  readonly activities: ScalingActivity[] = [];
}

/** @throws AwsError `ObjectNotFoundException` if the variant is not registered. */
export function targetOf(store: ScalingStore, resourceId: string, code = "ObjectNotFoundException"): ScalableTarget {
  const target = store.targets.get(resourceId);
  if (target === undefined) {
    throw new AwsError(
      code,
      `No scalable target registered for service namespace: sagemaker, resource ID: ${resourceId}, scalable dimension: ${DIMENSION}`,
    );
  }
  return target;
}

/** Refuses every other service of Application Auto Scaling by name. */
export function onlySageMaker(namespace: string | undefined, dimension?: string): void {
  if (namespace !== "sagemaker" || (dimension !== undefined && dimension !== DIMENSION)) {
    const asked = dimension ?? namespace ?? "";
    throw new AwsError(
      "NotImplemented",
      `NotImplemented: scaling ${asked} is not part of the local AWS, ${DIMENSION} is`,
      501,
    );
  }
}

export function newTargetId(): string {
  return randomBytes(10).toString("hex");
}

export function newPolicyId(): string {
  return randomUUID();
}

/** One page of a list. */
export const page = pager(
  50,
  (token) =>
    new AwsError("InvalidNextTokenException", `Invalid NextToken "${token}": take it from the same operation's answer`),
);
