import * as pulumi from "@pulumi/pulumi";
import type * as lambda from "@pulumi/aws/lambda";
import { VARIABLES } from "../../lib/contract";
import { folderOf } from "../../lib/s3-uri";
import { callerPartition } from "../caller";
import { s3Place } from "../container-permissions";
import type { Statement } from "../service-role";
import { inputRanges, type BlueGreenApiArgs } from "./arguments";
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
        ...columns(args.inputs),
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
 * the release before still calls its own endpoint. A policy that changed with each release could be late for the first call, too: IAM needs
 * some seconds.
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

/** Any: once an endpoint has scaled, SageMaker may have given it a configuration of another name. */
function endpointConfigs({ endpoint }: BlueGreenApiArgs): pulumi.Output<string> {
  return pulumi.output(endpoint.endpointArn).apply((arn) => arn.replace(/:endpoint\/.*/, ":endpoint-config/*"));
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
        {
          Action: ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"],
          Resource: endpointsOfReleases(args, parent),
        },
        { Action: "sagemaker:DescribeEndpointConfig", Resource: endpointConfigs(args) },
        REPORT_VERDICT,
      ],
      timeoutSeconds: 60,
      memorySizeMB: 256,
      publish: false,
    },
    parent,
  );
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
          Resource: pulumi.interpolate`arn:${callerPartition(parent)}:s3:::${captures.bucket}`,
          Condition: { StringLike: { "s3:prefix": `${folderOf(captures)}/*` } },
        },
        REPORT_VERDICT,
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

function columns(inputs: BlueGreenApiArgs["inputs"] = []): Record<string, string> {
  const ranges = inputRanges(inputs);
  return inputs.length === 0
    ? {}
    : {
        [VARIABLES.modelColumns]: String(inputs.length),
        ...(ranges === undefined ? {} : { [VARIABLES.inputRanges]: ranges }),
      };
}

/** What a hook needs to tell CodeDeploy its verdict. AWS's authorization data lists no resource for it. */
const REPORT_VERDICT: Statement = { Action: "codedeploy:PutLifecycleEventHookExecutionStatus", Resource: "*" };
