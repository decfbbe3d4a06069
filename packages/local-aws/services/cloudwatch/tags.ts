import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-cloudwatch";
import { AwsError } from "../../core/aws-error";
import { operation, type Operation } from "../../core/operation";

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** The tags of alarms and dashboards, by ARN. */
export class Tags {
  private readonly byArn = new Map<string, Map<string, string>>();

  set(arn: string, tags: readonly Tag[]): void {
    this.byArn.set(arn, new Map(tags.map(({ Key, Value }) => [Key, Value])));
  }

  forget(arn: string): void {
    this.byArn.delete(arn);
  }

  /** @throws AwsError `ResourceNotFoundException` for an ARN that is no alarm's and no dashboard's */
  of(arn: string): Map<string, string> {
    const tags = this.byArn.get(arn);
    if (tags === undefined) {
      throw new AwsError("ResourceNotFoundException", `Resource ${arn} does not exist.`, 404, {
        ResourceType: "CloudWatch resource",
        ResourceId: arn,
      });
    }
    return tags;
  }
}

export function tagOperations(tags: Tags): readonly Operation[] {
  return [
    operation(TagResourceCommand, (input) => {
      const existing = tags.of(input.ResourceARN);
      input.Tags.forEach(({ Key, Value }) => existing.set(Key, Value));
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      const existing = tags.of(input.ResourceARN);
      input.TagKeys.forEach((key) => existing.delete(key));
      return {};
    }),
    operation(ListTagsForResourceCommand, (input) => ({
      Tags: [...tags.of(input.ResourceARN)].map(([Key, Value]) => ({ Key, Value })),
    })),
  ];
}
