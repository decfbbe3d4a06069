import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import { join } from "node:path";
import { packageRoot } from "../../lib/package-root";
import { serviceRole, type Statement } from "../service-role";

/** Arguments of {@link nodeFunction}. */
export interface NodeFunctionArgs {
  /** Name of the function. It is fixed, since the API, deployments and operators use it. */
  readonly functionName: string;
  readonly description: string;
  /** Which of the bundled handlers it runs. */
  readonly handler: "predict" | "pre-traffic" | "post-traffic";
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What it may do in addition to writing its log. */
  readonly statements: readonly Statement[];
  readonly timeoutSeconds: number;
  readonly memorySizeMB: number;
  /** Whether each change publishes a version. */
  readonly publish: boolean;
  readonly kmsKeyArn?: pulumi.Input<string>;
  readonly logRetentionDays: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** A Lambda function of this project: one bundled handler, with its own role and log group. */
export function nodeFunction(name: string, args: NodeFunctionArgs, parent: pulumi.Resource): lambda.Function {
  const logGroup = new cloudwatch.LogGroup(
    `${name}-log`,
    { name: `/aws/lambda/${args.functionName}`, retentionInDays: args.logRetentionDays, tags: args.tags },
    { parent },
  );
  const { arn: role } = serviceRole(
    `${name}-role`,
    {
      description: args.description,
      service: "lambda.amazonaws.com",
      statements: [
        { Action: ["logs:CreateLogStream", "logs:PutLogEvents"], Resource: pulumi.interpolate`${logGroup.arn}:*` },
        ...(args.kmsKeyArn === undefined ? [] : [{ Action: "kms:Decrypt", Resource: args.kmsKeyArn }]),
        ...args.statements,
      ],
      tags: args.tags,
    },
    parent,
  );
  return new lambda.Function(
    name,
    {
      name: args.functionName,
      description: args.description,
      role,
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "index.handler",
      code: new pulumi.asset.AssetArchive({ "index.js": new pulumi.asset.FileAsset(bundle(args.handler)) }),
      timeout: args.timeoutSeconds,
      memorySize: args.memorySizeMB,
      publish: args.publish,
      kmsKeyArn: args.kmsKeyArn,
      environment: { variables: args.environment },
      loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
      tags: args.tags,
    },
    { parent },
  );
}

/** The bundle of a handler, as `npm run build` made it. */
function bundle(handler: string): string {
  return join(packageRoot(), "dist", "handlers", handler, "index.js");
}
