import { isDeepStrictEqual } from "node:util";
import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  SageMakerClient,
  type DescribeEndpointOutput,
  type EndpointStatus,
} from "@aws-sdk/client-sagemaker";
import { caller, clientSettings, type Caller } from "./aws";

export function sageMakerIn(region: string): Caller<SageMakerClient> {
  return caller(() => new SageMakerClient(clientSettings(region)));
}

/** One look at an endpoint; `undefined` if it is not there. */
export async function lookAtEndpoint(
  sageMaker: Caller<SageMakerClient>,
  EndpointName: string,
): Promise<DescribeEndpointOutput | undefined> {
  try {
    return await sageMaker((client) => client.send(new DescribeEndpointCommand({ EndpointName })));
  } catch (error) {
    if (isNoEndpoint(error)) {
      return undefined;
    }
    throw error;
  }
}

/** SageMaker has no error code of its own for what is not there. */
export function isNoEndpoint(error: unknown): boolean {
  return error instanceof Error && /could not find endpoint/i.test(error.message);
}

const AT_WORK: readonly (EndpointStatus | undefined)[] = ["Creating", "Updating", "SystemUpdating", "RollingBack"];

/** Whether SageMaker does nothing to an endpoint at the moment, and so takes orders. Scaling is work too. */
export function isAtRest({ EndpointStatus: status, ProductionVariants: variants = [] }: DescribeEndpointOutput) {
  const isScaling = variants.some(
    ({ CurrentInstanceCount: now, DesiredInstanceCount: wanted }) =>
      now !== undefined && wanted !== undefined && now !== wanted,
  );
  return !AT_WORK.includes(status) && !(status === "InService" && isScaling);
}

/** SageMaker's words for an endpoint that it is still working on. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && /in-progress endpoint/i.test(error.message);
}

/**
 * Whether an endpoint serves a configuration: that one, or one that SageMaker has put in its place when it scaled the endpoint. The latter
 * has another name and other instance counts, and is the same for the rest.
 */
export async function serves(
  sageMaker: Caller<SageMakerClient>,
  { EndpointConfigName: actual }: DescribeEndpointOutput,
  wanted: string,
): Promise<boolean> {
  return actual === wanted || isDeepStrictEqual(await contentOf(sageMaker, actual), await contentOf(sageMaker, wanted));
}

/** What a configuration says, without what its copy need not have. */
async function contentOf(sageMaker: Caller<SageMakerClient>, EndpointConfigName: string | undefined): Promise<object> {
  const {
    ProductionVariants = [],
    DataCaptureConfig,
    KmsKeyId,
  } = await sageMaker((client) => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName })));
  const variants = ProductionVariants.map((variant) => ({ ...variant, InitialInstanceCount: undefined }));
  return { variants, DataCaptureConfig, KmsKeyId };
}
