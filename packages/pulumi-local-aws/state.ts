import { refreshedProperty, valueOrFallback } from "./properties";
import type { LiveValues, ResourceType } from "./resource";
import { type Tags, ownTags, programTags } from "./tags";
import {
  UNKNOWN,
  type Value,
  type Values,
  canonical,
  contains,
  isBlock,
  isSecret,
  isUnknown,
  reveal,
  revealAll,
  secret,
  textOf,
} from "./values";

/** Output that marks a resource whose creation did not come to a good end: the next update replaces it. */
export const INCOMPLETE = "__incomplete";

/** The program's arguments, in the open, without what only the provider itself keeps beside them. */
export function programInputs(inputs: Values): Values {
  return Object.fromEntries(Object.entries(revealAll(inputs)).filter(([key]) => !key.startsWith("__")));
}

/** Tags that a resource is to have: the provider's, and over them the program's. */
export function tagsOf(inputs: Values, defaultTags: Tags): Tags {
  const own = Object.entries(isBlock(inputs.tags) ? inputs.tags : {});
  return { ...defaultTags, ...Object.fromEntries(own.map(([key, value]) => [key, textOf(value)])) };
}

/** The arguments that a refresh records. */
export function inputsOf(resource: ResourceType, before: Values, live: LiveValues, defaultTags: Tags): Values {
  const plain = revealAll(before);
  const recordedTags = isBlock(plain.tags) ? plain.tags : {};
  const found: Values = { ...live.inputs, tags: programTags(ownTags(live.tags), defaultTags, recordedTags) };
  const inputs: Record<string, Value> = {};
  for (const [key, property] of Object.entries(resource.inputs)) {
    const value = refreshedProperty(property, plain[key], found[key]);
    if (value !== undefined && value !== null) {
      inputs[key] = sameAsBefore(value, before[key]) ?? value;
    }
  }
  return before.__defaults === undefined ? inputs : { ...inputs, __defaults: before.__defaults };
}

/** The recorded value, secrets and all, where the new one says nothing else; a new value of a secret is a secret. */
function sameAsBefore(value: Value, before: Value | undefined): Value | undefined {
  if (before === undefined) {
    return undefined;
  }
  return canonical(reveal(before)) === canonical(value)
    ? before
    : contains(before, isSecret)
      ? secret(value)
      : undefined;
}

/** A resource's outputs: its arguments as AWS has them, and what AWS adds. */
export function outputsOf(resource: ResourceType, inputs: Values, live: LiveValues, region: string): Values {
  const plain = revealAll(inputs);
  const outputs: Record<string, Value> = { ...live.outputs };
  for (const [key, property] of Object.entries(resource.inputs)) {
    const given = plain[key];
    const found = property.unread ? given : live.inputs[key];
    if (found !== undefined && key !== "tags") {
      outputs[key] = given !== undefined && property.kind.same(given, found) ? given : found;
    }
  }
  return withSecrets(resource, inputs, {
    ...outputs,
    ...(resource.global ? {} : { region }),
    ...(resource.tagging === undefined ? {} : { tags: plain.tags ?? {}, tagsAll: ownTags(live.tags) }),
  });
}

function withSecrets(resource: ResourceType, inputs: Values, outputs: Values): Values {
  const hidden = (key: string) => resource.secretOutputs.includes(key) || contains(inputs[key], isSecret);
  return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, hidden(key) ? secret(value) : value]));
}

/** What a preview starts from. */
export interface PreviewBasis {
  readonly region: string;
  readonly defaultTags: Tags;
  /** For an update: the outputs there are, and those it will change. */
  readonly before?: { readonly outputs: Values; readonly unknown: readonly string[] };
}

/** The outputs that a creation or an update will have, as far as they can be known. */
export function previewOf(
  resource: ResourceType,
  inputs: Values,
  { region, defaultTags, before }: PreviewBasis,
): Values {
  const outputs: Record<string, Value> = {};
  for (const key of resource.outputs) {
    const old = before?.unknown.includes(key) === true ? undefined : before?.outputs[key];
    outputs[key] = old ?? UNKNOWN;
  }
  for (const [key, property] of Object.entries(resource.inputs)) {
    const value =
      valueOrFallback(property, inputs[key]) ?? (property.computed ? (before?.outputs[key] ?? UNKNOWN) : undefined);
    if (value !== undefined) {
      outputs[key] = value;
    }
  }
  const plain = revealAll(inputs);
  const tagsAll: Value = isUnknown(plain.tags) ? UNKNOWN : previewTags(plain, defaultTags);
  return withSecrets(resource, inputs, {
    ...outputs,
    ...(resource.global ? {} : { region }),
    ...(resource.tagging === undefined ? {} : { tags: plain.tags ?? {}, tagsAll }),
  });
}

const previewTags = (inputs: Values, defaultTags: Tags): Values => tagsOf(inputs, defaultTags);
