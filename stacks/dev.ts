import * as pulumi from "@pulumi/pulumi";
import { AutoscaledEndpoint } from "../components/autoscaled-endpoint";
import type { StackConfig } from "../lib/config";
import type { Model } from "../lib/model";
import { endpointName, variantName } from "../lib/release";
import { bucketOf, endpointsThere, imageUri, modelArchive, releaseTags, servingEnvironment } from "./common";

/** A release's model on one small instance, for people to try before they approve it. */
export async function dev(config: StackConfig<"dev">, model: Model) {
  const bucket = await bucketOf(config);
  const name = endpointName(config.model, pulumi.getStack(), config.release);
  const there = await endpointsThere([name]);
  const endpoint = new AutoscaledEndpoint(`dev-${config.release}`, {
    endpointName: name,
    adopt: there.has(name),
    variantName: variantName(config.model, pulumi.getStack()),
    image: imageUri(model.image),
    environment: servingEnvironment(model),
    modelDataUrl: await modelArchive({ ...config, bucket }),
    instanceType: config.instanceType,
    minInstances: config.minInstances,
    maxInstances: config.maxInstances,
    kmsKeyArn: config.kmsKeyArn,
    grantRetirementSeconds: config.grantRetirementSeconds,
    tags: releaseTags(config),
  });
  return { release: config.release, endpointName: endpoint.endpointName, endpointArn: endpoint.endpointArn };
}
