import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import type { Aws } from "../aws";
import { errorMessage, errorName, unlessGone } from "../failures";
import { boolean, json, text } from "../kinds";
import { type Arguments, autoNamed, optional, required, withDefault } from "../properties";
import { resource } from "../resource";
import { fromTagList, tagList, tagsArgument } from "../tags";

/** The documented code, and the name that the SDK gives the error. */
const GONE = ["NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException"];
const sns = (aws: Aws) => aws.client(SNSClient);

async function topicAttributes(aws: Aws, TopicArn: string): Promise<Readonly<Record<string, string>> | undefined> {
  const found = await unlessGone(GONE, () => sns(aws).send(new GetTopicAttributesCommand({ TopicArn })));
  return found && (found.Attributes ?? {});
}

async function setTopicAttribute(aws: Aws, TopicArn: string, name: string, value: string): Promise<void> {
  await sns(aws).send(new SetTopicAttributesCommand({ TopicArn, AttributeName: name, AttributeValue: value }));
}

/** AWS's attributes by argument. */
const TOPIC_ATTRIBUTES = [
  ["displayName", "DisplayName"],
  ["kmsMasterKeyId", "KmsMasterKeyId"],
  ["policy", "Policy"],
] as const;

const topic = resource({
  type: "aws:sns/topic:Topic",
  inputs: {
    name: autoNamed(text, { maxLength: 256 }),
    displayName: withDefault(text, ""),
    kmsMasterKeyId: optional(text),
    policy: optional(json, { computed: true }),
    tags: tagsArgument,
  },
  outputs: ["arn", "owner"],
  identity: ["name"],
  tagging: {
    put: ({ aws, id: ResourceArn }, tags) =>
      sns(aws).send(new TagResourceCommand({ ResourceArn, Tags: tagList(tags) })),
    remove: ({ aws, id: ResourceArn }, TagKeys) => sns(aws).send(new UntagResourceCommand({ ResourceArn, TagKeys })),
  },
  async create({ aws, inputs, tags }) {
    const { TopicArn = "" } = await sns(aws).send(new CreateTopicCommand({ Name: inputs.name, Tags: tagList(tags) }));
    return TopicArn;
  },
  async settle({ aws, id, inputs }) {
    for (const [key, attribute] of TOPIC_ATTRIBUTES) {
      const value = inputs[key] ?? "";
      if (value !== "") {
        await setTopicAttribute(aws, id, attribute, value);
      }
    }
  },
  async read({ aws, id, inputs }) {
    const found = await topicAttributes(aws, id);
    if (found === undefined) {
      return undefined;
    }
    const { Tags } = await sns(aws).send(new ListTagsForResourceCommand({ ResourceArn: id }));
    const [, , , , owner, name] = id.split(":");
    return {
      inputs: {
        name,
        displayName: found.DisplayName ?? "",
        kmsMasterKeyId: found.KmsMasterKeyId === "" ? undefined : found.KmsMasterKeyId,
        // Otherwise it is AWS's own, or that of a TopicPolicy, and no business of the topic's.
        policy: inputs.policy === undefined ? undefined : found.Policy,
      },
      outputs: { arn: id, owner },
      tags: fromTagList(Tags),
    };
  },
  async update({ aws, id, inputs, changed }) {
    for (const [key, attribute] of TOPIC_ATTRIBUTES) {
      if (changed.has(key)) {
        await setTopicAttribute(aws, id, attribute, inputs[key] ?? "");
      }
    }
  },
  async delete({ aws, id: TopicArn }) {
    await unlessGone(GONE, () => sns(aws).send(new DeleteTopicCommand({ TopicArn })));
  },
});

/** What a topic has that nobody has given a policy. */
function defaultPolicy(topicArn: string): string {
  const [, , , , owner = ""] = topicArn.split(":");
  const actions = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
  ];
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": owner } },
      },
    ],
  });
}

const topicPolicy = resource({
  type: "aws:sns/topicPolicy:TopicPolicy",
  inputs: { arn: required(text, { replaces: true }), policy: required(json) },
  outputs: ["owner"],
  identity: ["arn"],
  async create({ aws, inputs: { arn, policy } }) {
    await setTopicAttribute(aws, arn, "Policy", policy);
    return arn;
  },
  async read({ aws, id }) {
    const found = await topicAttributes(aws, id);
    return found && { inputs: { arn: id, policy: found.Policy }, outputs: { owner: found.Owner ?? id.split(":")[4] } };
  },
  async update({ aws, id, inputs: { policy } }) {
    await setTopicAttribute(aws, id, "Policy", policy);
  },
  async delete({ aws, id }) {
    await unlessGone(GONE, () => setTopicAttribute(aws, id, "Policy", defaultPolicy(id)));
  },
});

const subscriptionArguments = {
  topic: required(text, { replaces: true }),
  protocol: required(text, { replaces: true }),
  endpoint: required(text, { replaces: true }),
  rawMessageDelivery: withDefault(boolean, false),
  filterPolicy: optional(json),
};

/** Attributes that say nothing are left out of a new subscription. */
function subscriptionAttributes({ rawMessageDelivery, filterPolicy }: Arguments<typeof subscriptionArguments>) {
  return {
    ...(rawMessageDelivery ? { RawMessageDelivery: "true" } : {}),
    ...(filterPolicy === undefined ? {} : { FilterPolicy: filterPolicy }),
  };
}

const topicSubscription = resource({
  type: "aws:sns/topicSubscription:TopicSubscription",
  inputs: subscriptionArguments,
  outputs: ["arn", "ownerId", "pendingConfirmation"],
  identity: [],
  async create({ aws, inputs }) {
    const { SubscriptionArn = "" } = await sns(aws).send(
      new SubscribeCommand({
        TopicArn: inputs.topic,
        Protocol: inputs.protocol,
        Endpoint: inputs.endpoint,
        Attributes: subscriptionAttributes(inputs),
        // Also of one that its owner has yet to agree to, such as an e-mail address.
        ReturnSubscriptionArn: true,
      }),
    );
    return SubscriptionArn;
  },
  async read({ aws, id: SubscriptionArn }) {
    const found = await unlessGone(GONE, () =>
      sns(aws).send(new GetSubscriptionAttributesCommand({ SubscriptionArn })),
    );
    const attributes = found?.Attributes;
    return (
      attributes && {
        inputs: {
          topic: attributes.TopicArn,
          protocol: attributes.Protocol,
          endpoint: attributes.Endpoint,
          rawMessageDelivery: attributes.RawMessageDelivery === "true",
          filterPolicy: attributes.FilterPolicy === "{}" ? undefined : attributes.FilterPolicy,
        },
        outputs: {
          arn: SubscriptionArn,
          ownerId: attributes.Owner,
          pendingConfirmation: attributes.PendingConfirmation === "true",
        },
      }
    );
  },
  async update({ aws, id: SubscriptionArn, inputs, changed }) {
    const set = async (AttributeName: string, AttributeValue: string) => {
      await sns(aws).send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
    };
    if (changed.has("rawMessageDelivery")) {
      await set("RawMessageDelivery", String(inputs.rawMessageDelivery));
    }
    if (changed.has("filterPolicy")) {
      await set("FilterPolicy", inputs.filterPolicy ?? "{}");
    }
  },
  async delete({ aws, id: SubscriptionArn }) {
    // SNS forgets by itself a subscription that nobody agrees to, and does not let it be deleted before.
    const isPending = (error: unknown) => /pending confirmation/i.test(errorMessage(error));
    await unlessGone(
      (error) => GONE.includes(errorName(error)) || isPending(error),
      () => sns(aws).send(new UnsubscribeCommand({ SubscriptionArn })),
    );
  },
});

export const resources = [topic, topicPolicy, topicSubscription];
