import type * as pulumi from "@pulumi/pulumi";
import type { EndpointCheckInputs, EndpointCheckOutputs } from "../providers/endpoint-check-provider";
import type { WaitingArguments } from "./arguments";
import { OwnResource } from "./own-resource";
import { shim } from "./shim";

/** Arguments for {@link EndpointCheck}: see {@link EndpointCheckInputs} for each. */
export type EndpointCheckArgs = WaitingArguments<EndpointCheckInputs>;

/**
 * Checks that an endpoint serves the configuration that it was given. After a failed update SageMaker goes back to the old configuration
 * without calling it a failure. The update of the stack then fails with SageMaker's reason.
 */
export class EndpointCheck extends OwnResource {
  /** Name of the endpoint, once it is as it should be. */
  declare public readonly endpointName: pulumi.Output<string>;
  /** SageMaker's status of the endpoint: `InService`; anything else has failed the update. */
  declare public readonly status: pulumi.Output<EndpointCheckOutputs["status"]>;

  constructor(name: string, args: EndpointCheckArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args, status: undefined }, opts, "sagemaker-safe-deploy", "EndpointCheck");
  }
}

const provider = shim("endpointCheck");
