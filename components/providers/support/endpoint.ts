import {
  DescribeEndpointCommand,
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
