import {
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  IAMClient,
  ListPolicyVersionsCommand,
  TagPolicyCommand,
  UntagPolicyCommand,
} from "@aws-sdk/client-iam";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { json, text } from "../kinds";
import { autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { fromTagList, tagList, tagsArgument } from "../tags";

const GONE = ["NoSuchEntity", "NoSuchEntityException"];
/** IAM keeps no more. */
const MAX_VERSIONS = 5;
const iam = (aws: Aws) => aws.client(IAMClient);

/** Versions that are not the one in force, the oldest first. */
async function oldVersions(aws: Aws, PolicyArn: string): Promise<string[]> {
  const { Versions = [] } = await iam(aws).send(new ListPolicyVersionsCommand({ PolicyArn }));
  return Versions.filter(({ IsDefaultVersion }) => IsDefaultVersion !== true)
    .map(({ VersionId = "" }) => VersionId)
    .sort((one, other) => Number(one.slice(1)) - Number(other.slice(1)));
}

const deleteVersions = async (aws: Aws, PolicyArn: string, ids: readonly string[]) => {
  await Promise.all(ids.map((VersionId) => iam(aws).send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }))));
};

/** A policy of the account's own, to be attached to roles or to bound them. */
const policy = resource({
  type: "aws:iam/policy:Policy",
  inputs: {
    name: autoNamed(text, { maxLength: 128, prefixFrom: "namePrefix" }),
    namePrefix: optional(text, { replaces: true, unread: true }),
    path: withDefault(text, "/", { replaces: true }),
    description: withDefault(text, "", { replaces: true }),
    policy: required(json),
    tags: tagsArgument,
  },
  outputs: ["arn", "policyId"],
  global: true,
  identity: ["name"],
  tagging: {
    put: ({ aws, id }, tags) => iam(aws).send(new TagPolicyCommand({ PolicyArn: id, Tags: tagList(tags) })),
    remove: ({ aws, id }, TagKeys) => iam(aws).send(new UntagPolicyCommand({ PolicyArn: id, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    const { Policy } = await iam(aws).send(
      new CreatePolicyCommand({
        PolicyName: inputs.name,
        Path: inputs.path,
        Description: inputs.description === "" ? undefined : inputs.description,
        PolicyDocument: inputs.policy,
        Tags: tagList(tags),
      }),
    );
    return Policy?.Arn ?? "";
  },
  async read({ aws, id: PolicyArn }) {
    const { Policy } = (await unlessGone(GONE, () => iam(aws).send(new GetPolicyCommand({ PolicyArn })))) ?? {};
    if (Policy === undefined) {
      return undefined;
    }
    const version = { PolicyArn, VersionId: Policy.DefaultVersionId };
    const { PolicyVersion } = await iam(aws).send(new GetPolicyVersionCommand(version));
    return {
      inputs: {
        name: Policy.PolicyName,
        path: Policy.Path,
        description: Policy.Description ?? "",
        policy: decodeURIComponent(PolicyVersion?.Document ?? ""),
      },
      outputs: { arn: Policy.Arn, policyId: Policy.PolicyId },
      tags: fromTagList(Policy.Tags),
    };
  },
  async update({ aws, id: PolicyArn, inputs, changed }) {
    if (changed.has("policy")) {
      const old = await oldVersions(aws, PolicyArn);
      await deleteVersions(aws, PolicyArn, old.slice(0, Math.max(0, old.length + 2 - MAX_VERSIONS)));
      const version = { PolicyArn, PolicyDocument: inputs.policy, SetAsDefault: true };
      await iam(aws).send(new CreatePolicyVersionCommand(version));
    }
  },
  async delete({ aws, id: PolicyArn }) {
    await unlessGone(GONE, async () => {
      await deleteVersions(aws, PolicyArn, await oldVersions(aws, PolicyArn));
      await iam(aws).send(new DeletePolicyCommand({ PolicyArn }));
    });
  },
});

export const resources = [policy];
