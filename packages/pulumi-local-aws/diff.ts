import { type Change, propertyChanges } from "./properties";
import type { ResourceType } from "./resource";
import { INCOMPLETE, tagsOf } from "./state";
import type { Tags } from "./tags";
import { type Value, type Values, canonical, isBlock, isList, isUnknown } from "./values";

/** One line of what a preview shows. */
export interface PreviewedChange extends Change {
  readonly replaces: boolean;
  /** Whether the path is one of an argument; otherwise of an output. */
  readonly input: boolean;
}

/** What has to happen to a resource. */
export interface Diff {
  readonly changes: readonly PreviewedChange[];
  /** Arguments that need a new resource. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** Compares what is recorded of a resource with what the program now wants. All values are in the open. */
export function diffOf(
  resource: ResourceType,
  olds: { readonly inputs: Values; readonly outputs: Values },
  news: Values,
  defaultTags: Tags,
): Diff {
  const changes = Object.entries(resource.inputs)
    .filter(([key]) => key !== "tags" || !sameTags(resource, olds, news, defaultTags))
    .flatMap(([key, property]) =>
      propertyChanges(key, property, olds.inputs[key], news[key]).map((change) => ({
        ...change,
        replaces: property.replaces,
        input: true,
        key,
      })),
    );
  const replaces = new Set(changes.filter((change) => change.replaces).map(({ key }) => key));
  const all: PreviewedChange[] = changes.map(({ path, kind, replaces, input }) => ({ path, kind, replaces, input }));
  if (olds.outputs[INCOMPLETE] === true) {
    replaces.add(INCOMPLETE);
    all.push({ path: INCOMPLETE, kind: "delete", replaces: true, input: false });
  }
  if (!changes.some(({ key }) => key === "tags") && tagsDiffer(resource, olds.outputs, news, defaultTags)) {
    all.push({ path: "tagsAll", kind: "update", replaces: false, input: false });
  }
  return {
    changes: all,
    replaces: [...replaces],
    deleteBeforeReplace: replaces.size > 0 && keepsIdentity(resource, olds.inputs, news),
  };
}

/**
 * Whether the program's tags come to what the resource has, although they are not what is recorded as the program's: of an imported
 * resource's tags nobody knows which of them are the provider's `defaultTags`.
 */
function sameTags(
  resource: ResourceType,
  { inputs, outputs }: { readonly inputs: Values; readonly outputs: Values },
  news: Values,
  defaultTags: Tags,
): boolean {
  const wanted = canonical(tagsOf(news, defaultTags));
  return (
    !tagsDiffer(resource, outputs, news, defaultTags) &&
    isBlock(outputs.tagsAll) &&
    !isUnknown(news.tags) &&
    canonical(tagsOf(inputs, defaultTags)) === wanted
  );
}

/** Whether the tags differ although the program's own are the same: then the provider's `defaultTags` have changed. */
function tagsDiffer(resource: ResourceType, outputs: Values, news: Values, defaultTags: Tags): boolean {
  if (resource.tagging === undefined || !isBlock(outputs.tagsAll) || isUnknown(news.tags)) {
    return false;
  }
  return canonical(outputs.tagsAll) !== canonical(tagsOf(news, defaultTags));
}

/** Whether old and new would be the same thing to AWS, so that they cannot exist side by side. A made-up name is made anew. */
function keepsIdentity({ identity, inputs }: ResourceType, olds: Values, news: Values): boolean {
  const made: readonly Value[] = isList(news.__defaults) ? news.__defaults : [];
  const keeps = (key: string) => {
    const property = inputs[key];
    return (
      property !== undefined && !made.includes(key) && propertyChanges(key, property, olds[key], news[key]).length === 0
    );
  };
  return identity.length > 0 && identity.every(keeps);
}
