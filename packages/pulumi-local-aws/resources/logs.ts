import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DisassociateKmsKeyCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { Aws } from "../aws";
import { unlessGone } from "../failures";
import { number, text } from "../kinds";
import { autoNamed, optional, withDefault } from "../properties";
import { resource } from "../resource";
import { tagMap, tagsArgument } from "../tags";

const GONE = ["ResourceNotFoundException"];
const logs = (aws: Aws) => aws.client(CloudWatchLogsClient);

/** 0 days means for ever; AWS knows that only as the absence of a policy. */
async function setRetention(aws: Aws, logGroupName: string, retentionInDays: number): Promise<void> {
  await (retentionInDays === 0
    ? logs(aws).send(new DeleteRetentionPolicyCommand({ logGroupName }))
    : logs(aws).send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays })));
}

const logGroup = resource({
  type: "aws:cloudwatch/logGroup:LogGroup",
  inputs: {
    name: autoNamed(text, { maxLength: 512 }),
    retentionInDays: withDefault(number, 0),
    kmsKeyId: optional(text),
    tags: tagsArgument,
  },
  outputs: ["arn"],
  identity: ["name"],
  tagging: {
    put: ({ aws, arn: resourceArn }, tags) =>
      logs(aws).send(new TagResourceCommand({ resourceArn, tags: { ...tags } })),
    remove: ({ aws, arn: resourceArn }, tagKeys) => logs(aws).send(new UntagResourceCommand({ resourceArn, tagKeys })),
  },
  async create({ aws, inputs, tags }) {
    await logs(aws).send(
      new CreateLogGroupCommand({ logGroupName: inputs.name, kmsKeyId: inputs.kmsKeyId, tags: tagMap(tags) }),
    );
    return inputs.name;
  },
  async settle({ aws, id, inputs }) {
    if (inputs.retentionInDays !== 0) {
      await setRetention(aws, id, inputs.retentionInDays);
    }
  },
  async read({ aws, id }) {
    const { logGroups = [] } = await logs(aws).send(new DescribeLogGroupsCommand({ logGroupNamePrefix: id }));
    const found = logGroups.find(({ logGroupName }) => logGroupName === id);
    if (found === undefined) {
      return undefined;
    }
    // AWS's own ARN of a log group ends in ":*", which stands for its streams; the provider's does not.
    const arn = (found.arn ?? "").replace(/:\*$/, "");
    const { tags } = await logs(aws).send(new ListTagsForResourceCommand({ resourceArn: arn }));
    return {
      inputs: { name: id, retentionInDays: found.retentionInDays ?? 0, kmsKeyId: found.kmsKeyId },
      outputs: { arn },
      tags,
    };
  },
  async update({ aws, id: logGroupName, inputs, changed }) {
    if (changed.has("retentionInDays")) {
      await setRetention(aws, logGroupName, inputs.retentionInDays);
    }
    if (changed.has("kmsKeyId")) {
      const { kmsKeyId } = inputs;
      await (kmsKeyId === undefined
        ? logs(aws).send(new DisassociateKmsKeyCommand({ logGroupName }))
        : logs(aws).send(new AssociateKmsKeyCommand({ logGroupName, kmsKeyId })));
    }
  },
  async delete({ aws, id: logGroupName }) {
    await unlessGone(GONE, () => logs(aws).send(new DeleteLogGroupCommand({ logGroupName })));
  },
});

export const resources = [logGroup];
