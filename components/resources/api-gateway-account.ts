import type * as pulumi from "@pulumi/pulumi";
import type { ApiGatewayAccountInputs, ApiGatewayAccountOutputs } from "../providers/api-gateway-account-provider";
import type { WaitingArguments } from "./arguments";
import { OwnResource } from "./own-resource";
import { shim } from "./shim";

/** Arguments for {@link ApiGatewayAccount}: see {@link ApiGatewayAccountInputs} for each. */
export type ApiGatewayAccountArgs = WaitingArguments<ApiGatewayAccountInputs>;

/**
 * Gives API Gateway a role for its logs, if it has none in this account and region. Unlike `aws.apigateway.Account` it neither replaces a
 * role of somebody else nor takes the role away in the end.
 */
export class ApiGatewayAccount extends OwnResource {
  /** The role that API Gateway has: the given one, or one that was there. */
  declare public readonly cloudwatchRoleArn: pulumi.Output<ApiGatewayAccountOutputs["cloudwatchRoleArn"]>;

  constructor(name: string, args: ApiGatewayAccountArgs, opts?: pulumi.CustomResourceOptions) {
    super(
      provider,
      name,
      { ...args, cloudwatchRoleArn: undefined },
      opts,
      "sagemaker-safe-deploy",
      "ApiGatewayAccount",
    );
  }
}

const provider = shim("apiGatewayAccount");
