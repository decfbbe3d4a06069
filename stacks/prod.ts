import * as pulumi from "@pulumi/pulumi";
import { AutoscaledEndpoint } from "../components/autoscaled-endpoint";
import { BlueGreenApi } from "../components/blue-green-api";
import type { StackConfig } from "../lib/config";
import { releasesToKeep, warmReleases } from "../lib/kept-releases";
import type { Model } from "../lib/model";
import { apiKnobsOf } from "../lib/rollout-knobs";
import { dataCaptureUri, endpointName, modelPrefix, variantName } from "../lib/release";
import { bucketOf, endpointsThere, imageUri, modelArchive, releasesBefore, releaseTags } from "./common";

/**
 * A release's model behind the API. Each release has its own endpoint resource. So the engine first creates the new endpoint, then the API
 * shifts traffic to it. Only if that succeeds, the endpoint of the release before is scaled down and kept warm, or deleted.
 */
export async function prod(config: StackConfig<"prod">, model: Model) {
  const bucket = await bucketOf(config);
  const { release, keepReleases } = config;
  const before = keepReleases > 0 ? await releasesBefore() : { history: [], kept: [] };
  const nameOf = (one: string) => endpointName(config.model, "prod", one);
  const there = await endpointsThere([release, ...before.history, ...before.kept].map(nameOf));
  const isThere = (one: string) => there.has(nameOf(one));
  const kept = releasesToKeep(before, release, keepReleases, isThere);

  const endpoint = await releaseEndpoint(config, model, bucket, release, { standby: false, adopt: isThere(release) });
  const api = createApi(config, model, bucket, endpoint, warmReleases(before, isThere));
  // Only after a successful rollout: a release that still serves must not be scaled down.
  const standbys = await Promise.all(
    kept.map((one) => releaseEndpoint(config, model, bucket, one, { standby: true }, { dependsOn: [api] })),
  );
  const keptReleases = pulumi
    .all([api.liveRelease, ...standbys.map((standby) => standby.endpointArn)])
    .apply(() => kept);
  return {
    apiUrl: api.url,
    ...(api.apiKey === undefined ? {} : { apiKey: api.apiKey }),
    liveRelease: api.liveRelease,
    liveVersion: api.liveVersion,
    liveSince: api.liveSince,
    releases: api.releases,
    keptReleases,
    deploymentId: api.deploymentId,
    endpointName: endpoint.endpointName,
  };
}

async function releaseEndpoint(
  config: StackConfig<"prod">,
  model: Model,
  bucket: string,
  release: string,
  state: { readonly standby: boolean; readonly adopt?: boolean },
  opts?: pulumi.ComponentResourceOptions,
): Promise<AutoscaledEndpoint> {
  return new AutoscaledEndpoint(
    `prod-${release}`,
    {
      ...state,
      endpointName: endpointName(config.model, "prod", release),
      variantName: variantName(config.model, "prod"),
      image: imageUri(model.image),
      modelDataUrl: await modelArchive({ model: config.model, release, bucket }),
      instanceType: config.instanceType,
      minInstances: config.minInstances,
      maxInstances: config.maxInstances,
      targetInvocationsPerInstance: config.targetInvocationsPerInstance,
      scaleInCooldownSeconds: config.scalingCooldownSeconds,
      scaleOutCooldownSeconds: config.scalingCooldownSeconds,
      dataCapture: {
        destinationUri: dataCaptureUri(config.model, bucket),
        samplingPercentage: config.capturePercentage,
      },
      kmsKeyArn: config.kmsKeyArn,
      tags: releaseTags(config, "prod"),
    },
    opts,
  );
}

function createApi(
  config: StackConfig<"prod">,
  model: Model,
  bucket: string,
  endpoint: AutoscaledEndpoint,
  standbyReleases: readonly string[],
): BlueGreenApi {
  const { accept = { type: "number" }, acceptKnown: known = accept } = model.check;
  return new BlueGreenApi("api", {
    apiName: `${modelPrefix(config.model)}-api`,
    release: config.release,
    endpoint,
    preTraffic: {
      knownRows: model.check.requests.map(String),
      minimumPrediction: known.minimum ?? -Infinity,
      maximumPrediction: known.maximum ?? Infinity,
    },
    inputs: model.columns.inputs.map(({ minimum, maximum }) => ({ minimum, maximum })),
    predictionRange: { minimum: accept.minimum ?? -Infinity, maximum: accept.maximum ?? Infinity },
    dataCaptureUri: dataCaptureUri(config.model, bucket),
    ...apiKnobsOf(config),
    standbyReleases,
    auth: config.auth,
    throttling: { rateLimit: config.rateLimit, burstLimit: config.burstLimit },
    createAccountLogRole: config.createAccountLogRole,
    kmsKeyArn: config.kmsKeyArn,
    tags: releaseTags({ model: config.model }, "prod"),
  });
}
