import {
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsForUserCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  type AttachedPolicy,
  type IAMClient,
} from "@aws-sdk/client-iam";
import { parsePolicy, type Policy } from "./policy";

/** A role's policies, inline and attached. */
export async function policiesOfRole(iam: IAMClient, RoleName: string): Promise<readonly Policy[]> {
  const { PolicyNames } = await iam.send(new ListRolePoliciesCommand({ RoleName }));
  const inline = await documents(PolicyNames, (PolicyName) =>
    iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })),
  );
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  return [...inline, ...(await attached(iam, AttachedPolicies))];
}

/** A user's policies, inline and attached, and those of the groups that the user is in. */
export async function policiesOfUser(iam: IAMClient, UserName: string): Promise<readonly Policy[]> {
  const { PolicyNames } = await iam.send(new ListUserPoliciesCommand({ UserName }));
  const inline = await documents(PolicyNames, (PolicyName) =>
    iam.send(new GetUserPolicyCommand({ UserName, PolicyName })),
  );
  const { AttachedPolicies } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName }));
  const { Groups = [] } = await iam.send(new ListGroupsForUserCommand({ UserName }));
  const ofGroups = await Promise.all(Groups.map(({ GroupName = "" }) => policiesOfGroup(iam, GroupName)));
  return [...inline, ...(await attached(iam, AttachedPolicies)), ...ofGroups.flat()];
}

async function policiesOfGroup(iam: IAMClient, GroupName: string): Promise<readonly Policy[]> {
  const { PolicyNames } = await iam.send(new ListGroupPoliciesCommand({ GroupName }));
  const inline = await documents(PolicyNames, (PolicyName) =>
    iam.send(new GetGroupPolicyCommand({ GroupName, PolicyName })),
  );
  const { AttachedPolicies } = await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName }));
  return [...inline, ...(await attached(iam, AttachedPolicies))];
}

/** A managed policy as it is in its default version. */
export async function managedPolicy(iam: IAMClient, PolicyArn: string): Promise<Policy> {
  const { Policy: policy } = await iam.send(new GetPolicyCommand({ PolicyArn }));
  const VersionId = policy?.DefaultVersionId ?? "v1";
  const { PolicyVersion } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
  return parsePolicy(PolicyArn, decodeURIComponent(PolicyVersion?.Document ?? ""));
}

function documents(
  names: readonly string[] = [],
  get: (name: string) => Promise<{ readonly PolicyDocument?: string }>,
): Promise<readonly Policy[]> {
  return Promise.all(
    names.map(async (name) => parsePolicy(name, decodeURIComponent((await get(name)).PolicyDocument ?? ""))),
  );
}

function attached(iam: IAMClient, policies: readonly AttachedPolicy[] = []): Promise<readonly Policy[]> {
  return Promise.all(policies.map(({ PolicyArn = "" }) => managedPolicy(iam, PolicyArn)));
}
