import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-codedeploy";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { page } from "./paging";
import { tagMap, type Store } from "./store";

/** Operations on the tags of applications and deployment groups. */
export function tagOperations(store: Store, account: Account): readonly Operation[] {
  const tagsOf = (resourceArn: string): Map<string, string> => {
    const [kind = "", name = ""] = localPart(resourceArn, account).split(/:(.*)/s);
    if (kind === "application") {
      return store.application(name).tags;
    }
    const [applicationName = "", groupName = ""] = name.split("/");
    if (kind === "deploymentgroup") {
      return store.group(applicationName, groupName).tags;
    }
    throw new AwsError(
      "ArnNotSupportedException",
      `Only applications and deployment groups have tags, got ${resourceArn}.`,
    );
  };
  return [
    operation(TagResourceCommand, (input) => {
      const tags = tagsOf(input.ResourceArn);
      tagMap(input.Tags).forEach((value, key) => tags.set(key, value));
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      const tags = tagsOf(input.ResourceArn);
      input.TagKeys.forEach((key) => tags.delete(key));
      return {};
    }),
    operation(ListTagsForResourceCommand, (input) => {
      const all = [...tagsOf(input.ResourceArn)].map(([Key, Value]) => ({ Key, Value }));
      const { items, nextToken } = page(all, input.NextToken);
      return { Tags: items, NextToken: nextToken };
    }),
  ];
}

function localPart(resourceArn: string, account: Account): string {
  const prefix = arn(account, "codedeploy", "");
  if (!resourceArn.startsWith(prefix)) {
    throw new AwsError("InvalidArnException", `The ARN must begin with ${prefix}, got ${resourceArn}.`);
  }
  return resourceArn.slice(prefix.length);
}
