import { ListTagsCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-lambda";
import { operation, type Operation } from "../../core/operation";
import type { LambdaContext } from "./context";

/** Tags of functions; versions and aliases have none. */
export function tagOperations({ store }: LambdaContext): readonly Operation[] {
  const owner = (arn: string) => store.get(store.reference(arn));
  return [
    operation(TagResourceCommand, (input) => {
      const of = owner(input.Resource);
      of.tags = { ...of.tags, ...input.Tags };
      return {};
    }),
    operation(UntagResourceCommand, (input) => {
      const of = owner(input.Resource);
      of.tags = Object.fromEntries(Object.entries(of.tags).filter(([key]) => !input.TagKeys.includes(key)));
      return {};
    }),
    operation(ListTagsCommand, (input) => ({ Tags: { ...owner(input.Resource).tags } })),
  ];
}
