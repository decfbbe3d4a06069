import type * as pulumi from "@pulumi/pulumi";
import type { FailedEndpointInputs } from "../providers/failed-endpoint-provider";
import type { WaitingArguments } from "./arguments";
import { OwnResource } from "./own-resource";
import { shim } from "./shim";

/** Arguments for {@link FailedEndpointRemoval}: see {@link FailedEndpointInputs} for each. */
export type FailedEndpointRemovalArgs = WaitingArguments<FailedEndpointInputs>;

/**
 * Deletes the endpoint of a name if it has failed: before each update, and when this resource is deleted. The AWS provider keeps nothing of
 * an endpoint whose creation has failed. Its name would be taken then, so no other update could create it, and nobody would delete it.
 *
 * The endpoint must depend on this resource, so that it is created after it and deleted before it.
 */
export class FailedEndpointRemoval extends OwnResource {
  constructor(name: string, args: FailedEndpointRemovalArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args }, opts, "sagemaker-safe-deploy", "FailedEndpointRemoval");
  }
}

const provider = shim("failedEndpointRemoval");
