import * as pulumi from "@pulumi/pulumi";
import { AutoscaledEndpoint } from "../components/autoscaled-endpoint";
import { BlueGreenApi } from "../components/blue-green-api";
import type { StackConfig } from "../lib/config";
import { releasesToKeep, servesWithoutCopy, warmReleases } from "../lib/kept-releases";
import type { Model } from "../lib/model";
import { apiKnobsOf } from "../lib/rollout-knobs";
import { apiName, dataCaptureUri, endpointName, variantName } from "../lib/release";
import { copiedArchive, trainedArchive, type ServedArchive } from "./archives";
import { bucketOf, endpointsThere, imageUri, releasesBefore, releaseTags, servingEnvironment } from "./common";
import { requirePlaces } from "./places";

/**
 * A release's model behind the API. Each release has its own endpoint resource. So the engine first creates the new endpoint, then the API
 * shifts traffic to it. Only if that succeeds, the endpoint of the release before is scaled down and kept warm, or deleted.
 */
export async function prod(config: StackConfig<"prod">, model: Model) {
  const bucket = await bucketOf(config);
  // The pipeline has looked for the bucket that it sets, and its builds may not.
  if (config.permissionsBoundaryArn === undefined) {
    await requirePlaces(bucket);
  }
  const { release, keepReleases } = config;
  const before = await releasesBefore();
  const warm = keepReleases > 0 ? before : { history: [], kept: [] };
  const nameOf = (one: string) => endpointName(config.model, pulumi.getStack(), one);
  const there = await endpointsThere([release, ...warm.history, ...warm.kept].map(nameOf));
  const isThere = (one: string) => there.has(nameOf(one));
  const kept = releasesToKeep(warm, release, keepReleases, isThere);
  const archiveOf = (one: string) =>
    servesWithoutCopy(before, one)
      ? trainedArchive({ ...config, release: one, bucket })
      : copiedArchive({ ...config, release: one, bucket }, copySettings(config, one));

  const archive = await archiveOf(release);
  const endpoint = releaseEndpoint(config, model, bucket, release, archive, {
    standby: false,
    adopt: isThere(release),
  });
  const api = createApi(config, model, bucket, endpoint, warmReleases(warm, isThere));
  // Only after a successful rollout: a release that still serves must not be scaled down.
  const standbys = await Promise.all(
    kept.map(async (one) =>
      releaseEndpoint(config, model, bucket, one, await archiveOf(one), { standby: true }, { dependsOn: [api] }),
    ),
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
    modelArchives: archivesOf(api.releases, { ...before.archives, [release]: archive.sha256 }),
    deploymentId: api.deploymentId,
    endpointName: endpoint.endpointName,
  };
}

/** What the archive of a release must be. The approval is about the release that is to be live. */
function copySettings({ release, modelArchiveSha256, kmsKeyArn }: StackConfig<"prod">, of: string) {
  return { kmsKeyArn, approvedSha256: of === release ? modelArchiveSha256 : undefined };
}

/** The digests of the releases that have been live, as far as their archives were copied. They change only with what is live. */
function archivesOf(
  releases: pulumi.Output<string[]>,
  digests: Readonly<Record<string, pulumi.Input<string> | undefined>>,
) {
  return pulumi
    .all([releases, pulumi.output(digests)])
    .apply(([lived, known]) =>
      Object.fromEntries(lived.flatMap((one) => (known[one] === undefined ? [] : [[one, known[one]]]))),
    );
}

function releaseEndpoint(
  config: StackConfig<"prod">,
  model: Model,
  bucket: string,
  release: string,
  { modelDataUrl, sha256 }: ServedArchive,
  state: { readonly standby: boolean; readonly adopt?: boolean },
  opts?: pulumi.ComponentResourceOptions,
): AutoscaledEndpoint {
  return new AutoscaledEndpoint(
    `prod-${release}`,
    {
      ...state,
      endpointName: endpointName(config.model, pulumi.getStack(), release),
      variantName: variantName(config.model, pulumi.getStack()),
      image: imageUri(model.image),
      environment: servingEnvironment(model),
      modelDataUrl,
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
      tags: { ...releaseTags(config), ...(sha256 === undefined ? {} : { ModelArchiveSha256: sha256 }) },
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
  return new BlueGreenApi("api", {
    apiName: apiName(config.model, pulumi.getStack()),
    release: config.release,
    endpoint,
    request: { columns: model.columns.inputs },
    check: model.check,
    dataCaptureUri: dataCaptureUri(config.model, bucket),
    ...apiKnobsOf(config),
    standbyReleases,
    auth: config.auth,
    throttling: { rateLimit: config.rateLimit, burstLimit: config.burstLimit },
    createAccountLogRole: config.createAccountLogRole,
    kmsKeyArn: config.kmsKeyArn,
    tags: releaseTags({ model: config.model }),
  });
}
