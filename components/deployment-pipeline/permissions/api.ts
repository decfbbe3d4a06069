import type * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../../service-role";
import type { Arns } from "../names";
import { allow } from "./allow";

/**
 * What BlueGreenApi and the rollout do.
 *
 * @param scalingAlarms those of the endpoints' scaling. They are in the statement of the API's, since IAM limits a policy's characters
 */
export function deployApi(apiName: string, arns: Arns, scalingAlarms: pulumi.Output<string>): Statement[] {
  return [
    deployFunctions(functionArns(apiName, arns), { rolledOut: true }),
    restApi(arns),
    ...deployments(apiName, arns),
    ...alarms(apiName, arns, scalingAlarms),
    ...logGroups(apiName, arns),
  ];
}

/** Both hooks of an API, and the streams of their log groups. It is one pattern, since IAM limits a policy's characters. */
const hooks = (apiName: string) => `CodeDeployHook_${apiName}-*`;

/** ARNs of the functions, with their versions and the alias. */
export function functionArns(apiName: string, arns: Arns): pulumi.Output<string>[] {
  return [`${apiName}*`, hooks(apiName)].map((name) => arns.of("lambda", `function:${name}`));
}

/** ARNs of the streams of their logs. */
export function logStreams(apiName: string, arns: Arns): pulumi.Output<string>[] {
  return [apiName, hooks(apiName)].map((name) => arns.of("logs", `log-group:/aws/lambda/${name}:*`));
}

/** Functions, and who may call them. */
const FUNCTIONS = [
  "CreateFunction",
  "GetFunction",
  "GetFunctionConfiguration",
  "GetFunctionCodeSigningConfig",
  "UpdateFunctionCode",
  "UpdateFunctionConfiguration",
  "DeleteFunction",
  "ListVersionsByFunction",
  "AddPermission",
  "GetPolicy",
  "RemovePermission",
  "TagResource",
  "ListTags",
  "UntagResource",
];
/** What a rollout does with them besides: probes, and questions to hooks that have not reported. */
const ROLLED_OUT = ["PublishVersion", "CreateAlias", "GetAlias", "UpdateAlias", "DeleteAlias", "InvokeFunction"];

/** @param options whether their versions are rolled out @default no */
export function deployFunctions(
  ofFunctions: readonly pulumi.Output<string>[],
  { rolledOut = false }: { readonly rolledOut?: boolean } = {},
): Statement {
  return allow("lambda", ofFunctions, [...FUNCTIONS, ...(rolledOut ? ROLLED_OUT : [])]);
}

/** API Gateway's actions are HTTP's methods on its paths. AWS chooses the ids of APIs, keys and plans, so they are not known in advance. */
function restApi(arns: Arns): Statement {
  const paths = ["/restapis*", "/apikeys*", "/usageplans*", "/account", "/tags/*"].map((path) => arns.apiGateway(path));
  return allow("apigateway", paths, ["GET", "POST", "PUT", "PATCH", "DELETE"]);
}

function deployments(name: string, arns: Arns): Statement[] {
  const of = (resource: string) => arns.of("codedeploy", resource);
  return [
    allow(
      "codedeploy",
      [of(`application:${name}`), of(`deploymentgroup:${name}/${name}`)],
      [
        "CreateApplication",
        "GetApplication",
        "UpdateApplication",
        "DeleteApplication",
        "CreateDeploymentGroup",
        "GetDeploymentGroup",
        "UpdateDeploymentGroup",
        "DeleteDeploymentGroup",
        "CreateDeployment",
        "GetDeployment",
        "ListDeployments",
        "RegisterApplicationRevision",
        "GetApplicationRevision",
        "TagResource",
        "ListTagsForResource",
        "UntagResource",
      ],
    ),
    // AWS's authorization data lists no resource for these.
    allow("codedeploy", "*", ["ListDeploymentTargets", "GetDeploymentTarget", "StopDeployment"]),
    // Includes AWS's own configurations and others that the stack's config may name.
    allow("codedeploy", [of("deploymentconfig:*")], ["GetDeploymentConfig"]),
    allow("codedeploy", [of(`deploymentconfig:${name}-*`)], ["CreateDeploymentConfig", "DeleteDeploymentConfig"]),
  ];
}

function alarms(apiName: string, arns: Arns, scalingAlarms: pulumi.Output<string>): Statement[] {
  return [
    deployAlarms([arns.of("cloudwatch", `alarm:${apiName}-*`), scalingAlarms]),
    // Further alarms that the stack's config names are watched too.
    allow("cloudwatch", [arns.of("cloudwatch", "alarm:*")], ["DescribeAlarms", "DescribeAlarmHistory"]),
    // Metrics cannot be named as resources.
    allow("cloudwatch", "*", ["GetMetricData"]),
  ];
}

export function deployAlarms(ofAlarms: readonly pulumi.Output<string>[]): Statement {
  return allow("cloudwatch", ofAlarms, [
    "PutMetricAlarm",
    "DeleteAlarms",
    "TagResource",
    "ListTagsForResource",
    "UntagResource",
  ]);
}

function logGroups(apiName: string, arns: Arns): Statement[] {
  // Those of the function, the hooks and API Gateway, and their streams: one pattern for all, since IAM limits a policy's characters.
  const own = arns.of("logs", `log-group:/aws/*${apiName}*`);
  return [
    allow("logs", [arns.of("logs", "log-group:*")], ["DescribeLogGroups"]),
    deployLogGroups([own], HOOKS_REASONS),
  ];
}

/** CodeDeploy does not pass them on. */
const HOOKS_REASONS = ["FilterLogEvents"];

export function deployLogGroups(ofGroups: readonly pulumi.Output<string>[], more: readonly string[] = []): Statement {
  return allow("logs", ofGroups, [
    "CreateLogGroup",
    "DeleteLogGroup",
    "PutRetentionPolicy",
    "DeleteRetentionPolicy",
    ...more,
    "TagResource",
    "ListTagsForResource",
    "UntagResource",
  ]);
}
