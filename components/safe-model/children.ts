import type { AutoscaledEndpointArgs } from "../autoscaled-endpoint/arguments";
import type { BlueGreenApiArgs, EndpointReference } from "../blue-green-api/arguments";
import type { SafeModelArgs } from "./arguments";

/** The arguments of a release's endpoint. All that must fit the release and the API is said here and nowhere else. */
export function endpointArguments(name: string, args: SafeModelArgs, release = args.release): AutoscaledEndpointArgs {
  const { apiName = name, endpointPrefix = `${apiName}-`, variantName = "all", keptReleases } = args;
  const { model, image, environment, serve, tags } = { ...args, ...keptReleases?.[release] };
  const isLive = release === args.release;
  return {
    ...serve,
    endpointName: `${endpointPrefix}${release}`,
    variantName,
    image,
    modelDataUrl: model,
    environment,
    vpc: args.vpc,
    dataCapture: args.capture,
    kmsKeyArn: args.kmsKeyArn,
    ...(keptReleases === undefined ? {} : { standby: !isLive }),
    ...(isLive ? { adopt: args.adopt } : {}),
    tags,
  };
}

/** The arguments of the API in front of the endpoint. */
export function apiArguments(name: string, args: SafeModelArgs, endpoint: EndpointReference): BlueGreenApiArgs {
  const { front = {} } = args;
  return {
    ...args.rollout,
    ...args.function,
    ...(typeof front === "string" ? { front } : front),
    apiName: args.apiName ?? name,
    release: args.release,
    endpoint,
    request: args.request,
    check: args.check,
    dataCaptureUri: args.capture?.destinationUri,
    preTrafficHook: args.preTrafficHook,
    postTrafficHook: args.postTrafficHook,
    standbyReleases: args.warmReleases,
    kmsKeyArn: args.kmsKeyArn,
    logRetentionDays: args.logRetentionDays,
    tags: args.tags,
  };
}
