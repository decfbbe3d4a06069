import type { HttpRequest } from "../../../core/http";
import type { Permission } from "../../../core/local";
import { arn } from "../../../core/account";
import { given, named, on, passRole, whenGiven, type Call, type Rule, type Rules } from "./call";
import { routed, type Routes } from "./routes";

const canary = named("canary:{Name}");

/** Synthetics makes function and layer in the caller's name. What they are called begins with the first of the canary's name. */
function inLambda(kind: "function" | "layer", actions: readonly string[]): Rule {
  return ({ account, input }: Call): Permission[] => {
    const resource = arn(account, "lambda", `${kind}:cwsyn-${input.text("Name").slice(0, 21)}-0`);
    return actions.map((name) => ({ action: `lambda:${name}`, resource }));
  };
}

/** It reads the script in the caller's name, too. */
const script: Rule = ({ input }) => {
  const code = input.at("Code");
  const resource = `arn:aws:s3:::${code.text("S3Bucket")}/${code.text("S3Key")}`;
  return code.text("S3Bucket") === "" ? [] : [{ action: "s3:GetObject", resource }];
};

const passesRole = passRole("ExecutionRoleArn", "lambda.amazonaws.com");

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchsynthetics.html, and what AWS's policy
 * CloudWatchSyntheticsFullAccess has of Lambda.
 */
export const SYNTHETICS: Rules = {
  CreateCanary: on(
    undefined,
    passesRole,
    inLambda("function", ["CreateFunction", "AddPermission", "PublishVersion", "GetFunctionConfiguration"]),
    inLambda("layer", ["PublishLayerVersion", "GetLayerVersion"]),
    script,
  ),
  UpdateCanary: on(
    canary,
    passesRole,
    inLambda("function", ["UpdateFunctionConfiguration", "PublishVersion", "GetFunctionConfiguration"]),
    whenGiven("Code", inLambda("layer", ["PublishLayerVersion", "GetLayerVersion"]), script),
  ),
  DeleteCanary: on(canary, inLambda("function", ["DeleteFunction"]), inLambda("layer", ["DeleteLayerVersion"])),
  StartCanary: on(canary),
  StopCanary: on(canary),
  GetCanary: on(canary),
  GetCanaryRuns: on(canary),
  DescribeCanaries: on(),
  DescribeCanariesLastRun: on(),
  DescribeRuntimeVersions: on(),
  TagResource: on(given("ResourceArn")),
  UntagResource: on(given("ResourceArn")),
  ListTagsForResource: on(given("ResourceArn")),
};

const ROUTES: Routes = [
  ["POST", /^\/canary$/, "CreateCanary"],
  ["GET", /^\/canary\/(?<Name>[^/]+)$/, "GetCanary"],
  ["PATCH", /^\/canary\/(?<Name>[^/]+)$/, "UpdateCanary"],
  ["DELETE", /^\/canary\/(?<Name>[^/]+)$/, "DeleteCanary"],
  ["POST", /^\/canary\/(?<Name>[^/]+)\/start$/, "StartCanary"],
  ["POST", /^\/canary\/(?<Name>[^/]+)\/stop$/, "StopCanary"],
  ["POST", /^\/canary\/(?<Name>[^/]+)\/runs$/, "GetCanaryRuns"],
  ["POST", /^\/canaries$/, "DescribeCanaries"],
  ["POST", /^\/canaries\/last-run$/, "DescribeCanariesLastRun"],
  ["POST", /^\/runtime-versions$/, "DescribeRuntimeVersions"],
  ["GET", /^\/tags\/(?<ResourceArn>[^/]+)$/, "ListTagsForResource"],
  ["POST", /^\/tags\/(?<ResourceArn>[^/]+)$/, "TagResource"],
  ["DELETE", /^\/tags\/(?<ResourceArn>[^/]+)$/, "UntagResource"],
];

export const syntheticsOperation = ({ method, path }: HttpRequest) => routed(ROUTES, method, path.replace(/\/$/, ""));
