import * as pulumi from "@pulumi/pulumi";
import { SafeModel } from "../components/safe-model";
import type { SafeModelArgs } from "../components/safe-model/arguments";
import { releasesBefore } from "../components/safe-model/releases-before";
import type { StackConfig } from "../lib/config";
import { releasesToKeep, warmReleases } from "../lib/kept-releases";
import { apiKnobsOf } from "../lib/rollout-knobs";
import { dataCaptureUri, endpointName, endpointPrefix, modelPrefix, variantName } from "../lib/release";
import { model } from "../model";
import { bucketOf, endpointsThere, modelArchive, prebuiltImage, releaseTags } from "./common";

/** A release's model behind the API. With `keepReleases` the endpoints of the releases before are kept warm. */
export async function prod(config: StackConfig<"prod">) {
  const bucket = await bucketOf(config);
  const { release, keepReleases } = config;
  const before = keepReleases > 0 ? await releasesBefore() : { releases: [], keptReleases: [] };
  const nameOf = (one: string) => endpointName(config.model, "prod", one);
  const there = await endpointsThere([release, ...before.releases, ...before.keptReleases].map(nameOf));
  const isThere = (one: string) => there.has(nameOf(one));
  const archiveOf = (one: string) => modelArchive({ model: config.model, release: one, bucket });
  const kept = await Promise.all(
    releasesToKeep(before, release, keepReleases, isThere).map(
      async (one) => [one, { model: await archiveOf(one) }] as const,
    ),
  );
  const made = new SafeModel("prod", {
    release,
    adopt: isThere(release),
    model: await archiveOf(release),
    keptReleases: Object.fromEntries(kept),
    warmReleases: warmReleases(before, isThere),
    ...served(config, bucket),
    ...judged(config),
    tags: releaseTags(config, "prod"),
  });
  return {
    apiUrl: made.url,
    ...(made.apiKey === undefined ? {} : { apiKey: made.apiKey }),
    liveRelease: made.liveRelease,
    liveVersion: made.liveVersion,
    liveSince: made.liveSince,
    releases: made.releases,
    keptReleases: made.keptReleases,
    deploymentId: made.deploymentId,
    endpointName: made.endpointName,
  };
}

/** How each release's endpoint is made and named. */
function served(config: StackConfig<"prod">, bucket: string) {
  return {
    apiName: `${modelPrefix(config.model)}-api`,
    endpointPrefix: endpointPrefix(config.model, "prod"),
    variantName: variantName(config.model, "prod"),
    image: prebuiltImage(model.image),
    serve: {
      instanceType: config.instanceType,
      minInstances: config.minInstances,
      maxInstances: config.maxInstances,
      targetInvocationsPerInstance: config.targetInvocationsPerInstance,
      scaleInCooldownSeconds: config.scalingCooldownSeconds,
      scaleOutCooldownSeconds: config.scalingCooldownSeconds,
    },
    capture: {
      destinationUri: dataCaptureUri(config.model, bucket),
      samplingPercentage: config.capturePercentage,
    },
    kmsKeyArn: config.kmsKeyArn,
    transform: FROM_THE_STACK_ITSELF,
  } satisfies Partial<SafeModelArgs>;
}

/** What a release is asked, who may ask it, and how it takes over. */
function judged(config: StackConfig<"prod">) {
  const { knownRows, minimumPrediction, maximumPrediction } = model.preTrafficCheck;
  return {
    request: { columns: model.columns.inputs.map((column) => model.columns.ranges[column] ?? {}) },
    check: {
      requests: knownRows,
      accept: { type: "number", ...model.predictionRange },
      acceptKnown: { type: "number", minimum: minimumPrediction, maximum: maximumPrediction },
    },
    front: {
      auth: config.auth,
      throttling: { rateLimit: config.rateLimit, burstLimit: config.burstLimit },
      createAccountLogRole: config.createAccountLogRole,
    },
    rollout: apiKnobsOf(config),
  } satisfies Partial<SafeModelArgs>;
}

/** Before there was a `SafeModel`, endpoints and API were in the stack themselves, and the API was called `api`. */
const FROM_THE_STACK_ITSELF: SafeModelArgs["transform"] = {
  endpoint: (_, opts) => {
    opts.aliases = [{ parent: pulumi.rootStackResource }];
  },
  api: (_, opts) => {
    opts.aliases = [{ name: "api", parent: pulumi.rootStackResource }];
  },
};
