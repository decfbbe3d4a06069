import { AutoscaledEndpoint } from "../components/autoscaled-endpoint";
import type { StackConfig } from "../lib/config";
import { endpointName, releaseNames, variantName } from "../lib/release";
import { model } from "../model";
import { bucketOf, endpointsThere, prebuiltImage, releaseTags } from "./common";

/** A release's model on one small instance, for people to try before they approve it. */
export async function dev(config: StackConfig<"dev">) {
  const bucket = await bucketOf(config);
  const names = releaseNames({ ...config, bucket });
  const name = endpointName(config.model, "dev", config.release);
  const there = await endpointsThere([name]);
  const endpoint = new AutoscaledEndpoint(`dev-${config.release}`, {
    endpointName: name,
    adopt: there.has(name),
    variantName: variantName(config.model, "dev"),
    image: prebuiltImage(model.image),
    modelDataUrl: names.modelArchiveUri,
    instanceType: config.instanceType,
    minInstances: config.minInstances,
    maxInstances: config.maxInstances,
    kmsKeyArn: config.kmsKeyArn,
    tags: releaseTags(config, "dev"),
  });
  return { release: config.release, endpointName: endpoint.endpointName, endpointArn: endpoint.endpointArn };
}
