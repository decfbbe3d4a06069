import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";
import { tagRecord, TagsByArn } from "../../core/tags";

/** The tags of alarms and dashboards. */
export function cloudWatchTags(): TagsByArn {
  return new TagsByArn(
    (arn) =>
      new AwsError("ResourceNotFoundException", `Resource ${arn} does not exist.`, 404, {
        ResourceType: "CloudWatch resource",
        ResourceId: arn,
      }),
  );
}

export function tagOperations(tags: TagsByArn): readonly Operation[] {
  return [
    operation(TagResourceCommand, (input) => {
      tags.of(input.ResourceARN).add(tagRecord(input.Tags));
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      tags.of(input.ResourceARN).remove(input.TagKeys);
      return {};
    }),
    operation(ListTagsForResourceCommand, (input) => ({ Tags: tags.of(input.ResourceARN).list() })),
  ];
}
