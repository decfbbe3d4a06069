import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand } from "@aws-sdk/client-application-auto-scaling";
import { caller, clientSettings } from "../support/aws";
import { lookAtEndpoint, sageMakerIn } from "../support/endpoint";
import { engineClock } from "../support/engine-clock";
import { named, type FunctionVersion } from "./alias";
import type { Attempt } from "./attempt";

/** For how long instances are waited for. They start in minutes, unless AWS has none of the type. */
const PATIENCE_SECONDS = 1800;

/** A production variant that has fewer instances than it must have. */
interface Short {
  readonly variant: string;
  readonly instances: number;
  readonly least: number;
}

/**
 * Waits until the endpoint of a release that was kept warm, with one instance, has as many as it must have at least to serve everybody.
 *
 * @throws if they do not come. The traffic has not moved.
 */
export async function haveLeastInstances({ inputs, waiter }: Attempt, version: FunctionVersion): Promise<void> {
  const { region } = inputs;
  const { endpointName } = version;
  if (endpointName === undefined) {
    return;
  }
  const look = capacityOf(region, endpointName);
  const deadline = engineClock.now() + PATIENCE_SECONDS * 1000;
  const { seen = [], settled } = await waiter.follow({
    look,
    settled: (short) => short.length === 0 || engineClock.now() >= deadline,
    lines: (short) => short.map((one) => `waiting for the instances of ${named(version)}: ${inWords(one)}`),
  });
  if (!settled || seen.length > 0) {
    throw new Error(
      `endpoint ${endpointName} of ${named(version)} has not got its instances: ${seen.map(inWords).join(", ")}. ` +
        "Run pulumi up again to go on waiting; with emergency, it gets the traffic as it is",
    );
  }
}

const inWords = ({ variant, instances, least }: Short) => `variant ${variant} has ${instances} of at least ${least}`;

/** A look at the variants of an endpoint that have too few instances. One that does not scale has what it has. */
function capacityOf(region: string, endpointName: string): () => Promise<Short[]> {
  const sageMaker = sageMakerIn(region);
  const autoScaling = caller(() => new ApplicationAutoScalingClient(clientSettings(region)));
  return async () => {
    const endpoint = await lookAtEndpoint(sageMaker, endpointName);
    if (endpoint === undefined) {
      throw new Error(`endpoint ${endpointName} is gone: deploy the release anew`);
    }
    const variants = endpoint.ProductionVariants ?? [];
    const idOf = (variant = "") => `endpoint/${endpointName}/variant/${variant}`;
    const ResourceIds = variants.map(({ VariantName }) => idOf(VariantName));
    const command = new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker", ResourceIds });
    const { ScalableTargets: targets = [] } = await autoScaling((client) => client.send(command));
    return variants.flatMap(({ VariantName: variant = "", CurrentInstanceCount: instances = 0 }) => {
      const least = targets.find(({ ResourceId }) => ResourceId === idOf(variant))?.MinCapacity ?? 0;
      return instances < least ? [{ variant, instances, least }] : [];
    });
  };
}
