import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-codedeploy";
import { arn, type Account } from "../../core/account";
import { AwsError } from "../../core/aws-error";
import { tagRecord, type Tags } from "../../core/tags";
import { operation, type Operation } from "../../core/operation";
import { page, type Store } from "./store";

/** Operations on the tags of applications and deployment groups. */
export function tagOperations(store: Store, account: Account): readonly Operation[] {
  const tagsOf = (resourceArn: string): Tags => {
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
      tagsOf(input.ResourceArn).add(tagRecord(input.Tags));
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      tagsOf(input.ResourceArn).remove(input.TagKeys);
      return {};
    }),
    operation(ListTagsForResourceCommand, (input) => {
      const { items, nextToken } = page(tagsOf(input.ResourceArn).list(), input.NextToken);
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
