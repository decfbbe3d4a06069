import type { Context } from "./context";
import type { EndpointConfigInput } from "./endpoint-config";
import { invalid } from "./errors";
import { modelNamed } from "./models";

/** What is paid for by the megabyte comes in gigabytes. */
const MEMORY_STEP_MB = 1024;

/**
 * What SageMaker refuses of a serverless configuration beyond the limits that its service model has, in words of our own: nobody has shown
 * AWS's. https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html#serverless-endpoints-how-it-works-exclusions
 */
export function checkServerlessRules(context: Context, input: EndpointConfigInput): void {
  for (const variant of input.ProductionVariants) {
    const { VariantName: name, ServerlessConfig: serverless, ModelName } = variant;
    if (serverless === undefined) {
      continue;
    }
    const refuse = (what: string): never => {
      throw invalid(`Production variant ${name} is serverless, which cannot have ${what}`);
    };
    if (variant.InstanceType !== undefined || variant.InitialInstanceCount !== undefined) {
      refuse("InstanceType or InitialInstanceCount");
    }
    if (input.ProductionVariants.length > 1) {
      refuse("other production variants beside it");
    }
    if (input.DataCaptureConfig !== undefined) {
      refuse("DataCaptureConfig");
    }
    const model = ModelName === undefined ? undefined : modelNamed(context, ModelName).input;
    if (model?.VpcConfig !== undefined) {
      refuse("a model with VpcConfig");
    }
    if (model?.EnableNetworkIsolation === true) {
      refuse("a model with EnableNetworkIsolation");
    }
    if (serverless.MemorySizeInMB % MEMORY_STEP_MB !== 0) {
      throw invalid(`MemorySizeInMB must be in steps of ${MEMORY_STEP_MB}, got ${serverless.MemorySizeInMB}`);
    }
    if ((serverless.ProvisionedConcurrency ?? 0) > serverless.MaxConcurrency) {
      throw invalid(
        `ProvisionedConcurrency (${serverless.ProvisionedConcurrency}) must not be above MaxConcurrency (${serverless.MaxConcurrency})`,
      );
    }
  }
}
