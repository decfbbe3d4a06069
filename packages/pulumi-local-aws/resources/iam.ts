import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { json, number, text } from "../kinds";
import { autoNamed, optional, required, withDefault } from "../properties";
import { recorded, resource } from "../resource";
import { fromTagList, tagList, tagsArgument } from "../tags";

const GONE = ["NoSuchEntity", "NoSuchEntityException"];
const iam = (aws: Aws) => aws.client(IAMClient);

const role = resource({
  type: "aws:iam/role:Role",
  inputs: {
    name: autoNamed(text, { maxLength: 64, prefixFrom: "namePrefix" }),
    namePrefix: optional(text, { replaces: true, unread: true }),
    path: withDefault(text, "/", { replaces: true }),
    assumeRolePolicy: required(json),
    description: withDefault(text, ""),
    maxSessionDuration: withDefault(number, 3600),
    permissionsBoundary: optional(text),
    tags: tagsArgument,
  },
  outputs: ["arn", "createDate", "uniqueId"],
  global: true,
  identity: ["name"],
  tagging: {
    put: ({ aws, id }, tags) => iam(aws).send(new TagRoleCommand({ RoleName: id, Tags: tagList(tags) })),
    remove: ({ aws, id }, TagKeys) => iam(aws).send(new UntagRoleCommand({ RoleName: id, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    await iam(aws).send(
      new CreateRoleCommand({
        RoleName: inputs.name,
        Path: inputs.path,
        AssumeRolePolicyDocument: inputs.assumeRolePolicy,
        Description: inputs.description === "" ? undefined : inputs.description,
        MaxSessionDuration: inputs.maxSessionDuration,
        PermissionsBoundary: inputs.permissionsBoundary,
        Tags: tagList(tags),
      }),
    );
    return inputs.name;
  },
  async read({ aws, id }) {
    const found = await unlessGone(GONE, () => iam(aws).send(new GetRoleCommand({ RoleName: id })));
    return (
      found?.Role && {
        inputs: {
          name: found.Role.RoleName,
          path: found.Role.Path,
          assumeRolePolicy: decodeURIComponent(found.Role.AssumeRolePolicyDocument ?? ""),
          description: found.Role.Description ?? "",
          maxSessionDuration: found.Role.MaxSessionDuration,
          permissionsBoundary: found.Role.PermissionsBoundary?.PermissionsBoundaryArn,
        },
        outputs: { arn: found.Role.Arn, createDate: found.Role.CreateDate, uniqueId: found.Role.RoleId },
        tags: fromTagList(found.Role.Tags),
      }
    );
  },
  async update({ aws, id, inputs, changed }) {
    if (changed.has("permissionsBoundary")) {
      await setBoundary(aws, id, inputs.permissionsBoundary);
    }
    if (changed.has("assumeRolePolicy")) {
      const policy = { RoleName: id, PolicyDocument: inputs.assumeRolePolicy };
      await iam(aws).send(new UpdateAssumeRolePolicyCommand(policy));
    }
    if (changed.has("description") || changed.has("maxSessionDuration")) {
      const { description: Description, maxSessionDuration: MaxSessionDuration } = inputs;
      await iam(aws).send(new UpdateRoleCommand({ RoleName: id, Description, MaxSessionDuration }));
    }
  },
  async delete({ aws, id, patience }) {
    // A policy whose deletion AWS has just confirmed can still count for a moment.
    const inUse = (error: unknown) => error instanceof Error && error.name.startsWith("DeleteConflict");
    await aws.retried(inUse, { timeoutSeconds: Math.min(patience.timeoutSeconds, 30) }, () =>
      unlessGone(GONE, () => iam(aws).send(new DeleteRoleCommand({ RoleName: id }))),
    );
  },
});

async function setBoundary(aws: Aws, RoleName: string, PermissionsBoundary: string | undefined): Promise<void> {
  await (PermissionsBoundary === undefined
    ? iam(aws).send(new DeleteRolePermissionsBoundaryCommand({ RoleName }))
    : iam(aws).send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary })));
}

const rolePolicy = resource({
  type: "aws:iam/rolePolicy:RolePolicy",
  inputs: {
    name: autoNamed(text, { maxLength: 128 }),
    role: required(text, { replaces: true }),
    policy: required(json),
  },
  outputs: [],
  global: true,
  identity: ["role", "name"],
  async create({ aws, inputs }) {
    await iam(aws).send(putRolePolicy(inputs));
    return `${inputs.role}:${inputs.name}`;
  },
  async read({ aws, id }) {
    const [RoleName = "", PolicyName = ""] = id.split(":");
    const found = await unlessGone(GONE, () => iam(aws).send(new GetRolePolicyCommand({ RoleName, PolicyName })));
    return (
      found && {
        inputs: { name: PolicyName, role: RoleName, policy: decodeURIComponent(found.PolicyDocument ?? "") },
        outputs: {},
      }
    );
  },
  async update({ aws, inputs }) {
    await iam(aws).send(putRolePolicy(inputs));
  },
  async delete({ aws, inputs }) {
    const policy = { RoleName: inputs.role, PolicyName: inputs.name };
    await unlessGone(GONE, () => iam(aws).send(new DeleteRolePolicyCommand(policy)));
  },
});

function putRolePolicy(inputs: { readonly role: string; readonly name: string; readonly policy: string }) {
  return new PutRolePolicyCommand({
    RoleName: inputs.role,
    PolicyName: inputs.name,
    PolicyDocument: inputs.policy,
  });
}

const rolePolicyAttachment = resource({
  type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  inputs: { role: required(text, { replaces: true }), policyArn: required(text, { replaces: true }) },
  outputs: [],
  global: true,
  identity: ["role", "policyArn"],
  async create({ aws, inputs: { role: RoleName, policyArn: PolicyArn } }) {
    await iam(aws).send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    return `${RoleName}/${PolicyArn}`;
  },
  async read({ aws, inputs }) {
    const policyArn = recorded(inputs.policyArn, "policyArn");
    const RoleName = recorded(inputs.role, "role");
    const attached = await unlessGone(GONE, () => iam(aws).send(new ListAttachedRolePoliciesCommand({ RoleName })));
    return attached?.AttachedPolicies?.some(({ PolicyArn }) => PolicyArn === policyArn) === true
      ? { inputs: { role: RoleName, policyArn }, outputs: {} }
      : undefined;
  },
  async delete({ aws, inputs: { role: RoleName, policyArn: PolicyArn } }) {
    await unlessGone(GONE, () => iam(aws).send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
  },
});

export const resources = [role, rolePolicy, rolePolicyAttachment];
