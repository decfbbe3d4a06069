import {
  DescribeEndpointCommand,
  paginateListEndpoints,
  SageMakerClient,
  type DescribeEndpointOutput,
} from "@aws-sdk/client-sagemaker";
import type { EndpointShown } from "../shown";
import type { Watched } from "../watched";

/** The model's endpoints, newest first. */
export async function readEndpoints(watched: Watched): Promise<EndpointShown[]> {
  const client = new SageMakerClient(watched.aws);
  const names = await endpointNames(watched, `${watched.prefix}-`);
  const described = await Promise.all(names.map((EndpointName) => describe(client, EndpointName)));
  return described.flatMap((one) => (one !== undefined && isOwn(one, watched) ? shown(one) : []));
}

/** The names of model `a-b` begin as those of model `a` do, and a variant is called by its stack and its model, such as `prd-mlops-a-b`. */
function isOwn({ ProductionVariants = [] }: DescribeEndpointOutput, { prefix }: Watched): boolean {
  const models = ProductionVariants.flatMap(
    ({ VariantName = "" }) => /^[^-]+-(mlops-.+)$/.exec(VariantName)?.[1] ?? [],
  );
  return models.every((model) => model === prefix);
}

/** Names of the endpoints with a prefix, newest first. */
export async function endpointNames({ aws }: Watched, prefix: string): Promise<string[]> {
  const client = new SageMakerClient(aws);
  const names: string[] = [];
  const request = { NameContains: prefix, SortBy: "CreationTime", SortOrder: "Descending" } as const;
  for await (const { Endpoints = [] } of paginateListEndpoints({ client }, request)) {
    names.push(...Endpoints.flatMap(({ EndpointName: name = "" }) => (name.startsWith(prefix) ? name : [])));
  }
  return names;
}

/** `undefined` for one that has gone since it was listed. */
async function describe(client: SageMakerClient, EndpointName: string): Promise<DescribeEndpointOutput | undefined> {
  try {
    return await client.send(new DescribeEndpointCommand({ EndpointName }));
  } catch (error) {
    if (error instanceof Error && /Could not find endpoint/i.test(error.message)) {
      return undefined;
    }
    throw error;
  }
}

function shown({
  EndpointName,
  EndpointStatus,
  ProductionVariants = [],
  ...more
}: DescribeEndpointOutput): EndpointShown {
  const sum = (of: (variant: (typeof ProductionVariants)[number]) => number | undefined) =>
    ProductionVariants.reduce((all, variant) => all + (of(variant) ?? 0), 0);
  return {
    name: EndpointName ?? "",
    status: EndpointStatus ?? "",
    instances: sum(({ CurrentInstanceCount }) => CurrentInstanceCount),
    wantedInstances: sum(({ DesiredInstanceCount }) => DesiredInstanceCount),
    createdAt: more.CreationTime?.toISOString(),
    why: more.FailureReason,
  };
}
