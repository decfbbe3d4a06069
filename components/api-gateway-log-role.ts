import * as pulumi from "@pulumi/pulumi";
import { callerAccount, callerRegion } from "./caller";
import { ApiGatewayAccount } from "./resources/api-gateway-account";
import { serviceRole } from "./service-role";

/** Arguments of {@link ApiGatewayLogRole}. */
export interface ApiGatewayLogRoleArgs {
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * The role with which API Gateway writes the access logs of all APIs of an account and region. Where API Gateway has one already, that one
 * is used as it is. Role and setting stay when this is destroyed, since other APIs may log with them.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
 */
export class ApiGatewayLogRole extends pulumi.ComponentResource {
  /** The role that API Gateway has. */
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: ApiGatewayLogRoleArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ApiGatewayLogRole", name, {}, opts);
    const { arn: roleArn } = serviceRole(
      name,
      {
        description: "API Gateway writes its access logs",
        service: "apigateway.amazonaws.com",
        statements: [{ Action: LOG_ACTIONS.map((action) => `logs:${action}`), Resource: "*" }],
        retainOnDelete: true,
        tags: args.tags,
      },
      this,
    );
    const account = new ApiGatewayAccount(
      name,
      { region: callerRegion(this), account: callerAccount(this), roleArn },
      { parent: this },
    );
    this.roleArn = account.cloudwatchRoleArn;
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
