import { map, text } from "./kinds";
import { optional } from "./properties";
import type { Values } from "./values";

/** Tags by key. */
export type Tags = Readonly<Record<string, string>>;

/** The argument `tags`, the same for all types. */
export const tagsArgument = optional(map(text));

/** Most services' form of tags. `undefined` if there are none: some of them refuse an empty list. */
export function tagList(tags: Tags): { Key: string; Value: string }[] | undefined {
  const list = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  return list.length === 0 ? undefined : list;
}

export function fromTagList(list: readonly { Key?: string; Value?: string }[] | undefined): Tags {
  return Object.fromEntries((list ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}

/** Other services take a map; again nothing rather than an empty one. */
export const tagMap = (tags: Tags) => (Object.keys(tags).length === 0 ? undefined : { ...tags });

/** Tags that AWS itself puts on a resource are nobody's business here. */
export function ownTags(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith("aws:")));
}

/** The program's share of the tags found on a resource: not those that only the provider's `defaultTags` put there. */
export function programTags(live: Tags, defaults: Tags, recorded: Values): Tags {
  const own = ([key, value]: [string, string]) => recorded[key] !== undefined || defaults[key] !== value;
  return Object.fromEntries(Object.entries(live).filter(own));
}

/** What to do to get from one set of tags to another. */
export function tagChanges(old: Tags, next: Tags): { readonly put: Tags; readonly remove: readonly string[] } {
  return {
    put: Object.fromEntries(Object.entries(next).filter(([key, value]) => old[key] !== value)),
    remove: Object.keys(old).filter((key) => next[key] === undefined),
  };
}
