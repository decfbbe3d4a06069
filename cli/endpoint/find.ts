import { ListEndpointsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { endpointPrefix } from "../../lib/release";
import type { AwsSettings } from "../support/context";

/**
 * Name of a stack's endpoint.
 *
 * @param release which release's @default - the newest that is in service
 * @throws if there is none, with those that there are
 */
export async function endpointOf(
  aws: AwsSettings,
  of: { readonly model: string; readonly stack: string },
  release?: string,
): Promise<string> {
  const prefix = endpointPrefix(of.model, of.stack);
  const { Endpoints = [] } = await new SageMakerClient(aws).send(
    new ListEndpointsCommand({
      NameContains: prefix,
      SortBy: "CreationTime",
      SortOrder: "Descending",
      MaxResults: 100,
    }),
  );
  const own = Endpoints.filter(({ EndpointName = "" }) => EndpointName.startsWith(prefix));
  const [found] = own.filter(({ EndpointName, EndpointStatus }) =>
    release === undefined ? EndpointStatus === "InService" : EndpointName === `${prefix}${release}`,
  );
  if (found?.EndpointName === undefined) {
    const there = own.map(({ EndpointName = "", EndpointStatus = "" }) => `${EndpointName} (${EndpointStatus})`);
    const wanted = release === undefined ? "no endpoint that is in service" : `no endpoint ${prefix}${release}`;
    throw new Error(
      `stack ${of.stack} has ${wanted}: there ${there.length === 0 ? "is none" : `are ${there.join(", ")}`}`,
    );
  }
  return found.EndpointName;
}
