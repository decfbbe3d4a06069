import * as pulumi from "@pulumi/pulumi";
import { VARIABLES } from "../../lib/contract";
import type { ModelRequest, SaneAnswer } from "../../lib/model-format";
import { folderOf } from "../../lib/s3-uri";
import { callerPartition } from "../caller";
import { s3Place } from "../container-permissions";
import type { Statement } from "../service-role";
import type { BlueGreenApiArgs } from "./arguments";
import { withinLimit, type Variables } from "./environment";
import type { OwnHandler } from "./function-options";
import { knownBodies } from "./known-requests";
import { bundle, nodeFunction, type FunctionCode } from "./node-function";
import type { FunctionNodes } from "./transforms";

const LOG_RETENTION_DAYS = 365;

/** Longest time of a Lambda function: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MOST_SECONDS = 900;

/** The function behind the API. Each release has its own published version. */
export function predictFunction(name: string, args: BlueGreenApiArgs, parent: pulumi.Resource): FunctionNodes {
  const { apiName, endpoint, release, handler } = args;
  const variables = {
    [VARIABLES.endpointName]: endpoint.endpointName,
    [VARIABLES.release]: release,
    ...modelFormat(args.request, args.check.accept),
    ...(args.cors === undefined ? {} : { [VARIABLES.allowOrigin]: args.cors.allowOrigin }),
    ...args.environment,
  };
  return nodeFunction(
    name,
    {
      ...common(args),
      functionName: apiName,
      description: "Asks the live release's endpoint for predictions",
      code: handler === undefined ? bundle("predict") : ownCode(handler),
      environment: withinLimit(apiName, variables, parent),
      statements: [{ Action: "sagemaker:InvokeEndpoint", Resource: endpointsOfReleases(args, parent) }],
      timeoutSeconds: args.timeout ?? 10,
      memorySizeMB: args.memorySize ?? 1024,
      reservedConcurrentExecutions: args.reservedConcurrency,
      layers: args.layers && [...args.layers],
      vpc: args.vpc,
      publish: true,
      transform: args.transform?.predict,
    },
    parent,
  );
}

function ownCode({ code, handler, runtime, architecture = "x86_64" }: OwnHandler): FunctionCode {
  const archive = typeof code === "string" ? new pulumi.asset.FileArchive(code) : code;
  return { code: archive, handler, runtime, architectures: [architecture] };
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
export function preTrafficHook(name: string, args: BlueGreenApiArgs, parent: pulumi.Resource): FunctionNodes {
  const { check, request, preTrafficHook: own } = args;
  const functionName = `CodeDeployHook_${args.apiName}-pre-traffic`;
  const variables = {
    [VARIABLES.endpointName]: args.endpoint.endpointName,
    ...modelFormat(request, check.acceptKnown ?? check.accept),
    [VARIABLES.knownRequests]: JSON.stringify(knownBodies(request, check.requests)),
    [VARIABLES.requireCapture]: String(args.dataCaptureUri !== undefined),
    ...asking(own, args),
  };
  return nodeFunction(
    `${name}-pre-traffic`,
    {
      ...common(args),
      functionName,
      description: "Before traffic shifts: asks the new endpoint for predictions whose range is known",
      code: bundle("pre-traffic"),
      environment: withinLimit(functionName, variables, parent),
      statements: [
        {
          Action: ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"],
          Resource: endpointsOfReleases(args, parent),
        },
        { Action: "sagemaker:DescribeEndpointConfig", Resource: endpointConfigs(args) },
        REPORT_VERDICT,
        ...mayAsk(own, parent),
      ],
      timeoutSeconds: own === undefined ? 60 : MOST_SECONDS,
      memorySizeMB: 256,
      publish: false,
      transform: args.transform?.preTraffic,
    },
    parent,
  );
}

/** The hook that CodeDeploy calls once all traffic goes to a release; `undefined` if there is nothing to look at then. */
export function postTrafficHook(
  name: string,
  args: BlueGreenApiArgs,
  waitSeconds: number,
  parent: pulumi.Resource,
): FunctionNodes | undefined {
  const { dataCaptureUri, postTrafficHook: own } = args;
  if (dataCaptureUri === undefined && own === undefined) {
    return undefined;
  }
  const functionName = `CodeDeployHook_${args.apiName}-post-traffic`;
  return nodeFunction(
    `${name}-post-traffic`,
    {
      ...common(args),
      functionName,
      description: "After traffic has shifted: looks for captured requests of the new endpoint",
      code: bundle("post-traffic"),
      environment: {
        [VARIABLES.endpointName]: args.endpoint.endpointName,
        ...(dataCaptureUri === undefined ? {} : capture(args, dataCaptureUri, waitSeconds)),
        ...asking(own, args),
      },
      statements: [
        ...(dataCaptureUri === undefined ? [] : [mayList(dataCaptureUri, parent)]),
        REPORT_VERDICT,
        ...mayAsk(own, parent),
      ],
      timeoutSeconds: own === undefined ? Math.ceil(waitSeconds) + 30 : MOST_SECONDS,
      memorySizeMB: 256,
      publish: false,
      transform: args.transform?.postTraffic,
    },
    parent,
  );
}

function capture({ endpoint }: BlueGreenApiArgs, uri: pulumi.Input<string>, waitSeconds: number): Variables {
  return {
    [VARIABLES.variantName]: endpoint.variantName,
    [VARIABLES.dataCaptureUri]: uri,
    [VARIABLES.captureWaitSeconds]: String(waitSeconds),
    [VARIABLES.capturePollSeconds]: String(Math.min(10, waitSeconds / 10)),
  };
}

function mayList(uri: pulumi.Input<string>, parent: pulumi.Resource): Statement {
  const captures = pulumi.output(uri).apply(s3Place);
  return {
    Action: "s3:ListBucket",
    Resource: pulumi.interpolate`arn:${callerPartition(parent)}:s3:::${captures.bucket}`,
    Condition: { StringLike: { "s3:prefix": captures.apply((place) => `${folderOf(place)}/*`) } },
  };
}

/** What a hook needs to know to ask one of the program's own. */
function asking(own: pulumi.Input<string> | undefined, { release }: BlueGreenApiArgs): Variables {
  return own === undefined ? {} : { [VARIABLES.ownHook]: own, [VARIABLES.release]: release };
}

function mayAsk(own: pulumi.Input<string> | undefined, parent: pulumi.Resource): Statement[] {
  return own === undefined
    ? []
    : [
        {
          Action: "lambda:InvokeFunction",
          Resource: pulumi.interpolate`arn:${callerPartition(parent)}:lambda:*:*:function:${own}`,
        },
      ];
}

/** Days that the logs of functions and API are kept. */
export function logRetentionDays(args: BlueGreenApiArgs): number {
  return args.logRetentionDays ?? LOG_RETENTION_DAYS;
}

function common(args: BlueGreenApiArgs) {
  return { kmsKeyArn: args.kmsKeyArn, logRetentionDays: logRetentionDays(args), tags: args.tags };
}

/** What a function knows of its model. */
export function modelFormat(request: ModelRequest | undefined, accept: SaneAnswer | undefined): Record<string, string> {
  return {
    ...(request === undefined ? {} : { [VARIABLES.request]: JSON.stringify(request) }),
    ...(accept === undefined ? {} : { [VARIABLES.accept]: JSON.stringify(accept) }),
  };
}

/** What a hook needs to tell CodeDeploy its verdict. AWS's authorization data lists no resource for it. */
const REPORT_VERDICT: Statement = { Action: "codedeploy:PutLifecycleEventHookExecutionStatus", Resource: "*" };
