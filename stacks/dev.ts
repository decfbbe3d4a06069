import * as pulumi from "@pulumi/pulumi";
import { AutoscaledEndpoint } from "../components/autoscaled-endpoint";
import type { StackConfig } from "../lib/config";
import { endpointName, variantName } from "../lib/release";
import { model } from "../model";
import { bucketOf, endpointsThere, modelArchive, prebuiltImage, releaseTags } from "./common";

/** A release's model on one small instance, for people to try before they approve it. */
export async function dev(config: StackConfig<"dev">) {
  const bucket = await bucketOf(config);
  const name = endpointName(config.model, pulumi.getStack(), config.release);
  const there = await endpointsThere([name]);
  const endpoint = new AutoscaledEndpoint(`dev-${config.release}`, {
    endpointName: name,
    adopt: there.has(name),
    variantName: variantName(config.model, pulumi.getStack()),
    image: prebuiltImage(model.image),
    modelDataUrl: await modelArchive({ ...config, bucket }),
    instanceType: config.instanceType,
    minInstances: config.minInstances,
    maxInstances: config.maxInstances,
    kmsKeyArn: config.kmsKeyArn,
    tags: releaseTags(config),
  });
  return { release: config.release, endpointName: endpoint.endpointName, endpointArn: endpoint.endpointArn };
}
