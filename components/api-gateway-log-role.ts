import * as pulumi from "@pulumi/pulumi";
import { callerAccount, callerPartition, callerRegion } from "./caller";
import { ApiGatewayAccount } from "./resources/api-gateway-account";
import { refuse, unknownKeys } from "./support/problems";

/** Arguments of {@link ApiGatewayLogRole}. */
export interface ApiGatewayLogRoleArgs {
  /** Tags of the role, if it is made: one that is there keeps its own. @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** The children of {@link ApiGatewayLogRole}. */
export interface ApiGatewayLogRoleNodes {
  /** The setting of account and region. */
  readonly account: pulumi.CustomResource;
}

/**
 * The role with which API Gateway writes the access logs of all APIs of an account and region. Where API Gateway has one already, that one
 * is used as it is. Else it gets the role `mlops-api-gateway-logs`, which is made if the account does not have it, with AWS's own policy for
 * it. Role and setting stay when this is destroyed, since other APIs may log with them. So at most one role is ever left.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export class ApiGatewayLogRole extends pulumi.ComponentResource {
  /** The role that API Gateway has. */
  readonly roleArn: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: ApiGatewayLogRoleNodes;

  constructor(name: string, args: ApiGatewayLogRoleArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ApiGatewayLogRole", name, {}, opts);
    refuse(unknownKeys(args, ["tags"]), this);
    const [ofCaller, partition] = [callerAccount(this), callerPartition(this)];
    const account = new ApiGatewayAccount(
      name,
      {
        region: callerRegion(this),
        account: ofCaller,
        roleArn: pulumi.interpolate`arn:${partition}:iam::${ofCaller.id}:role/${LOG_ROLE_NAME}`,
        policyArn: pulumi.interpolate`arn:${partition}:iam::aws:policy/${LOG_ROLE_POLICY}`,
        tags: args.tags,
      },
      { parent: this },
    );
    this.roleArn = account.cloudwatchRoleArn;
    this.nodes = { account };
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

/** Name of the role that is made: one for all regions and programs of an account. */
export const LOG_ROLE_NAME = "mlops-api-gateway-logs";

/** AWS's own policy for it. API Gateway refuses a role that may do less. */
export const LOG_ROLE_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs";
