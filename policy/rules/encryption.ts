import * as lambda from "@pulumi/aws/lambda";
import * as s3 from "@pulumi/aws/s3";
import * as sagemaker from "@pulumi/aws/sagemaker";
import * as sns from "@pulumi/aws/sns";
import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";

interface Config {
  /** Whether everything that takes a key must have one of your own. */
  readonly ownKeys: boolean;
}

/**
 * A topic is what AWS leaves unencrypted. Everything else it encrypts with keys of its own; whoever must be able to withdraw a key asks
 * for `ownKeys`.
 */
export const encryption: ResourceValidationPolicy = {
  name: "encryption",
  description: "What AWS does not encrypt by itself has a key; with ownKeys, everything that takes one.",
  configSchema: {
    properties: {
      ownKeys: {
        type: "boolean",
        default: false,
        description: "Whether everything that takes a KMS key must have one of your own.",
      },
    },
  },
  validateResource: (args, report) => {
    const { ownKeys } = args.getConfig<Config>();
    for (const property of [...keysOfTopic(args), ...(ownKeys ? keysOfOthers(args) : [])]) {
      report(`${property} is not set: set it to a KMS key`);
    }
  },
};

function keysOfTopic(args: ResourceValidationArgs): string[] {
  const topic = args.asType(sns.Topic);
  return missing("kmsMasterKeyId", topic, topic?.kmsMasterKeyId);
}

/** Names of the properties that should hold a key and do not. */
function keysOfOthers(args: ResourceValidationArgs): string[] {
  const config = args.asType(sagemaker.EndpointConfiguration);
  const called = args.asType(lambda.Function);
  const buckets = args.asType(s3.BucketServerSideEncryptionConfiguration);
  return [
    ...missing("kmsKeyArn", config, config?.kmsKeyArn),
    ...missing("dataCaptureConfig.kmsKeyId", config?.dataCaptureConfig, config?.dataCaptureConfig?.kmsKeyId),
    ...missing("kmsKeyArn", called, called?.kmsKeyArn),
    ...(buckets?.rules ?? []).flatMap(({ applyServerSideEncryptionByDefault: by }) =>
      missing("kmsMasterKeyId", buckets, by?.kmsMasterKeyId),
    ),
    ...missing("outputKmsKeyId", JOB.exec(args.type)?.[0], args.props.outputKmsKeyId),
  ];
}

/** The project's own resources for SageMaker's jobs, dynamic or served by the package's plugin. */
const JOB = /^(pulumi-nodejs:dynamic\/)?sagemaker-safe-deploy:(index:)?(Training|Processing)JobRun$/;

const missing = (property: string, of: unknown, key: unknown) =>
  of !== undefined && key === undefined ? [property] : [];
