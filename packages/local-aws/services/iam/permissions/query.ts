import type { Permission } from "../../../core/local";
import { action, given, on, whenGiven, withContext, type Call, type Resource, type Rule, type Rules } from "./call";

/** What IAM tells of the role that a call names; empty if there is none of that name. */
async function getRole({ input, door }: Call): Promise<string> {
  const form = { Action: "GetRole", Version: "2010-05-08", RoleName: input.text("RoleName") };
  const body = Buffer.from(new URLSearchParams(form).toString());
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await door.ask("iam", { method: "POST", path: "/", headers, body });
  return answer.status === 200 ? Buffer.from(answer.body).toString("utf8") : "";
}

/** A role's ARN; of one that lies under a path, IAM knows where. */
const role: Resource = async (call) => {
  const { input, account } = call;
  const path = input.has("Path") ? input.text("Path") : "/";
  const [, found] = /<Arn>(arn:aws:iam::[^<]+)<\/Arn>/.exec(await getRole(call)) ?? [];
  return found ?? `arn:aws:iam::${account.accountId}:role${path}${input.text("RoleName")}`;
};
/** With the boundary that a call sets. */
const bounding = (rule: Rule) =>
  withContext(rule, ({ input }) => ({
    "iam:PermissionsBoundary": input.has("PermissionsBoundary") ? input.text("PermissionsBoundary") : [],
  }));
/** With the boundary that the role has. */
const bounded =
  (rule: Rule): Rule =>
  async (call) => {
    const [, boundary] = /<PermissionsBoundaryArn>([^<]+)</.exec(await getRole(call)) ?? [];
    const context = { "iam:PermissionsBoundary": boundary ?? [] };
    return (await rule(call)).map((permission) => ({ ...permission, context: { ...permission.context, ...context } }));
  };
const policy: Resource = ({ input, account }) =>
  `arn:aws:iam::${account.accountId}:policy${input.text("Path") || "/"}${input.text("PolicyName")}`;
const attaching = (rule: Rule) => withContext(rule, ({ input }) => ({ "iam:PolicyARN": input.text("PolicyArn") }));

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export const IAM: Rules = {
  ...Object.fromEntries(
    [
      "GetRole",
      "DeleteRole",
      "UpdateRole",
      "UpdateRoleDescription",
      "UpdateAssumeRolePolicy",
      "TagRole",
      "UntagRole",
      "ListRoleTags",
      "GetRolePolicy",
      "ListRolePolicies",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
    ].map((operation) => [operation, on(role)] as const),
  ),
  CreateRole: bounding(on(role, whenGiven("Tags", action(role, "iam:TagRole")))),
  PutRolePermissionsBoundary: bounding(on(role)),
  DeleteRolePermissionsBoundary: bounded(on(role)),
  PutRolePolicy: bounded(on(role)),
  DeleteRolePolicy: bounded(on(role)),
  AttachRolePolicy: bounded(attaching(on(role))),
  DetachRolePolicy: bounded(attaching(on(role))),
  ListRoles: on(({ account }) => `arn:aws:iam::${account.accountId}:role/`),
  CreatePolicy: on(policy),
  ...Object.fromEntries(
    [
      "GetPolicy",
      "GetPolicyVersion",
      "DeletePolicy",
      "ListPolicyVersions",
      "CreatePolicyVersion",
      "DeletePolicyVersion",
      "TagPolicy",
      "UntagPolicy",
    ].map((operation) => [operation, on(given("PolicyArn"))] as const),
  ),
  CreateServiceLinkedRole: serviceLinkedRole,
};

function serviceLinkedRole({ input, account }: Call): readonly Permission[] {
  const service = input.text("AWSServiceName");
  const resource = `arn:aws:iam::${account.accountId}:role/aws-service-role/${service}/*`;
  return [{ action: "iam:CreateServiceLinkedRole", resource, context: { "iam:AWSServiceName": service } }];
}

export const STS: Rules = {
  // Needs none, and cannot be denied.
  GetCallerIdentity: () => [],
  AssumeRole: on(given("RoleArn")),
};

const topic = given("TopicArn");
const ofSubscription: Resource = ({ input }) => input.text("SubscriptionArn").replace(/:[^:]*$/, "");
const newTopic: Resource = ({ input, account }) =>
  `arn:aws:sns:${account.region}:${account.accountId}:${input.text("Name")}`;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html */
export const SNS: Rules = {
  Publish: on((call) => (call.input.has("TopicArn") ? topic(call) : given("TargetArn")(call))),
  CreateTopic: on(newTopic, whenGiven("Tags", action(newTopic, "sns:TagResource"))),
  DeleteTopic: on(topic),
  GetTopicAttributes: on(topic),
  SetTopicAttributes: on(topic),
  Subscribe: on(topic),
  ListSubscriptionsByTopic: on(topic),
  ListTopics: on(({ account }) => `arn:aws:sns:${account.region}:${account.accountId}:*`),
  Unsubscribe: on(ofSubscription),
  GetSubscriptionAttributes: on(ofSubscription),
  SetSubscriptionAttributes: on(ofSubscription),
  TagResource: on(given("ResourceArn")),
  UntagResource: on(given("ResourceArn")),
  ListTagsForResource: on(given("ResourceArn")),
};
