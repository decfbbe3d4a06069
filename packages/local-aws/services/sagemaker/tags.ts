import { AddTagsCommand, DeleteTagsCommand, ListTagsCommand } from "@aws-sdk/client-sagemaker";
import { operation, type Operation } from "../../core/operation";
import type { Context } from "./context";
import { invalid } from "./errors";

export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

const MAX_TAGS = 50;

/** Tags of every resource by ARN. An ARN is known from its resource's creation to its deletion. */
export class TagStore {
  private readonly byArn = new Map<string, Map<string, string>>();

  /** @throws AwsError `ValidationException` where a key is given twice or there would be more than 50 tags. */
  add(resourceArn: string, tags: readonly Tag[] = []): readonly Tag[] {
    const keys = tags.map((tag) => tag.Key);
    const twice = keys.find((key, i) => keys.indexOf(key) !== i);
    if (twice !== undefined) {
      throw invalid(`Tag keys must be unique, "${twice}" is given more than once`);
    }
    const merged = new Map([
      ...(this.byArn.get(resourceArn) ?? []),
      ...tags.map((tag) => [tag.Key, tag.Value] as const),
    ]);
    if (merged.size > MAX_TAGS) {
      throw invalid(`${resourceArn} would have ${merged.size} tags, at most ${MAX_TAGS} are allowed`);
    }
    this.byArn.set(resourceArn, merged);
    return this.list(resourceArn);
  }

  list(resourceArn: string): readonly Tag[] {
    return [...this.known(resourceArn)].map(([Key, Value]) => ({ Key, Value }));
  }

  remove(resourceArn: string, keys: readonly string[]): void {
    const tags = this.known(resourceArn);
    keys.forEach((key) => tags.delete(key));
  }

  /** Forgets a resource that is gone. */
  forget(resourceArn: string): void {
    this.byArn.delete(resourceArn);
  }

  has(resourceArn: string): boolean {
    return this.byArn.has(resourceArn);
  }

  private known(resourceArn: string): Map<string, string> {
    const tags = this.byArn.get(resourceArn);
    if (tags === undefined) {
      throw invalid(`Could not find resource "${resourceArn}".`);
    }
    return tags;
  }
}

/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AddTags.html and its siblings. */
export function tagOperations({ store: { tags } }: Context): readonly Operation[] {
  return [
    operation(AddTagsCommand, ({ ResourceArn, Tags }) => {
      tags.list(ResourceArn);
      return { Tags: [...tags.add(ResourceArn, Tags)] };
    }),
    operation(ListTagsCommand, ({ ResourceArn, MaxResults = MAX_TAGS, NextToken = "0" }) => {
      const all = tags.list(ResourceArn);
      const from = Number(NextToken);
      if (!Number.isInteger(from) || from < 0) {
        throw invalid(`Invalid NextToken "${NextToken}": take it from the answer of ListTags`);
      }
      const to = from + MaxResults;
      return { Tags: all.slice(from, to), NextToken: to < all.length ? String(to) : undefined };
    }),
    operation(DeleteTagsCommand, ({ ResourceArn, TagKeys }) => {
      tags.remove(ResourceArn, TagKeys);
      return {};
    }),
  ];
}
