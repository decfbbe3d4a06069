import {
  CaptureMode,
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type AsyncInferenceConfig,
  type DataCaptureConfig,
  ProductionVariantInstanceType,
} from "@aws-sdk/client-sagemaker";
import { unlessGone } from "../failures";
import { block, boolean, kmsKey, list, number, oneOf, set, text } from "../kinds";
import { type Kind, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { tagList, tagsArgument } from "../tags";
import { SAGEMAKER_NAME, isGone, sageMaker, sageMakerTagging, sageMakerTags } from "./sagemaker";

const variant = block({
  // The AWS provider makes up a missing name; here it has to be said, since autoscaling refers to it.
  variantName: required(text),
  modelName: required(text),
  instanceType: optional(oneOf(ProductionVariantInstanceType)),
  initialInstanceCount: optional(number),
  initialVariantWeight: withDefault(number, 1),
  containerStartupHealthCheckTimeoutInSeconds: optional(number),
  modelDataDownloadTimeoutInSeconds: optional(number),
  serverlessConfig: optional(
    block({
      memorySizeInMb: required(number),
      maxConcurrency: required(number),
      provisionedConcurrency: optional(number),
    }),
  ),
});

const contentTypes = block({ csvContentTypes: optional(set(text)), jsonContentTypes: optional(set(text)) });

const capture = block({
  enableCapture: withDefault(boolean, false),
  initialSamplingPercentage: required(number),
  destinationS3Uri: required(text),
  kmsKeyId: optional(kmsKey),
  captureOptions: required(list(block({ captureMode: required(oneOf(CaptureMode)) }))),
  captureContentTypeHeader: optional(contentTypes),
});

const queue = block({
  clientConfig: optional(block({ maxConcurrentInvocationsPerInstance: optional(number) })),
  outputConfig: required(
    block({
      s3OutputPath: required(text),
      s3FailurePath: optional(text),
      kmsKeyId: optional(kmsKey),
      notificationConfig: optional(block({ successTopic: optional(text), errorTopic: optional(text) })),
    }),
  ),
});

type Argument<K> = K extends Kind<infer T> ? T : never;

/** An endpoint configuration never changes: another one takes its place. */
const endpointConfiguration = resource({
  type: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  inputs: {
    name: autoNamed(text, SAGEMAKER_NAME),
    kmsKeyArn: optional(kmsKey, { replaces: true }),
    productionVariants: required(list(variant), { replaces: true }),
    dataCaptureConfig: optional(capture, { replaces: true }),
    asyncInferenceConfig: optional(queue, { replaces: true }),
    tags: tagsArgument,
  },
  outputs: ["arn"],
  identity: ["name"],
  tagging: sageMakerTagging,
  async create({ aws, inputs, tags }) {
    const { dataCaptureConfig: captured, asyncInferenceConfig: async } = inputs;
    await sageMaker(aws).send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: inputs.name,
        KmsKeyId: inputs.kmsKeyArn,
        ProductionVariants: inputs.productionVariants.map((each) => ({
          VariantName: each.variantName,
          ModelName: each.modelName,
          InstanceType: each.instanceType,
          InitialInstanceCount: each.initialInstanceCount,
          InitialVariantWeight: each.initialVariantWeight,
          ContainerStartupHealthCheckTimeoutInSeconds: each.containerStartupHealthCheckTimeoutInSeconds,
          ModelDataDownloadTimeoutInSeconds: each.modelDataDownloadTimeoutInSeconds,
          ServerlessConfig: each.serverlessConfig && {
            MemorySizeInMB: each.serverlessConfig.memorySizeInMb,
            MaxConcurrency: each.serverlessConfig.maxConcurrency,
            ProvisionedConcurrency: each.serverlessConfig.provisionedConcurrency,
          },
        })),
        AsyncInferenceConfig: async && asyncRequest(async),
        DataCaptureConfig: captured && {
          EnableCapture: captured.enableCapture,
          InitialSamplingPercentage: captured.initialSamplingPercentage,
          DestinationS3Uri: captured.destinationS3Uri,
          KmsKeyId: captured.kmsKeyId,
          CaptureOptions: captured.captureOptions.map(({ captureMode: CaptureMode }) => ({ CaptureMode })),
          CaptureContentTypeHeader: captured.captureContentTypeHeader && {
            CsvContentTypes: captured.captureContentTypeHeader.csvContentTypes,
            JsonContentTypes: captured.captureContentTypeHeader.jsonContentTypes,
          },
        },
        Tags: tagList(tags),
      }),
    );
    return inputs.name;
  },
  async read({ aws, id }) {
    const request = new DescribeEndpointConfigCommand({ EndpointConfigName: id });
    const found = await unlessGone(isGone, () => sageMaker(aws).send(request));
    return (
      found && {
        inputs: {
          name: found.EndpointConfigName,
          kmsKeyArn: found.KmsKeyId,
          productionVariants: found.ProductionVariants?.map((each) => ({
            variantName: each.VariantName,
            modelName: each.ModelName,
            instanceType: each.InstanceType,
            initialInstanceCount: each.InitialInstanceCount,
            initialVariantWeight: each.InitialVariantWeight,
            containerStartupHealthCheckTimeoutInSeconds: each.ContainerStartupHealthCheckTimeoutInSeconds,
            modelDataDownloadTimeoutInSeconds: each.ModelDataDownloadTimeoutInSeconds,
            serverlessConfig: each.ServerlessConfig && {
              memorySizeInMb: each.ServerlessConfig.MemorySizeInMB,
              maxConcurrency: each.ServerlessConfig.MaxConcurrency,
              provisionedConcurrency: each.ServerlessConfig.ProvisionedConcurrency,
            },
          })),
          asyncInferenceConfig: found.AsyncInferenceConfig && asyncArgument(found.AsyncInferenceConfig),
          dataCaptureConfig: found.DataCaptureConfig && captureArgument(found.DataCaptureConfig),
        },
        outputs: { arn: found.EndpointConfigArn },
        tags: await sageMakerTags(aws, found.EndpointConfigArn),
      }
    );
  },
  async delete({ aws, id }) {
    const request = new DeleteEndpointConfigCommand({ EndpointConfigName: id });
    await unlessGone(isGone, () => sageMaker(aws).send(request));
  },
});

function asyncRequest({ clientConfig, outputConfig }: Argument<typeof queue>): AsyncInferenceConfig {
  const { s3OutputPath, s3FailurePath, kmsKeyId, notificationConfig: told } = outputConfig;
  return {
    ClientConfig: clientConfig && {
      MaxConcurrentInvocationsPerInstance: clientConfig.maxConcurrentInvocationsPerInstance,
    },
    OutputConfig: {
      S3OutputPath: s3OutputPath,
      S3FailurePath: s3FailurePath,
      KmsKeyId: kmsKeyId,
      NotificationConfig: told && { SuccessTopic: told.successTopic, ErrorTopic: told.errorTopic },
    },
  };
}

function asyncArgument({ ClientConfig: client, OutputConfig: output }: AsyncInferenceConfig) {
  const told = output?.NotificationConfig;
  return {
    clientConfig: client && { maxConcurrentInvocationsPerInstance: client.MaxConcurrentInvocationsPerInstance },
    outputConfig: output && {
      s3OutputPath: output.S3OutputPath,
      s3FailurePath: output.S3FailurePath,
      kmsKeyId: output.KmsKeyId,
      notificationConfig: told && { successTopic: told.SuccessTopic, errorTopic: told.ErrorTopic },
    },
  };
}

function captureArgument(found: DataCaptureConfig) {
  const header = found.CaptureContentTypeHeader;
  return {
    enableCapture: found.EnableCapture,
    initialSamplingPercentage: found.InitialSamplingPercentage,
    destinationS3Uri: found.DestinationS3Uri,
    kmsKeyId: found.KmsKeyId,
    captureOptions: found.CaptureOptions?.map(({ CaptureMode }) => ({ captureMode: CaptureMode })),
    captureContentTypeHeader: header && {
      csvContentTypes: header.CsvContentTypes,
      jsonContentTypes: header.JsonContentTypes,
    },
  };
}

export const resources = [endpointConfiguration];
