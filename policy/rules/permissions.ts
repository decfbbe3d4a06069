import * as iam from "@pulumi/aws/iam";
import type { ResourceValidationArgs, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import { allowedBy, type Allowed } from "../iam-document";

/** Actions for which AWS lets no resource be named. https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const WITHOUT_RESOURCE = [
  "application-autoscaling:DescribeScalableTargets",
  "application-autoscaling:DescribeScalingPolicies",
  "cloudwatch:DescribeAlarms",
  "cloudwatch:GetMetricData",
  "cloudwatch:GetMetricStatistics",
  "codedeploy:GetDeploymentTarget",
  "codedeploy:ListDeploymentTargets",
  "codedeploy:PutLifecycleEventHookExecutionStatus",
  "codedeploy:StopDeployment",
  "ec2:DescribeDhcpOptions",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSecurityGroups",
  "ec2:DescribeSubnets",
  "ec2:DescribeVpcs",
  "ecr:GetAuthorizationToken",
  "s3:ListAllMyBuckets",
  "sagemaker:ListEndpoints",
  "sagemaker:ListMonitoringExecutions",
  "sagemaker:Search",
  "synthetics:CreateCanary",
  "synthetics:DescribeRuntimeVersions",
];

/** The same, where a condition limits them instead, such as to the namespace of a metric. */
const BY_CONDITION = ["cloudwatch:PutMetricData"];

/** What a service of AWS asks of a role on every resource: allowed all together, and not with others. */
const ASKED_BY_AWS = [
  // Of API Gateway's log role: AmazonAPIGatewayPushToCloudWatchLogs.
  [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:PutLogEvents",
  ],
  // Of a Lambda function in a VPC: AWSLambdaVPCAccessExecutionRole, without what only describes.
  [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
  ],
];

interface Config {
  /** Actions that may be allowed on every resource, in addition to those for which AWS lets none be named. */
  readonly allowedActions: readonly string[];
}

const CONFIG: ResourceValidationPolicy["configSchema"] = {
  properties: {
    allowedActions: {
      type: "array",
      items: { type: "string" },
      default: [],
      description:
        "Actions that may be allowed on every resource, in addition to those for which AWS lets none be named.",
    },
  },
};

/** No role may do everything, or anything to everything. */
export const leastPrivilege: ResourceValidationPolicy = {
  name: "least-privilege",
  description: "A role, user or group is allowed named actions on named resources.",
  configSchema: CONFIG,
  validateResource: (args, report) => {
    const { allowedActions } = args.getConfig<Config>();
    for (const problem of [
      ...documentsOf(args).flatMap((document) => tooMuch(document, allowedActions)),
      ...attachedArnsOf(args).flatMap(isTooMuch),
    ]) {
      report(problem);
    }
  },
};

/** The same for a managed policy that the program makes. Only once attached does it allow anything: a boundary never is. */
export const attachedPolicies: StackValidationPolicy = {
  name: "least-privilege-of-attached-policies",
  description:
    "A managed policy that is attached allows named actions on named resources, and hands on roles to a named service.",
  configSchema: CONFIG,
  validateStack: (args, report) => {
    const { allowedActions } = args.getConfig<Config>();
    const attached = new Set(args.resources.flatMap(attachedArnsOf));
    for (const resource of args.resources) {
      const policy = resource.asType(iam.Policy);
      if (policy !== undefined && attached.has(policy.arn)) {
        [...tooMuch(policy.policy, allowedActions), ...freelyPassed(policy.policy)].forEach((problem) =>
          report(problem, resource.urn),
        );
      }
    }
  },
};

/** Whoever may hand a role to any service may do all that the role may. */
export const passRole: ResourceValidationPolicy = {
  name: "pass-role-to-a-service",
  description: "Who may pass a role on may pass it to named services only, by the condition iam:PassedToService.",
  validateResource: (args, report) =>
    documentsOf(args)
      .flatMap(freelyPassed)
      .forEach((problem) => report(problem)),
};

function tooMuch(document: unknown, allowedActions: readonly string[]): string[] {
  const free = new Set([...WITHOUT_RESOURCE, ...allowedActions].map((action) => action.toLowerCase()));
  return allowedBy(document).flatMap((allowed) => {
    const { place, actions, resources } = allowed;
    const wholeServices = actions
      .filter(isWholeService)
      .map((action) => `statement ${place} allows ${action}: name the actions`);
    const everywhere = resources.some(isEverything)
      ? actions.filter((action) => !free.has(action.toLowerCase()) && !isLimited(action, allowed))
      : [];
    return [
      ...wholeServices,
      ...(isAskedByAws(everywhere) ? [] : everywhere).map(
        (action) =>
          `statement ${place} allows ${action} on every resource: name the ARNs or, where AWS lets none be named, ` +
          "add the action to allowedActions",
      ),
    ];
  });
}

/** `*`, `s3:*`; not `s3:Get*`. */
const isWholeService = (action: string) => /^([^:]*:)?\*$/.test(action);

/** `*`, `arn:aws:s3:::*`; not `arn:aws:s3:::bucket/*`. */
const isEverything = (resource: string) => /^(\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:\*)$/.test(resource);

const isLimited = (action: string, { conditionKeys }: Allowed) =>
  BY_CONDITION.includes(action) && conditionKeys.length > 0;

const isAskedByAws = (actions: readonly string[]) =>
  ASKED_BY_AWS.some((asked) => asked.join() === [...actions].sort().join());

function freelyPassed(document: unknown): string[] {
  return allowedBy(document)
    .filter(({ actions }) => actions.some(coversPassRole))
    .filter(({ conditionKeys }) => !conditionKeys.includes("iam:passedtoservice"))
    .map(({ place }) => `statement ${place} allows iam:PassRole to any service: add the condition iam:PassedToService`);
}

/** Whether an action, which may contain `*` and `?`, is or includes `iam:PassRole`. */
function coversPassRole(action: string): boolean {
  const pattern = action
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`, "i").test("iam:PassRole");
}

/** AWS's policies that allow all actions of a service, or of all. */
const isTooMuch = (arn: string) =>
  /:aws:policy\/(.*\/)?(AdministratorAccess|PowerUserAccess|.*FullAccess)$/.test(arn)
    ? [`${arn} allows whole services: allow the actions that are needed`]
    : [];

/** The documents that a resource gives to a role, user or group. */
function documentsOf(args: ResourceValidationArgs): unknown[] {
  const inline = args.asType(iam.RolePolicy) ?? args.asType(iam.UserPolicy) ?? args.asType(iam.GroupPolicy);
  const ofRole = args.asType(iam.Role)?.inlinePolicies ?? [];
  return [inline?.policy, ...ofRole.map(({ policy }) => policy)].filter((document) => document !== undefined);
}

/** ARNs of the managed policies that a resource attaches. */
function attachedArnsOf(resource: {
  readonly isType: ResourceValidationArgs["isType"];
  readonly props: Readonly<Record<string, unknown>>;
}): string[] {
  const attaches =
    resource.isType(iam.RolePolicyAttachment) ||
    resource.isType(iam.UserPolicyAttachment) ||
    resource.isType(iam.GroupPolicyAttachment);
  const arns = [
    attaches ? resource.props.policyArn : undefined,
    ...(resource.isType(iam.Role) ? [resource.props.managedPolicyArns].flat() : []),
  ];
  return arns.filter((arn) => typeof arn === "string");
}
