import { AwsError } from "../../core/aws-error";
import type { Context } from "./context";
import { scale } from "./endpoints";

/** Instance counts of a production variant. */
export interface InstanceCounts {
  readonly current: number;
  readonly desired: number;
}

/** What Application Auto Scaling needs of SageMaker. A resource id is `endpoint/NAME/variant/NAME`. */
export interface VariantScaling {
  /** Undefined where there is no such variant. */
  counts(resourceId: string): InstanceCounts | undefined;
  /** Requests that the variant was given since its endpoint was created. */
  invocations(resourceId: string): number;
  /**
   * Sets the desired instance count. @throws AwsError where the endpoint is not in service, as while it is being
   * updated.
   */
  setDesired(resourceId: string, instances: number): void;
  /** Has `listener` told the resource id of each variant whose endpoint is being deleted. */
  onDelete(listener: (resourceId: string) => void): void;
}

/** The scaling of the variants of this SageMaker, and what it is to be told of deleted endpoints. */
export function variantScaling(context: Context): {
  variants: VariantScaling;
  deleted: (endpointName: string) => void;
} {
  const listeners = new Set<(resourceId: string) => void>();
  const find = (resourceId: string) => {
    const [, endpointName = "", variantName = ""] = /^endpoint\/([^/]+)\/variant\/([^/]+)$/.exec(resourceId) ?? [];
    const endpoint = context.store.endpoints.get(endpointName);
    const variant = endpoint?.fleet?.variants.find((candidate) => candidate.config.VariantName === variantName);
    return endpoint === undefined || variant === undefined ? undefined : { endpoint, variant };
  };
  return {
    variants: {
      counts: (resourceId) => find(resourceId)?.variant.instances,
      invocations(resourceId) {
        const found = find(resourceId);
        return found?.endpoint.invocationsByVariant.get(found.variant.config.VariantName) ?? 0;
      },
      setDesired(resourceId, instances) {
        const found = find(resourceId);
        if (found === undefined) {
          throw new AwsError("ValidationException", `${resourceId} does not exist`);
        }
        scale(context, found.endpoint, [
          { VariantName: found.variant.config.VariantName, DesiredInstanceCount: instances },
        ]);
      },
      onDelete: (listener) => listeners.add(listener),
    },
    deleted(endpointName) {
      const variants = context.store.endpoints.get(endpointName)?.fleet?.variants ?? [];
      for (const { config } of variants) {
        listeners.forEach((listener) => listener(`endpoint/${endpointName}/variant/${config.VariantName}`));
      }
    },
  };
}
