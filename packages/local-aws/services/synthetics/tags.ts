import type { Operation } from "../../core/operation";
import type { SyntheticsContext } from "./canaries";

interface Tagged {
  readonly ResourceArn: string;
}

/** Tags of canaries. */
export function tagOperations({ operation, store }: SyntheticsContext): readonly Operation[] {
  return [
    operation<Tagged & { readonly Tags: Readonly<Record<string, string>> }>("TagResource", (input) => {
      store.byArn(input.ResourceArn).tags.add(input.Tags);
      return {};
    }),
    operation<Tagged & { readonly TagKeys: readonly string[] }>("UntagResource", (input) => {
      store.byArn(input.ResourceArn).tags.remove(input.TagKeys);
      return {};
    }),
    operation<Tagged>("ListTagsForResource", (input) => ({ Tags: store.byArn(input.ResourceArn).tags.record() })),
  ];
}
