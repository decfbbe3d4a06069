/**
 * Which permissions a request needs, by AWS's service authorization reference:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/. Only the operations that this project, its tools and the
 * services here use are known; every other one is refused, so that none passes unseen.
 */
import { arn, type Account } from "../../../core/account";
import { AwsError } from "../../../core/aws-error";
import { signedService, type HttpRequest } from "../../../core/http";
import type { Permission } from "../../../core/local";
import { bodyOf, fieldsOf, formOf, passing, type Door, type Rules } from "./call";
import { CODEBUILD, CODECOMMIT, CODEDEPLOY, CODEPIPELINE } from "./code";
import { Fields } from "./fields";
import { LAMBDA, lambdaOperation } from "./lambda";
import { IAM, SNS, STS } from "./query";
import { CLOUDWATCH, EVENTS, KMS, LOGS, PARAMETERS, QUOTAS, REGISTRY, SECRETS } from "./records";
import { s3Permissions } from "./s3";
import { AUTOSCALING, SAGEMAKER } from "./sagemaker";
import { SYNTHETICS, syntheticsOperation } from "./synthetics";

/** Services that speak AWS JSON, by the name that signatures give. */
const JSON_SERVICES: Readonly<Record<string, Rules>> = {
  "application-autoscaling": AUTOSCALING,
  codebuild: CODEBUILD,
  codecommit: CODECOMMIT,
  codedeploy: CODEDEPLOY,
  codepipeline: CODEPIPELINE,
  ecr: REGISTRY,
  events: EVENTS,
  kms: KMS,
  logs: LOGS,
  monitoring: CLOUDWATCH,
  sagemaker: SAGEMAKER,
  secretsmanager: SECRETS,
  servicequotas: QUOTAS,
  ssm: PARAMETERS,
};
/** Services that speak AWS's Query protocol. */
const QUERY_SERVICES: Readonly<Record<string, Rules>> = { iam: IAM, sns: SNS, sts: STS };

/** Services whose actions in policies begin otherwise than their names in signatures. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/**
 * The permissions that a request needs; each must be allowed.
 *
 * @throws AwsError `AccessDeniedException` for an operation that is not known here
 */
export async function permissionsOf(
  request: HttpRequest,
  account: Account,
  door: Door,
): Promise<readonly Permission[]> {
  const signed = signedService(request) ?? "unknown";
  const service = PREFIXES[signed] ?? signed;
  if (signed === "s3") {
    const found = await s3Permissions(request, account, door);
    if (found === undefined) {
      throw unknownOperation(service, `${request.method} ${request.path}?${request.query.toString()}`);
    }
    return found;
  }
  if (signed === "apigateway") {
    // API Gateway's actions are HTTP's methods, its resources the paths.
    return [
      { action: `apigateway:${request.method}`, resource: `arn:aws:apigateway:${account.region}::${request.path}` },
      ...logRole(request).map((role) => passing(role, "apigateway.amazonaws.com")),
    ];
  }
  if (signed === "sagemaker" && request.path.startsWith("/endpoints/")) {
    const [, , name = "", kind] = request.path.split("/");
    const action = kind === "async-invocations" ? "sagemaker:InvokeEndpointAsync" : "sagemaker:InvokeEndpoint";
    return [{ action, resource: arn(account, "sagemaker", `endpoint/${name.toLowerCase()}`) }];
  }
  const { rules, operation, input } = calledOperation(signed, request);
  const rule = rules !== undefined && Object.hasOwn(rules, operation) ? rules[operation] : undefined;
  if (rule === undefined) {
    throw unknownOperation(service, operation);
  }
  return rule({ service, operation, input, account, door });
}

/** The role for its logs that a request hands to API Gateway. */
function logRole(request: HttpRequest): readonly string[] {
  const operations =
    request.method === "PATCH" && request.path === "/account" ? fieldsOf(bodyOf(request)).items("patchOperations") : [];
  const roles = operations.filter((one) => one.text("path") === "/cloudwatchRoleArn").map((one) => one.text("value"));
  return roles.filter((role) => role !== "");
}

interface Called {
  readonly rules: Rules | undefined;
  readonly operation: string;
  readonly input: Fields;
}

/** Which operation a request calls, of a service whose operations have names. */
function calledOperation(signed: string, request: HttpRequest): Called {
  const plainly = `${request.method} ${request.path}`;
  if (signed === "lambda") {
    const { operation = plainly, inPath = {} } = lambdaOperation(request) ?? {};
    // What a function is called with is its own matter.
    const body = operation === "InvokeFunction" ? new Fields({}) : fieldsOf(bodyOf(request));
    return { rules: LAMBDA, operation, input: body.with(inPath) };
  }
  if (signed === "synthetics") {
    const { operation = plainly, inPath = {} } = syntheticsOperation(request) ?? {};
    return { rules: SYNTHETICS, operation, input: fieldsOf(bodyOf(request)).with(inPath) };
  }
  if (Object.hasOwn(QUERY_SERVICES, signed)) {
    const form = formOf(request);
    return { rules: QUERY_SERVICES[signed], operation: form.get("Action") ?? "", input: new Fields(membersOf(form)) };
  }
  const target = request.headers["x-amz-target"] ?? plainly;
  return {
    rules: Object.hasOwn(JSON_SERVICES, signed) ? JSON_SERVICES[signed] : undefined,
    operation: target.slice(target.lastIndexOf(".") + 1),
    input: fieldsOf(bodyOf(request)),
  };
}

/** A form's parameters; of a list such as `Tags.member.1.Key`, that it is there. */
function membersOf(form: URLSearchParams): Readonly<Record<string, unknown>> {
  const members = new Map<string, unknown>();
  for (const [name, value] of form) {
    const [member = name, ...inside] = name.split(".");
    members.set(member, inside.length === 0 ? value : [value]);
  }
  return Object.fromEntries(members);
}

function unknownOperation(service: string, operation: string): AwsError {
  return new AwsError(
    "AccessDeniedException",
    `the local AWS does not know which permissions ${service}:${operation} needs, so it refuses it to sessions and users`,
    403,
  );
}
