import type { Permission } from "../../core/local";
import { action, given, on, whenGiven, withContext, type Call, type Resource, type Rule, type Rules } from "./call";

/** A role's ARN; of one that lies under a path, IAM knows where. */
const role: Resource = async ({ input, account, door }) => {
  const RoleName = input.text("RoleName");
  const path = input.has("Path") ? input.text("Path") : "/";
  const body = Buffer.from(new URLSearchParams({ Action: "GetRole", Version: "2010-05-08", RoleName }).toString());
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await door.ask("iam", { method: "POST", path: "/", headers, body });
  const [, found] = /<Arn>(arn:aws:iam::[^<]+)<\/Arn>/.exec(Buffer.from(answer.body).toString("utf8")) ?? [];
  return answer.status === 200 && found !== undefined
    ? found
    : `arn:aws:iam::${account.accountId}:role${path}${RoleName}`;
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
      "PutRolePolicy",
      "GetRolePolicy",
      "DeleteRolePolicy",
      "ListRolePolicies",
      "ListAttachedRolePolicies",
      "ListInstanceProfilesForRole",
    ].map((operation) => [operation, on(role)] as const),
  ),
  CreateRole: withContext(on(role, whenGiven("Tags", action(role, "iam:TagRole"))), ({ input }) => ({
    "iam:PermissionsBoundary": input.has("PermissionsBoundary") ? input.text("PermissionsBoundary") : [],
  })),
  AttachRolePolicy: attaching(on(role)),
  DetachRolePolicy: attaching(on(role)),
  ListRoles: on(({ account }) => `arn:aws:iam::${account.accountId}:role/`),
  CreatePolicy: on(policy),
  GetPolicy: on(given("PolicyArn")),
  GetPolicyVersion: on(given("PolicyArn")),
  DeletePolicy: on(given("PolicyArn")),
  ListPolicyVersions: on(given("PolicyArn")),
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
