import { ListTagsCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-lambda";
import { operation, type Operation } from "../../core/operation";
import type { LambdaContext } from "./context";

/** Tags of functions; versions and aliases have none. */
export function tagOperations({ store }: LambdaContext): readonly Operation[] {
  const tagsOf = (arn: string) => store.get(store.reference(arn)).tags;
  return [
    operation(TagResourceCommand, (input) => {
      tagsOf(input.Resource).add(input.Tags);
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      tagsOf(input.Resource).remove(input.TagKeys);
      return {};
    }),
    operation(ListTagsCommand, (input) => ({ Tags: tagsOf(input.Resource).record() })),
  ];
}
