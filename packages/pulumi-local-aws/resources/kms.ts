import {
  CreateAliasCommand,
  CreateKeyCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  KMSClient,
  ListAliasesCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateAliasCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { boolean, json, kmsKey, number, text } from "../kinds";
import { autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { type Tags, tagsArgument } from "../tags";

const GONE = ["NotFoundException"];
const kms = (aws: Aws) => aws.client(KMSClient);

const keyTags = (tags: Tags) => Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

async function setRotation(aws: Aws, KeyId: string, enabled: boolean): Promise<void> {
  await (enabled
    ? kms(aws).send(new EnableKeyRotationCommand({ KeyId }))
    : kms(aws).send(new DisableKeyRotationCommand({ KeyId })));
}

const key = resource({
  type: "aws:kms/key:Key",
  inputs: {
    description: optional(text, { computed: true }),
    policy: optional(json, { computed: true }),
    enableKeyRotation: withDefault(boolean, false),
    // Only deletion asks for it.
    deletionWindowInDays: withDefault(number, 30, { unread: true }),
    tags: tagsArgument,
  },
  outputs: ["arn", "keyId"],
  identity: [],
  tagging: {
    put: ({ aws, id }, tags) => kms(aws).send(new TagResourceCommand({ KeyId: id, Tags: keyTags(tags) })),
    remove: ({ aws, id }, TagKeys) => kms(aws).send(new UntagResourceCommand({ KeyId: id, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    const { KeyMetadata } = await kms(aws).send(
      new CreateKeyCommand({ Description: inputs.description, Policy: inputs.policy, Tags: keyTags(tags) }),
    );
    return KeyMetadata?.KeyId ?? "";
  },
  async settle({ aws, id, inputs }) {
    if (inputs.enableKeyRotation) {
      await setRotation(aws, id, true);
    }
  },
  async read({ aws, id: KeyId }) {
    const found = await unlessGone(GONE, () => kms(aws).send(new DescribeKeyCommand({ KeyId })));
    const metadata = found?.KeyMetadata;
    if (metadata === undefined || metadata.KeyState === "PendingDeletion") {
      return undefined;
    }
    const [{ KeyRotationEnabled }, { Policy }, { Tags = [] }] = await Promise.all([
      kms(aws).send(new GetKeyRotationStatusCommand({ KeyId })),
      kms(aws).send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" })),
      kms(aws).send(new ListResourceTagsCommand({ KeyId })),
    ]);
    return {
      inputs: { description: metadata.Description, policy: Policy, enableKeyRotation: KeyRotationEnabled },
      outputs: { arn: metadata.Arn, keyId: metadata.KeyId },
      tags: Object.fromEntries(Tags.map(({ TagKey = "", TagValue = "" }) => [TagKey, TagValue])),
    };
  },
  async update({ aws, id: KeyId, inputs, changed }) {
    if (changed.has("description")) {
      await kms(aws).send(new UpdateKeyDescriptionCommand({ KeyId, Description: inputs.description ?? "" }));
    }
    if (changed.has("policy")) {
      await kms(aws).send(new PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy: inputs.policy }));
    }
    if (changed.has("enableKeyRotation")) {
      await setRotation(aws, KeyId, inputs.enableKeyRotation);
    }
  },
  async delete({ aws, id: KeyId, inputs }) {
    const request = { KeyId, PendingWindowInDays: inputs.deletionWindowInDays };
    // A key that is pending deletion already is in the wrong state for being deleted.
    await unlessGone([...GONE, "KMSInvalidStateException"], () =>
      kms(aws).send(new ScheduleKeyDeletionCommand(request)),
    );
  },
});

const alias = resource({
  type: "aws:kms/alias:Alias",
  inputs: {
    name: autoNamed(text, { maxLength: 256, prefix: "alias/" }),
    targetKeyId: required(kmsKey),
  },
  outputs: ["arn", "targetKeyArn"],
  identity: ["name"],
  async create({ aws, inputs: { name: AliasName, targetKeyId: TargetKeyId } }) {
    await kms(aws).send(new CreateAliasCommand({ AliasName, TargetKeyId }));
    return AliasName;
  },
  async read({ aws, id }) {
    const found = await findAlias(aws, id);
    return (
      found && {
        inputs: { name: found.AliasName, targetKeyId: found.TargetKeyId },
        outputs: { arn: found.AliasArn, targetKeyArn: await aws.arn("kms", `key/${found.TargetKeyId ?? ""}`) },
      }
    );
  },
  async update({ aws, id: AliasName, inputs: { targetKeyId: TargetKeyId } }) {
    await kms(aws).send(new UpdateAliasCommand({ AliasName, TargetKeyId }));
  },
  async delete({ aws, id: AliasName }) {
    await unlessGone(GONE, () => kms(aws).send(new DeleteAliasCommand({ AliasName })));
  },
});

async function findAlias(aws: Aws, name: string) {
  let Marker: string | undefined;
  do {
    const page = await kms(aws).send(new ListAliasesCommand({ Marker }));
    const found = page.Aliases?.find(({ AliasName }) => AliasName === name);
    if (found !== undefined) {
      return found;
    }
    Marker = page.Truncated === true ? page.NextMarker : undefined;
  } while (Marker !== undefined);
  return undefined;
}

export const resources = [key, alias];
