import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  ListEndpointConfigsCommand,
} from "@aws-sdk/client-sagemaker";
import { notPartOfLocal } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { sageMakerArn, type Context } from "./context";
import type { EndpointConfig, EndpointConfigInput, VariantConfig } from "./endpoint-config";
import { invalid, refuseMembers } from "./errors";
import { listPage } from "./listing";
import { checkServerlessRules } from "./serverless-rules";
import { refuseVolumeKey } from "./local-storage";
import { modelNamed } from "./models";
import { s3Place } from "./object-store";

/** The config of that name. @throws AwsError `ValidationException` if there is none. */
export function endpointConfigNamed(context: Context, name: string): EndpointConfig {
  const config = context.store.endpointConfigs.get(name);
  if (config === undefined) {
    throw invalid(`Could not find endpoint configuration "${sageMakerArn(context, "endpoint-config", name)}".`);
  }
  return config;
}

const CONFIG_NOT_HERE = ["ExplainerConfig", "ShadowProductionVariants", "CrossRegionTrafficConfig"];
const VARIANT_NOT_HERE = ["ManagedInstanceScaling", "InstancePools", "CapacityReservationConfig", "CoreDumpConfig"];

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html and its siblings. */
export function endpointConfigOperations(context: Context): readonly Operation[] {
  const { endpointConfigs, tags } = context.store;
  return [
    operation(CreateEndpointConfigCommand, (input) => ({ EndpointConfigArn: create(context, input).arn })),
    operation(DescribeEndpointConfigCommand, ({ EndpointConfigName }) => {
      const { input, arn, createdAt } = endpointConfigNamed(context, EndpointConfigName);
      return {
        ...input,
        EndpointConfigArn: arn,
        CreationTime: createdAt,
        EnableNetworkIsolation: input.EnableNetworkIsolation ?? false,
      };
    }),
    // AWS lets a config go that an endpoint uses, and that endpoint can then not be updated any more.
    operation(DeleteEndpointConfigCommand, ({ EndpointConfigName }) => {
      tags.forget(endpointConfigNamed(context, EndpointConfigName).arn);
      endpointConfigs.delete(EndpointConfigName);
      return {};
    }),
    operation(ListEndpointConfigsCommand, (request) => {
      const { items, NextToken } = listPage(endpointConfigs.values(), request, "Descending");
      return {
        EndpointConfigs: items.map(({ name, arn, createdAt }) => ({
          EndpointConfigName: name,
          EndpointConfigArn: arn,
          CreationTime: createdAt,
        })),
        NextToken,
      };
    }),
  ];
}

function create(context: Context, input: EndpointConfigInput): EndpointConfig {
  const { EndpointConfigName: name } = input;
  const arn = sageMakerArn(context, "endpoint-config", name);
  if (context.store.endpointConfigs.has(name)) {
    throw invalid(`Cannot create already existing endpoint configuration "${arn}".`);
  }
  refuseMembers(input, CONFIG_NOT_HERE, "CreateEndpointConfig");
  const variants = input.ProductionVariants.map((variant) => variantConfig(context, variant, input.KmsKeyId));
  const names = variants.map((variant) => variant.VariantName);
  const twice = names.find((variant, i) => names.indexOf(variant) !== i);
  if (twice !== undefined) {
    throw invalid(`Production variant names must be unique, "${twice}" is given more than once`);
  }
  checkServerlessRules(context, input);
  checkQueue(input);
  if (input.DataCaptureConfig !== undefined) {
    s3Place(input.DataCaptureConfig.DestinationS3Uri);
  }
  const now = new Date();
  const config = { name, arn, input, variants, createdAt: now, modifiedAt: now };
  context.store.tags.create(arn, input.Tags);
  context.store.endpointConfigs.set(name, config);
  return config;
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-deploy-feature-matrix.html, in words of our own. */
function checkQueue({ AsyncInferenceConfig: queue, ProductionVariants, DataCaptureConfig }: EndpointConfigInput): void {
  if (queue === undefined) {
    return;
  }
  const { S3OutputPath, S3FailurePath } = queue.OutputConfig;
  [S3OutputPath, S3FailurePath].filter((uri) => uri !== undefined).forEach(s3Place);
  if (DataCaptureConfig !== undefined || ProductionVariants.length > 1 || ProductionVariants[0]?.ServerlessConfig) {
    throw invalid(
      "AsyncInferenceConfig cannot be given with DataCaptureConfig, several production variants or ServerlessConfig",
    );
  }
}

function variantConfig(
  context: Context,
  variant: EndpointConfigInput["ProductionVariants"][number],
  keyId: string | undefined,
): VariantConfig {
  const { VariantName: name, ModelName: model, InstanceType: type, InitialInstanceCount: count } = variant;
  refuseMembers(variant, VARIANT_NOT_HERE, `production variant ${name}`);
  if (model === undefined) {
    throw notPartOfLocal(`production variant ${name} without ModelName (inference components)`);
  }
  modelNamed(context, model);
  refuseVolumeKey("KmsKeyId", keyId, type);
  const serverless = variant.ServerlessConfig;
  if (serverless === undefined && (type === undefined || count === undefined)) {
    throw invalid(`Production variant ${name} needs InstanceType and InitialInstanceCount, or ServerlessConfig`);
  }
  return {
    VariantName: name,
    ModelName: model,
    InitialInstanceCount: count ?? 0,
    InitialVariantWeight: variant.InitialVariantWeight ?? 1,
    serverless,
    startupSeconds: variant.ContainerStartupHealthCheckTimeoutInSeconds,
  };
}
