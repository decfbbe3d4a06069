import * as pulumi from "@pulumi/pulumi";
import type * as lambda from "@pulumi/aws/lambda";
import { VARIABLES } from "../../lib/contract";
import { folderOf } from "../../lib/s3-uri";
import { s3Place, type Statement } from "../service-role";
import type { BlueGreenApiArgs } from "./arguments";
import { nodeFunction } from "./node-function";

const LOG_RETENTION_DAYS = 365;

/** The function behind the API. Each release has its own published version. */
export function predictFunction(name: string, args: BlueGreenApiArgs, parent: pulumi.Resource): lambda.Function {
  return nodeFunction(
    name,
    {
      ...common(args),
      functionName: args.apiName,
      description: "Asks the live release's endpoint for predictions",
      handler: "predict",
      environment: {
        [VARIABLES.endpointName]: args.endpoint.endpointName,
        [VARIABLES.release]: args.release,
        ...range(args.predictionRange),
      },
      statements: [{ Action: "sagemaker:InvokeEndpoint", Resource: endpointsOfReleases(args, parent) }],
      timeoutSeconds: 10,
      memorySizeMB: 256,
      publish: true,
    },
    parent,
  );
}

/**
 * The endpoints of all releases. The versions of a function share one role. While a new release is rolled out, and after it has gone back,
 * the release before still calls its own endpoint.
 */
function endpointsOfReleases({ endpoint, release }: BlueGreenApiArgs, on: pulumi.Resource): pulumi.Output<string> {
  return pulumi.output(endpoint.endpointArn).apply((arn) => {
    const [start, name = ""] = arn.split("/");
    const at = name.lastIndexOf(release);
    if (at < 0) {
      throw new pulumi.ResourceError(
        `the name of endpoint ${name} must contain the release ${release}: the function's role covers the endpoints of all releases by their names`,
        on,
        true,
      );
    }
    return `${start ?? ""}/${name.slice(0, at)}*${name.slice(at + release.length)}`;
  });
}

/** The hook that CodeDeploy calls before any traffic goes to a release. */
export function preTrafficHook(name: string, args: BlueGreenApiArgs, parent: pulumi.Resource): lambda.Function {
  const { knownRows, minimumPrediction, maximumPrediction } = args.preTraffic;
  return nodeFunction(
    `${name}-pre-traffic`,
    {
      ...common(args),
      functionName: `CodeDeployHook_${args.apiName}-pre-traffic`,
      description: "Before traffic shifts: asks the new endpoint for predictions whose range is known",
      handler: "pre-traffic",
      environment: {
        [VARIABLES.endpointName]: args.endpoint.endpointName,
        [VARIABLES.knownRows]: JSON.stringify(knownRows),
        ...range({ minimum: minimumPrediction, maximum: maximumPrediction }),
        [VARIABLES.requireCapture]: "true",
      },
      statements: [
        { Action: ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"], Resource: args.endpoint.endpointArn },
        { Action: "sagemaker:DescribeEndpointConfig", Resource: anyConfig(args.endpoint.endpointConfigArn) },
        ...reportVerdict(args.apiName),
      ],
      timeoutSeconds: 60,
      memorySizeMB: 256,
      publish: false,
    },
    parent,
  );
}

/** SageMaker names an endpoint's configuration itself once it has scaled it, and nobody can foresee how. */
function anyConfig(arn: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(arn).apply((one) => one.replace(/\/[^/]*$/, "/*"));
}

/** The hook that CodeDeploy calls once all traffic goes to a release. */
export function postTrafficHook(
  name: string,
  args: BlueGreenApiArgs,
  waitSeconds: number,
  parent: pulumi.Resource,
): lambda.Function {
  const captures = s3Place(args.dataCaptureUri);
  return nodeFunction(
    `${name}-post-traffic`,
    {
      ...common(args),
      functionName: `CodeDeployHook_${args.apiName}-post-traffic`,
      description: "After traffic has shifted: looks for captured requests of the new endpoint",
      handler: "post-traffic",
      environment: {
        [VARIABLES.endpointName]: args.endpoint.endpointName,
        [VARIABLES.variantName]: args.endpoint.variantName,
        [VARIABLES.dataCaptureUri]: args.dataCaptureUri,
        [VARIABLES.captureWaitSeconds]: String(waitSeconds),
        [VARIABLES.capturePollSeconds]: String(Math.min(10, waitSeconds / 10)),
      },
      statements: [
        {
          Action: "s3:ListBucket",
          Resource: `arn:aws:s3:::${captures.bucket}`,
          Condition: { StringLike: { "s3:prefix": `${folderOf(captures)}/*` } },
        },
        ...reportVerdict(args.apiName),
      ],
      timeoutSeconds: Math.ceil(waitSeconds) + 30,
      memorySizeMB: 256,
      publish: false,
    },
    parent,
  );
}

/** Days that the logs of functions and API are kept. */
export function logRetentionDays(args: BlueGreenApiArgs): number {
  return args.logRetentionDays ?? LOG_RETENTION_DAYS;
}

function common(args: BlueGreenApiArgs) {
  return { kmsKeyArn: args.kmsKeyArn, logRetentionDays: logRetentionDays(args), tags: args.tags };
}

function range(predictions: BlueGreenApiArgs["predictionRange"]): Record<string, string> {
  return predictions === undefined
    ? {}
    : {
        [VARIABLES.predictionMinimum]: String(predictions.minimum),
        [VARIABLES.predictionMaximum]: String(predictions.maximum),
      };
}

/** What a hook needs to tell CodeDeploy its verdict on a deployment of this application. */
function reportVerdict(applicationName: string): Statement[] {
  return [
    {
      Action: "codedeploy:PutLifecycleEventHookExecutionStatus",
      Resource: `arn:aws:codedeploy:*:*:deploymentgroup:${applicationName}/${applicationName}`,
    },
  ];
}
