import { AwsError } from "../../core/aws-error";
import type { VariantScaling } from "../../core/variant-scaling";
import type { Context } from "./context";
import { scale } from "./endpoints";

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
    // A serverless variant has no instances to scale.
    return endpoint === undefined || variant === undefined || variant.config.serverless !== undefined
      ? undefined
      : { endpoint, variant };
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
