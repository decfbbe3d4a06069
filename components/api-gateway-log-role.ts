import * as pulumi from "@pulumi/pulumi";
import { callerAccount, callerRegion } from "./caller";
import { ApiGatewayAccount } from "./resources/api-gateway-account";
import { serviceRole, type RoleTransforms, type ServiceRole } from "./service-role";
import { refuse, unknownKeys } from "./support/problems";

/** Arguments of {@link ApiGatewayLogRole}. */
export interface ApiGatewayLogRoleArgs {
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the role and its policy. @default - nothing */
  readonly transform?: RoleTransforms;
}

/** The children of {@link ApiGatewayLogRole}. */
export interface ApiGatewayLogRoleNodes extends Pick<ServiceRole, "role" | "policy"> {
  /** The setting of account and region. */
  readonly account: pulumi.CustomResource;
}

/**
 * The role with which API Gateway writes the access logs of all APIs of an account and region. Where API Gateway has one already, that one
 * is used as it is. Role and setting stay when this is destroyed, since other APIs may log with them.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export class ApiGatewayLogRole extends pulumi.ComponentResource {
  /** The role that API Gateway has. */
  readonly roleArn: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: ApiGatewayLogRoleNodes;

  constructor(name: string, args: ApiGatewayLogRoleArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ApiGatewayLogRole", name, {}, opts);
    refuse(unknownKeys(args, ["tags", "transform"]), this);
    const {
      arn: roleArn,
      role,
      policy,
    } = serviceRole(
      name,
      {
        description: "API Gateway writes its access logs",
        service: "apigateway.amazonaws.com",
        statements: [{ Action: LOG_ACTIONS.map((action) => `logs:${action}`), Resource: "*" }],
        retainOnDelete: true,
        tags: args.tags,
        transform: args.transform,
      },
      this,
    );
    const account = new ApiGatewayAccount(
      name,
      { region: callerRegion(this), account: callerAccount(this), roleArn },
      { parent: this },
    );
    this.roleArn = account.cloudwatchRoleArn;
    this.nodes = { role, policy, account };
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

/** Those of AWS's own policy AmazonAPIGatewayPushToCloudWatchLogs. API Gateway refuses a role that has fewer. */
export const LOG_ACTIONS = [
  "CreateLogGroup",
  "CreateLogStream",
  "DescribeLogGroups",
  "DescribeLogStreams",
  "PutLogEvents",
  "GetLogEvents",
  "FilterLogEvents",
] as const;
