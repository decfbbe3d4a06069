import type { HttpRequest } from "../../../core/http";
import { action, given, local, named, on, passRole, whenGiven, type Call, type Resource, type Rules } from "./call";
import { routed, type Routes } from "./routes";

/** The function, version or alias that a call is about. */
function qualified(call: Call): string {
  const qualifier = call.input.text("Qualifier");
  const name = functionName(call);
  return local(call, `function:${name}${qualifier === "" || name.includes(":") ? "" : `:${qualifier}`}`);
}

/** The function alone: aliases, versions and policies belong to it. */
const owner: Resource = (call) => local(call, `function:${functionName(call).split(":")[0] ?? ""}`);

function functionName({ input }: Call): string {
  return input.text("FunctionName").replace(/^arn:aws:lambda:.*:function:/, "");
}

const layerVersion = named("layer:{LayerName}:{VersionNumber}");

const PASSED_TO = "lambda.amazonaws.com";

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html */
export const LAMBDA: Rules = {
  CreateFunction: on(
    owner,
    passRole("Role", PASSED_TO),
    whenGiven("Tags", action(owner, "lambda:TagResource")),
    ({ input }) => codeObject(input.at("Code").text("S3Bucket"), input.at("Code").text("S3Key")),
    layersOf,
  ),
  UpdateFunctionCode: on(owner, ({ input }) => codeObject(input.text("S3Bucket"), input.text("S3Key"))),
  UpdateFunctionConfiguration: on(owner, passRole("Role", PASSED_TO), layersOf),
  GetFunction: on(qualified),
  GetFunctionConfiguration: on(qualified),
  DeleteFunction: on(qualified),
  ListFunctions: on(),
  InvokeFunction: on(qualified),
  ListTags: on(given("Resource")),
  TagResource: on(given("Resource")),
  UntagResource: on(given("Resource")),
  GetProvisionedConcurrencyConfig: on(qualified),
  PutProvisionedConcurrencyConfig: on(qualified),
  ListLayers: on(),
  ListLayerVersions: on(),
  PublishLayerVersion: on(named("layer:{LayerName}")),
  GetLayerVersion: on(layerVersion),
  DeleteLayerVersion: on(layerVersion),
  DeleteProvisionedConcurrencyConfig: on(qualified),
  ...Object.fromEntries(
    [
      "PublishVersion",
      "ListVersionsByFunction",
      "CreateAlias",
      "GetAlias",
      "UpdateAlias",
      "DeleteAlias",
      "ListAliases",
      "AddPermission",
      "RemovePermission",
      "GetPolicy",
      "PutFunctionConcurrency",
      "GetFunctionConcurrency",
      "DeleteFunctionConcurrency",
      "GetFunctionCodeSigningConfig",
    ].map((operation) => [operation, on(owner)] as const),
  ),
};

/** Lambda reads layers in the caller's name, too. */
function layersOf({ input }: Call) {
  return input.texts("Layers").map((resource) => ({ action: "lambda:GetLayerVersion", resource }));
}

/** Lambda reads code from S3 in the caller's name. */
function codeObject(bucket: string, key: string) {
  return bucket === "" ? [] : [{ action: "s3:GetObject", resource: `arn:aws:s3:::${bucket}/${key}` }];
}

const ROUTES: Routes = [
  ["POST", /^\/functions$/, "CreateFunction"],
  ["GET", /^\/functions$/, "ListFunctions"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)$/, "GetFunction"],
  ["DELETE", /^\/functions\/(?<FunctionName>[^/]+)$/, "DeleteFunction"],
  ["PUT", /^\/functions\/(?<FunctionName>[^/]+)\/code$/, "UpdateFunctionCode"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /^\/functions\/(?<FunctionName>[^/]+)\/configuration$/, "UpdateFunctionConfiguration"],
  ["POST", /^\/functions\/(?<FunctionName>[^/]+)\/invocations$/, "InvokeFunction"],
  ["POST", /^\/functions\/(?<FunctionName>[^/]+)\/versions$/, "PublishVersion"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/versions$/, "ListVersionsByFunction"],
  ["POST", /^\/functions\/(?<FunctionName>[^/]+)\/aliases$/, "CreateAlias"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/aliases$/, "ListAliases"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/aliases\/[^/]+$/, "GetAlias"],
  ["PUT", /^\/functions\/(?<FunctionName>[^/]+)\/aliases\/[^/]+$/, "UpdateAlias"],
  ["DELETE", /^\/functions\/(?<FunctionName>[^/]+)\/aliases\/[^/]+$/, "DeleteAlias"],
  ["POST", /^\/functions\/(?<FunctionName>[^/]+)\/policy$/, "AddPermission"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/policy$/, "GetPolicy"],
  ["DELETE", /^\/functions\/(?<FunctionName>[^/]+)\/policy\/[^/]+$/, "RemovePermission"],
  ["PUT", /^\/functions\/(?<FunctionName>[^/]+)\/concurrency$/, "PutFunctionConcurrency"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/concurrency$/, "GetFunctionConcurrency"],
  ["DELETE", /^\/functions\/(?<FunctionName>[^/]+)\/concurrency$/, "DeleteFunctionConcurrency"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/provisioned-concurrency$/, "GetProvisionedConcurrencyConfig"],
  ["PUT", /^\/functions\/(?<FunctionName>[^/]+)\/provisioned-concurrency$/, "PutProvisionedConcurrencyConfig"],
  ["DELETE", /^\/functions\/(?<FunctionName>[^/]+)\/provisioned-concurrency$/, "DeleteProvisionedConcurrencyConfig"],
  ["GET", /^\/functions\/(?<FunctionName>[^/]+)\/code-signing-config$/, "GetFunctionCodeSigningConfig"],
  ["GET", /^\/layers$/, "ListLayers"],
  ["POST", /^\/layers\/(?<LayerName>[^/]+)\/versions$/, "PublishLayerVersion"],
  ["GET", /^\/layers\/(?<LayerName>[^/]+)\/versions$/, "ListLayerVersions"],
  ["GET", /^\/layers\/(?<LayerName>[^/]+)\/versions\/(?<VersionNumber>\d+)$/, "GetLayerVersion"],
  ["DELETE", /^\/layers\/(?<LayerName>[^/]+)\/versions\/(?<VersionNumber>\d+)$/, "DeleteLayerVersion"],
  ["GET", /^\/tags\/(?<Resource>[^/]+)$/, "ListTags"],
  ["POST", /^\/tags\/(?<Resource>[^/]+)$/, "TagResource"],
  ["DELETE", /^\/tags\/(?<Resource>[^/]+)$/, "UntagResource"],
];

/** The operation of a request to Lambda, and the members of its input that its path and its query name. */
export function lambdaOperation({ method, path, query }: HttpRequest) {
  const found = routed(ROUTES, method, path.replace(/^\/\d{4}-\d{2}-\d{2}/, "").replace(/\/$/, ""));
  const Qualifier = query.get("Qualifier");
  return found === undefined || Qualifier === null ? found : { ...found, inPath: { ...found.inPath, Qualifier } };
}
