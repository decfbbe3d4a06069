import * as pulumi from "@pulumi/pulumi";
import { DriftMonitor } from "../components/drift-monitor";
import { SafeModel } from "../components/safe-model";
import type { SafeModelArgs } from "../components/safe-model/arguments";
import type { StackConfig } from "../lib/config";
import { releasesToKeep, servesWithoutCopy, warmReleases } from "../lib/kept-releases";
import type { Model } from "../lib/model";
import { apiKnobsOf } from "../lib/rollout-knobs";
import {
  apiName,
  dataCaptureUri,
  deployedBaselineUri,
  endpointName,
  endpointPrefix,
  variantName,
} from "../lib/release";
import { watchedColumnProblems } from "../lib/watched-columns";
import { copiedArchive, copiedBaseline, trainedArchive, type ServedArchive } from "./archives";
import { apiCanary, canaryProblems, sentByCanary } from "./api-canary";
import { bucketOf, endpointsThere, imageUri, releasesBefore, releaseTags, servingEnvironment } from "./common";
import { dashboard } from "./dashboard";
import { monitoring } from "./monitoring";
import { requirePlaces } from "./places";
import { qualityMonitor } from "./quality-monitor";

/** A release's model behind the API. With `keepReleases` the endpoints of the releases before are kept warm. */
export async function prod(config: StackConfig<"prod">, model: Model) {
  const bucket = await bucketOf(config);
  // The pipeline has looked for the bucket that it sets, and its builds may not.
  if (config.permissionsBoundaryArn === undefined) {
    await requirePlaces(bucket);
  }
  const problems = [...watchedColumnProblems(config.driftMonitor || {}, model), ...canaryProblems(config)];
  if (problems.length > 0) {
    throw new Error(`the stack's config cannot be used:\n${problems.map((line) => `  ${line}`).join("\n")}`);
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
  const keptReleases = await Promise.all(
    kept.map(async (one) => [one, contentOf(config, await archiveOf(one))] as const),
  );
  const baseline =
    config.driftMonitor === false
      ? []
      : [copiedBaseline({ ...config, bucket }, { kmsKeyArn: config.kmsKeyArn, approvedSha256: config.baselineSha256 })];
  const made = new SafeModel(
    "prod",
    {
      release,
      ...contentOf(config, archive),
      keptReleases: Object.fromEntries(keptReleases),
      warmReleases: warmReleases(warm, isThere),
      adopt: isThere(release),
      ...served(config, model, bucket),
      ...judged(config, model),
      transform: fromTheStackItself(config),
    },
    { dependsOn: baseline },
  );
  const drift = driftMonitor(config, model, bucket, made);
  const canary = apiCanary(config, model, bucket, made);
  const quality = qualityMonitor(config, model, bucket, made);
  const shown = dashboard(config, model, made, { drift, quality, canary });
  return {
    apiUrl: made.url,
    ...(made.apiKey === undefined ? {} : { apiKey: made.apiKey }),
    liveRelease: made.liveRelease,
    liveVersion: made.liveVersion,
    liveSince: made.liveSince,
    releases: made.releases,
    keptReleases: made.keptReleases,
    modelArchives: archivesOf(made.releases, { ...before.archives, [release]: archive.sha256 }),
    deploymentId: made.deploymentId,
    endpointName: made.endpointName,
    ...(drift === undefined ? {} : { driftAlarm: drift.alarmName, driftReportsUri: drift.reportsUri }),
    ...(canary === undefined ? {} : { canaryAlarm: canary.alarmName, canaryArtifactsUri: canary.artifactsUri }),
    ...(quality === undefined
      ? {}
      : { qualityAlarm: quality.alarmName, labelsUri: quality.labelsUri, qualityReportsUri: quality.reportsUri }),
    ...(shown === undefined ? {} : { dashboardUrl: shown.url }),
  };
}

/** What watches the releases that have traffic for drift. It comes after the first of them, and changes with none. */
function driftMonitor(config: StackConfig<"prod">, model: Model, bucket: string, after: SafeModel) {
  if (config.driftMonitor === false) {
    return undefined;
  }
  const { names, args } = monitoring(config, model, bucket);
  return new DriftMonitor(
    "drift",
    {
      ...args,
      ...config.driftMonitor,
      monitorName: names.schedule,
      alarmName: names.driftAlarm,
      baselineUri: deployedBaselineUri({ model: config.model, bucket }, pulumi.getStack(), "{release}"),
      target: model.columns.target,
      canary: sentByCanary(config, model),
      ...(config.driftMonitor.engine === "modelMonitor" ? watchedByModelMonitor(config, model, after) : {}),
    },
    { dependsOn: after },
  );
}

/**
 * Model Monitor watches the endpoint of this update's release once it has taken over. The schedule of the release before is deleted with its
 * endpoint, at the end of the update, and stays if the rollout fails.
 */
function watchedByModelMonitor({ driftMonitor, release }: StackConfig<"prod">, model: Model, after: SafeModel) {
  const { target, inputs } = model.columns;
  const given = driftMonitor === false ? undefined : driftMonitor.watched;
  return {
    endpoint: { endpointName: after.endpointName, release },
    watched: given ?? [target, ...inputs.map(({ name }) => name)],
    image: undefined,
    canary: undefined,
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

/** What differs between the endpoints of releases. */
function contentOf(config: StackConfig<"prod">, { modelDataUrl, sha256 }: ServedArchive) {
  return {
    model: modelDataUrl,
    tags: { ...releaseTags(config), ...(sha256 === undefined ? {} : { ModelArchiveSha256: sha256 }) },
  };
}

/** How each release's endpoint is made and named. */
function served(config: StackConfig<"prod">, model: Model, bucket: string) {
  return {
    apiName: apiName(config.model, pulumi.getStack()),
    endpointPrefix: endpointPrefix(config.model, pulumi.getStack()),
    variantName: variantName(config.model, pulumi.getStack()),
    image: imageUri(model.image),
    environment: servingEnvironment(model),
    serve: {
      instanceType: config.instanceType,
      minInstances: config.minInstances,
      maxInstances: config.maxInstances,
      targetInvocationsPerInstance: config.targetInvocationsPerInstance,
      scaleInCooldownSeconds: config.scalingCooldownSeconds,
      scaleOutCooldownSeconds: config.scalingCooldownSeconds,
      grantRetirementSeconds: config.grantRetirementSeconds,
    },
    capture: {
      destinationUri: dataCaptureUri(config.model, bucket),
      samplingPercentage: config.capturePercentage,
    },
    kmsKeyArn: config.kmsKeyArn,
  } satisfies Partial<SafeModelArgs>;
}

/** What a release is asked, who may ask it, and how it takes over. */
function judged(config: StackConfig<"prod">, model: Model) {
  return {
    request: { columns: model.columns.inputs },
    check: model.check,
    front: {
      auth: config.auth,
      throttling: { rateLimit: config.rateLimit, burstLimit: config.burstLimit },
      createAccountLogRole: config.createAccountLogRole,
    },
    rollout: apiKnobsOf(config),
  } satisfies Partial<SafeModelArgs>;
}

/**
 * Before there was a `SafeModel`, endpoints and API were in the stack itself, and the API was called `api`. What belongs to the API outlives
 * a release, so its tags name none.
 */
function fromTheStackItself({ model: name }: StackConfig<"prod">): SafeModelArgs["transform"] {
  return {
    endpoint: (_, opts) => {
      opts.aliases = [{ parent: pulumi.rootStackResource }];
    },
    api: (args, opts) => {
      args.tags = releaseTags({ model: name });
      opts.aliases = [{ name: "api", parent: pulumi.rootStackResource }];
    },
  };
}
