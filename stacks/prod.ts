import { AutoscaledEndpoint } from "../components/autoscaled-endpoint";
import { BlueGreenApi } from "../components/blue-green-api";
import type { StackConfig } from "../lib/config";
import { dataCaptureUri, endpointName, modelPrefix, releaseNames, variantName } from "../lib/release";
import { model } from "../model";
import { bucketOf, prebuiltImage, releaseTags } from "./common";

/**
 * A release's model behind the API. The endpoint is a resource of the release's own, so the engine creates it first, then the API shifts
 * traffic to it, and only when that went well the endpoint of the release before is no longer declared and goes.
 */
export async function prod(config: StackConfig<"prod">) {
  const bucket = await bucketOf(config);
  const names = releaseNames({ ...config, bucket });
  const tags = releaseTags(config, "prd");
  const captureUri = dataCaptureUri(config.model, bucket);
  const endpoint = new AutoscaledEndpoint(`prod-${config.release}`, {
    endpointName: endpointName(config.model, "prd", config.release),
    variantName: variantName(config.model, "prd"),
    image: prebuiltImage(model.image),
    modelDataUrl: names.modelArchiveUri,
    instanceType: config.instanceType,
    minInstances: config.minInstances,
    maxInstances: config.maxInstances,
    targetInvocationsPerInstance: config.targetInvocationsPerInstance,
    scaleInCooldownSeconds: config.scalingCooldownSeconds,
    scaleOutCooldownSeconds: config.scalingCooldownSeconds,
    dataCapture: { destinationUri: captureUri, samplingPercentage: config.capturePercentage },
    kmsKeyArn: config.kmsKeyArn,
    tags,
  });
  const api = new BlueGreenApi("api", {
    apiName: `${modelPrefix(config.model)}-api`,
    release: config.release,
    endpoint,
    preTraffic: model.preTrafficCheck,
    dataCaptureUri: captureUri,
    deploymentConfigName: config.deploymentConfigName,
    auth: config.auth,
    throttling: { rateLimit: config.rateLimit, burstLimit: config.burstLimit },
    createAccountLogRole: config.createAccountLogRole,
    kmsKeyArn: config.kmsKeyArn,
    captureWaitSeconds: config.captureWaitSeconds,
    drainSeconds: config.drainSeconds,
    pollSeconds: config.pollSeconds,
    tags: releaseTags({ model: config.model }, "prd"),
  });
  return {
    apiUrl: api.url,
    ...(api.apiKey === undefined ? {} : { apiKey: api.apiKey }),
    liveRelease: api.liveRelease,
    liveVersion: api.liveVersion,
    deploymentId: api.deploymentId,
    endpointName: endpoint.endpointName,
  };
}
