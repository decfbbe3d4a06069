import { DescribeEndpointCommand, ListTagsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { endpointName } from "../../lib/release";
import type { AwsSettings } from "../support/context";

/** The endpoint of a release in a stack. */
export interface ReleaseEndpoint {
  readonly stack: string;
  readonly name: string;
  /** SageMaker's word, such as `InService`. */
  readonly status: string;
  readonly createdAt: string | undefined;
  readonly instances: number | undefined;
  /** The container's image, and the same by its digest. */
  readonly image: string | undefined;
  readonly resolvedImage: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

/** The endpoint that a release has in a stack; `undefined` if it has none. */
export async function releaseEndpoint(
  aws: AwsSettings,
  model: string,
  stack: string,
  release: string,
): Promise<ReleaseEndpoint | undefined> {
  const client = new SageMakerClient(aws);
  const name = endpointName(model, stack, release);
  const found = await client.send(new DescribeEndpointCommand({ EndpointName: name })).catch(unlessMissing);
  if (found === undefined) {
    return undefined;
  }
  const [variant] = found.ProductionVariants ?? [];
  const [image] = variant?.DeployedImages ?? [];
  return {
    stack,
    name,
    status: found.EndpointStatus ?? "",
    createdAt: found.CreationTime?.toISOString(),
    instances: variant?.CurrentInstanceCount,
    image: image?.SpecifiedImage,
    resolvedImage: image?.ResolvedImage,
    tags: await tagsOf(client, found.EndpointArn),
  };
}

/** Tags of a resource of SageMaker. */
export async function tagsOf(client: SageMakerClient, ResourceArn: string | undefined) {
  const { Tags = [] } = await client.send(new ListTagsCommand({ ResourceArn }));
  return Object.fromEntries(Tags.map(({ Key = "", Value = "" }) => [Key, Value]));
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && /could not find endpoint/i.test(error.message)) {
    return undefined;
  }
  throw error;
}
