import { capacityOf, capacityProblems } from "../../lib/capacity";
import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import { s3UriProblems } from "../support/s3-uris";
import { vpcProblems } from "../support/vpc";
import type { AsyncInference, AutoscaledEndpointArgs, DataCapture, ScalingMetric, Serverless } from "./arguments";
import { deploymentProblems } from "./deployment";
import { metricName } from "./scaling";

/** Everything that is wrong with an endpoint's arguments, each with the value and the rule, as far as they are known in the preview. */
export function endpointProblems(args: AutoscaledEndpointArgs): string[] {
  const { serverless, async, dataCapture, deployment } = args;
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/.test(args.endpointName)
      ? []
      : [`endpointName must be 1 to 63 letters, digits and hyphens, got "${args.endpointName}"`]),
    ...containerProblems(args),
    ...vpcProblems(args.vpc),
    ...(serverless === undefined ? instanceProblems(args) : serverlessProblems(args, serverless)),
    ...(async === undefined ? [] : asyncProblems(args, async)),
    ...(dataCapture === undefined ? [] : captureProblems(dataCapture)),
    ...(deployment === undefined ? [] : deploymentProblems(deployment)),
    ...((args.grantRetirementSeconds ?? 0) >= 0
      ? []
      : [`grantRetirementSeconds must be 0 or more, got ${args.grantRetirementSeconds}`]),
  ];
}

function containerProblems(args: AutoscaledEndpointArgs): string[] {
  const { image, modelDataUrl, environment, containers, modelPackageArn, executionRoleArn } = args;
  const kinds = { image, containers, modelPackageArn };
  const given = Object.entries(kinds).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const [kind] = given;
  return [
    ...(given.length === 1
      ? []
      : [`one of image, containers and modelPackageArn must be given, got ${given.join(" and ") || "none"}`]),
    ...(kind === "image" || modelDataUrl === undefined
      ? []
      : ["modelDataUrl is the archive of image: a pipeline's containers have their own, and a model package names it"]),
    ...(containers === undefined || environment === undefined
      ? []
      : ["environment is that of one container: give each of containers its own"]),
    ...(containers === undefined || (containers.length >= 2 && containers.length <= 15)
      ? []
      : [
          `containers must be 2 to 15, got ${containers.length}: a single one is image, with modelDataUrl and environment`,
        ]),
    ...(modelPackageArn === undefined || executionRoleArn !== undefined
      ? []
      : [
          "modelPackageArn needs executionRoleArn: the role must be able to read the archive and pull the image that the package names",
        ]),
    ...s3UriProblems({
      modelDataUrl,
      ...Object.fromEntries((containers ?? []).map((one, i) => [`containers[${i}].modelDataUrl`, one.modelDataUrl])),
    }),
  ];
}

function instanceProblems(args: AutoscaledEndpointArgs): string[] {
  const seconds = (name: "containerStartupHealthCheckTimeoutInSeconds" | "modelDataDownloadTimeoutInSeconds") =>
    wholeNumberProblems(name, args[name], 60, 3600);
  return [
    ...(args.instanceType === undefined
      ? ["instanceType must be given, such as ml.m5.large, unless serverless is"]
      : capacityProblems(capacityOf(args))),
    ...seconds("containerStartupHealthCheckTimeoutInSeconds"),
    ...seconds("modelDataDownloadTimeoutInSeconds"),
    ...scalingProblems(args.scalingMetrics ?? []),
  ];
}

function scalingProblems(metrics: readonly ScalingMetric[]): string[] {
  const names = metrics.map(metricName).filter((name) => name !== undefined);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  return [
    ...metrics.flatMap(metricProblems),
    ...(twice === undefined ? [] : [`scalingMetrics must have different metrics, got ${twice} more than once`]),
  ];
}

function metricProblems(metric: ScalingMetric, i: number): string[] {
  const { targetValue, predefinedMetricType, customMetric } = metric;
  const path = `scalingMetrics[${i}]`;
  return [
    ...(targetValue > 0 ? [] : [`${path}.targetValue must be above 0, got ${targetValue}`]),
    ...((predefinedMetricType === undefined) === (customMetric === undefined)
      ? [`${path} must have either predefinedMetricType or customMetric`]
      : []),
    ...wholeNumberProblems(`${path}.scaleInCooldownSeconds`, metric.scaleInCooldownSeconds, 0, 86_400),
    ...wholeNumberProblems(`${path}.scaleOutCooldownSeconds`, metric.scaleOutCooldownSeconds, 0, 86_400),
  ];
}

const MEMORY_SIZES = [1024, 2048, 3072, 4096, 5120, 6144];

/** What a serverless endpoint cannot have; SageMaker would refuse it, or do something else. */
const NOT_SERVERLESS = {
  instanceType: "it has no instances",
  minInstances: "it has no instances",
  maxInstances: "it has no instances",
  targetInvocationsPerInstance: "it has no instances",
  scaleInCooldownSeconds: "it has no instances",
  scaleOutCooldownSeconds: "it has no instances",
  scalingMetrics: "it scales by itself, up to maxConcurrency",
  containers: "AWS runs no pipeline there",
  vpc: "AWS puts no serverless container into a VPC",
  enableNetworkIsolation: "AWS does not isolate serverless containers",
  dataCapture: "AWS captures nothing there",
  async: "an endpoint is either",
  deployment: "AWS shifts its traffic all at once",
  containerStartupHealthCheckTimeoutInSeconds: "AWS sets it",
  modelDataDownloadTimeoutInSeconds: "AWS sets it",
} satisfies Partial<Record<keyof AutoscaledEndpointArgs, string>>;

/** https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html */
function serverlessProblems(args: AutoscaledEndpointArgs, serverless: Serverless): string[] {
  const { memorySizeInMB, maxConcurrency, provisionedConcurrency } = serverless;
  const given = new Map(Object.entries(args).filter(([, value]) => value !== undefined && value !== false));
  return [
    ...unknownKeys(serverless, ["memorySizeInMB", "maxConcurrency", "provisionedConcurrency"], "serverless"),
    ...(MEMORY_SIZES.includes(memorySizeInMB)
      ? []
      : [`serverless.memorySizeInMB must be one of ${MEMORY_SIZES.join(", ")}, got ${memorySizeInMB}`]),
    ...wholeNumberProblems("serverless.maxConcurrency", maxConcurrency, 1, 200),
    ...wholeNumberProblems("serverless.provisionedConcurrency", provisionedConcurrency, 1, maxConcurrency),
    ...Object.entries(NOT_SERVERLESS).flatMap(([name, reason]) =>
      given.has(name) ? [`${name} is not for a serverless endpoint: ${reason}`] : [],
    ),
  ];
}

const ASYNC_ARGUMENTS: Readonly<Record<keyof Required<AsyncInference>, true>> = {
  s3InputPath: true,
  s3OutputPath: true,
  s3FailurePath: true,
  maxConcurrentInvocationsPerInstance: true,
  successTopicArn: true,
  errorTopicArn: true,
};

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html */
function asyncProblems(args: AutoscaledEndpointArgs, async: AsyncInference): string[] {
  const { maxConcurrentInvocationsPerInstance: most, s3InputPath, s3OutputPath, s3FailurePath } = async;
  return [
    ...unknownKeys(async, Object.keys(ASYNC_ARGUMENTS), "async"),
    ...wholeNumberProblems("async.maxConcurrentInvocationsPerInstance", most, 1, 1000),
    ...s3UriProblems({
      "async.s3InputPath": s3InputPath,
      "async.s3OutputPath": s3OutputPath,
      "async.s3FailurePath": s3FailurePath,
    }),
    ...(args.containers === undefined
      ? []
      : ["containers is not for an asynchronous endpoint: AWS runs no pipeline there"]),
    ...(args.dataCapture === undefined
      ? []
      : ["dataCapture is not for an asynchronous endpoint: its requests and answers lie in S3 already"]),
  ];
}

function captureProblems(capture: DataCapture): string[] {
  return [
    ...unknownKeys(capture, ["destinationUri", "samplingPercentage", "input", "output"], "dataCapture"),
    ...s3UriProblems({ "dataCapture.destinationUri": capture.destinationUri }),
    ...wholeNumberProblems("dataCapture.samplingPercentage", capture.samplingPercentage, 1, 100),
    ...(capture.input === false && capture.output === false
      ? ["dataCapture must keep input or output, got false for both"]
      : []),
  ];
}

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<AutoscaledEndpointArgs>, true>> = {
  endpointName: true,
  variantName: true,
  image: true,
  modelDataUrl: true,
  environment: true,
  containers: true,
  modelPackageArn: true,
  executionRoleArn: true,
  vpc: true,
  enableNetworkIsolation: true,
  containerStartupHealthCheckTimeoutInSeconds: true,
  modelDataDownloadTimeoutInSeconds: true,
  instanceType: true,
  minInstances: true,
  maxInstances: true,
  targetInvocationsPerInstance: true,
  scaleInCooldownSeconds: true,
  scaleOutCooldownSeconds: true,
  scalingMetrics: true,
  serverless: true,
  async: true,
  dataCapture: true,
  kmsKeyArn: true,
  grantRetirementSeconds: true,
  deployment: true,
  standby: true,
  adopt: true,
  tags: true,
  transform: true,
};
