import * as pulumi from "@pulumi/pulumi";
import type { EndpointCheckInputs, EndpointCheckOutputs } from "../providers/endpoint-check-provider";
import type { WaitingArguments } from "./arguments";
import { shim } from "./shim";

/** Arguments for {@link EndpointCheck}: see {@link EndpointCheckInputs} for each. */
export type EndpointCheckArgs = WaitingArguments<EndpointCheckInputs>;

/**
 * That an endpoint serves the configuration it was given: SageMaker answers an update that failed by going back to the old
 * configuration without calling it a failure. The update of the stack fails then, with SageMaker's reason.
 */
export class EndpointCheck extends pulumi.dynamic.Resource {
  /** Name of the endpoint, once it is as it should be. */
  declare public readonly endpointName: pulumi.Output<string>;
  /** SageMaker's status of the endpoint: `InService`; anything else has failed the update. */
  declare public readonly status: pulumi.Output<EndpointCheckOutputs["status"]>;

  constructor(name: string, args: EndpointCheckArgs, opts?: pulumi.CustomResourceOptions) {
    super(provider, name, { ...args, status: undefined }, opts, "sagemaker-safe-deploy", "EndpointCheck");
  }
}

const provider = shim("endpointCheck");
