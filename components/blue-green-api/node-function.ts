import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root";
import { serviceRole, type Statement } from "../service-role";
import { transform } from "../support/transform";
import type { VpcPlace } from "./function-options";
import type { FunctionNodes, FunctionTransforms } from "./transforms";

/** What a function runs, in Lambda's words. */
export type FunctionCode = Required<Pick<lambda.FunctionArgs, "code" | "handler" | "runtime" | "architectures">>;

/** Arguments of {@link nodeFunction}. */
export interface NodeFunctionArgs extends Partial<
  Pick<lambda.FunctionArgs, "layers" | "reservedConcurrentExecutions">
> {
  /** Name of the function. It is fixed, since the API, deployments and operators use it. */
  readonly functionName: string;
  readonly description: string;
  readonly code: FunctionCode;
  readonly environment: pulumi.Input<Readonly<Record<string, pulumi.Input<string>>>>;
  /** What it may do in addition to writing its log. */
  readonly statements: readonly pulumi.Input<Statement>[];
  readonly timeoutSeconds: number;
  readonly memorySizeMB: number;
  /** Whether each change publishes a version. */
  readonly publish: boolean;
  readonly vpc?: VpcPlace;
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly logRetentionDays: number;
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: FunctionTransforms;
}

/** A Lambda function with its own role and log group. */
export function nodeFunction(name: string, args: NodeFunctionArgs, parent: pulumi.Resource): FunctionNodes {
  const { transform: changes, vpc } = args;
  const logGroup = new cloudwatch.LogGroup(
    ...transform(
      changes?.logGroup,
      `${name}-log`,
      { name: `/aws/lambda/${args.functionName}`, retentionInDays: args.logRetentionDays, tags: args.tags },
      { parent },
    ),
  );
  const { arn, role, policy } = serviceRole(
    `${name}-role`,
    {
      description: args.description,
      service: "lambda.amazonaws.com",
      statements: [
        { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: pulumi.interpolate`${logGroup.arn}:*` },
        ...(args.kmsKeyArn === undefined ? [] : [{ Action: "kms:Decrypt", Resource: args.kmsKeyArn }]),
        ...(vpc === undefined ? [] : [BE_IN_VPC]),
        ...args.statements,
      ],
      tags: args.tags,
      transform: changes,
    },
    parent,
  );
  const made = new lambda.Function(
    ...transform(
      changes?.function,
      name,
      {
        name: args.functionName,
        description: args.description,
        role: arn,
        ...args.code,
        layers: args.layers,
        timeout: args.timeoutSeconds,
        memorySize: args.memorySizeMB,
        reservedConcurrentExecutions: args.reservedConcurrentExecutions,
        publish: args.publish,
        kmsKeyArn: args.kmsKeyArn,
        environment: { variables: args.environment },
        vpcConfig: vpc && inLambdasWords(vpc),
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
        tags: args.tags,
      },
      { parent },
    ),
  );
  return { function: made, role, policy, logGroup };
}

/** One of the bundled handlers, as `npm run build` made it. */
export function bundle(
  handler: "predict" | "pre-traffic" | "post-traffic" | "retrain" | "start-drift" | "start-quality",
): FunctionCode {
  const file = join(packageRoot(), "dist", "handlers", handler, "index.js");
  return {
    runtime: "nodejs24.x",
    architectures: ["arm64"],
    handler: "index.handler",
    code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.FileAsset(file) }),
  };
}

function inLambdasWords({ subnetIds, securityGroupIds }: VpcPlace) {
  return {
    subnetIds: pulumi.output(subnetIds).apply((ids) => [...ids]),
    securityGroupIds: pulumi.output(securityGroupIds).apply((ids) => [...ids]),
  };
}

/**
 * What Lambda needs of the role for the network interfaces that the function's requests go through. It asks for all resources.
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSLambdaVPCAccessExecutionRole.html
 */
const BE_IN_VPC: Statement = {
  Action: [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ],
  Resource: "*",
};
