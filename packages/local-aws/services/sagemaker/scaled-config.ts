import { randomUUID } from "node:crypto";
import { sageMakerArn, type Context } from "./context";
import type { Fleet } from "./endpoint";
import type { EndpointConfig } from "./endpoint-config";

/** Nobody can foresee the names of SageMaker's own configurations. These begin like no other. */
const PREFIX = "Scaled-";

/**
 * The configuration that SageMaker puts in place of an endpoint's own once it has scaled it: the same but for name and instance counts. It
 * lasts until the endpoint gets another one or is gone.
 */
export function scaledConfig(context: Context, { config, variants }: Fleet): EndpointConfig {
  const { endpointConfigs } = context.store;
  const name = config.name.startsWith(PREFIX) ? config.name : `${PREFIX}${randomUUID()}`;
  const countOf = (variantName: string | undefined) =>
    variants.find((variant) => variant.config.VariantName === variantName)?.instances.current ?? 1;
  const scaled = {
    ...config,
    name,
    arn: sageMakerArn(context, "endpoint-config", name),
    input: {
      ...config.input,
      EndpointConfigName: name,
      Tags: undefined,
      ProductionVariants: config.input.ProductionVariants.map((variant) => ({
        ...variant,
        InitialInstanceCount: countOf(variant.VariantName),
      })),
    },
    variants: config.variants.map((variant) => ({
      ...variant,
      InitialInstanceCount: countOf(variant.VariantName),
    })),
  };
  endpointConfigs.set(name, scaled);
  return scaled;
}

export function forgetScaledConfig({ store }: Context, fleet: Fleet | undefined): void {
  if (fleet?.config.name.startsWith(PREFIX) === true) {
    store.endpointConfigs.delete(fleet.config.name);
  }
}
