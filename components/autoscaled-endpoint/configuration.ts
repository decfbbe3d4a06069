import type * as pulumi from "@pulumi/pulumi";
import * as sagemaker from "@pulumi/aws/sagemaker";
import type { Capacity } from "../../lib/capacity";
import { hasLocalStorage } from "../../lib/local-storage";
import { transform } from "../support/transform";
import type { AsyncInference, AutoscaledEndpointArgs, DataCapture, Serverless } from "./arguments";
import { named } from "./named";

/** What the endpoint is to consist of. @param capacity of its instances; `undefined` if it is serverless */
export function makeConfiguration(
  name: string,
  args: AutoscaledEndpointArgs,
  modelName: pulumi.Output<string>,
  capacity: Required<Capacity> | undefined,
  parent: pulumi.Resource,
): sagemaker.EndpointConfiguration {
  const { serverless, async, dataCapture, kmsKeyArn } = args;
  const definition = {
    kmsKeyArn: capacity !== undefined && hasLocalStorage(capacity.instanceType) ? undefined : kmsKeyArn,
    productionVariants: [
      {
        variantName: args.variantName,
        modelName,
        initialVariantWeight: 1,
        ...(capacity === undefined ? {} : instances(args, capacity)),
        ...(serverless === undefined ? {} : { serverlessConfig: serverlessConfig(serverless) }),
      },
    ],
    dataCaptureConfig: dataCapture && captureConfig(dataCapture, kmsKeyArn),
    asyncInferenceConfig: async && asyncConfig(async, kmsKeyArn),
    tags: args.tags,
  };
  const made = transform<sagemaker.EndpointConfigurationArgs>(
    args.transform?.endpointConfiguration,
    `${name}-config`,
    definition,
    { parent },
  );
  return new sagemaker.EndpointConfiguration(...named(args.endpointName, made));
}

function instances(args: AutoscaledEndpointArgs, { instanceType, minInstances }: Required<Capacity>) {
  const { containerStartupHealthCheckTimeoutInSeconds, modelDataDownloadTimeoutInSeconds } = args;
  return {
    instanceType,
    initialInstanceCount: minInstances,
    containerStartupHealthCheckTimeoutInSeconds,
    modelDataDownloadTimeoutInSeconds,
  };
}

function serverlessConfig({ memorySizeInMB, maxConcurrency, provisionedConcurrency }: Serverless) {
  return { memorySizeInMb: memorySizeInMB, maxConcurrency, provisionedConcurrency };
}

function captureConfig(capture: DataCapture, kmsKeyId: pulumi.Input<string> | undefined) {
  const modes = [...((capture.input ?? true) ? ["Input"] : []), ...((capture.output ?? true) ? ["Output"] : [])];
  return {
    enableCapture: true,
    initialSamplingPercentage: capture.samplingPercentage ?? 100,
    destinationS3Uri: capture.destinationUri,
    kmsKeyId,
    captureOptions: modes.map((captureMode) => ({ captureMode })),
    captureContentTypeHeader: { csvContentTypes: ["text/csv"], jsonContentTypes: ["application/json"] },
  };
}

function asyncConfig(async: AsyncInference, kmsKeyId: pulumi.Input<string> | undefined) {
  const { successTopicArn: successTopic, errorTopicArn: errorTopic, maxConcurrentInvocationsPerInstance } = async;
  return {
    ...(maxConcurrentInvocationsPerInstance === undefined
      ? {}
      : { clientConfig: { maxConcurrentInvocationsPerInstance } }),
    outputConfig: {
      s3OutputPath: async.s3OutputPath,
      s3FailurePath: async.s3FailurePath,
      kmsKeyId,
      ...(successTopic === undefined && errorTopic === undefined
        ? {}
        : { notificationConfig: { successTopic, errorTopic } }),
    },
  };
}
