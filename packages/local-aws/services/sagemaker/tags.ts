import { AddTagsCommand, DeleteTagsCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import { operation, type Operation } from "../../core/operation";
import { pager } from "../../core/paging";
import type { Context } from "./context";
import { invalid } from "./errors";
import { MAX_TAGS } from "./tag-store";

const page = pager(MAX_TAGS, (token) => invalid(`Invalid NextToken "${token}": take it from the answer of ListTags`));

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html and its siblings. */
export function tagOperations({ store: { tags } }: Context): readonly Operation[] {
  return [
    operation(AddTagsCommand, ({ ResourceArn, Tags }) => {
      tags.add(ResourceArn, Tags);
      return { Tags: tags.of(ResourceArn).list() };
    }),
    operation(ListTagsCommand, ({ ResourceArn, MaxResults, NextToken }) => {
      const { items, nextToken } = page(tags.of(ResourceArn).list(), NextToken, MaxResults);
      return { Tags: items, NextToken: nextToken };
    }),
    operation(DeleteTagsCommand, ({ ResourceArn, TagKeys }) => {
      tags.of(ResourceArn).remove(TagKeys);
      return {};
    }),
  ];
}
