import { type Archive, type Asset, parseArchive, parseAsset } from "./archive";
import {
  type Arguments,
  type Change,
  type Kind,
  type Problem,
  type Properties,
  hasUnknown,
  parseArguments,
  propertyChanges,
  refreshedProperty,
} from "./properties";
import {
  type Value,
  type Values,
  canonical,
  isArchive,
  isAsset,
  isBlock,
  isList,
  isUnknown,
  parseJson,
  reveal,
  textOf,
} from "./values";

interface Leaf<T> {
  readonly name: string;
  readonly is: (value: Value) => boolean;
  readonly parse: (value: Value) => T;
  /** Text that is equal for values that mean the same. @default the value itself */
  readonly meaning?: (value: Value) => string;
}

function leaf<T>({ name, is, parse, meaning = canonical }: Leaf<T>): Kind<T> {
  const same = (a: Value, b: Value) => !hasUnknown(a) && !hasUnknown(b) && meaning(a) === meaning(b);
  return {
    name,
    parse,
    same,
    problems(value, property) {
      const plain = reveal(value);
      return isUnknown(plain) || is(plain) ? [] : [{ property, reason: `must be ${name}, got ${shown(plain)}` }];
    },
    changes: (path) => [{ path, kind: "update" }],
    refreshed: (recorded, live) => (same(recorded, live) ? recorded : live),
  };
}

const shown = (value: Value) => (isList(value) ? "a list" : isBlock(value) ? "an object" : JSON.stringify(value));
const isText = (value: Value) => typeof value === "string";

/** A string. `meaning` gives AWS's reading of it, where two texts can mean the same. */
export const textMeaning = (meaning: (text: string) => string) =>
  leaf({ name: "a string", is: isText, parse: textOf, meaning: (value) => meaning(textOf(value)) });
export const text = textMeaning((value) => value);

/** A string that AWS or the AWS provider allows no more than so many characters. */
export function textUpTo(maxLength: number): Kind<string> {
  const isLong = (value: Value) => typeof value === "string" && !isUnknown(value) && value.length > maxLength;
  return {
    ...text,
    problems: (value, property) =>
      isLong(reveal(value))
        ? [{ property, reason: `must be at most ${maxLength} characters long, got ${shown(reveal(value))}` }]
        : text.problems(value, property),
  };
}

export const number = leaf({ name: "a number", is: (value) => typeof value === "number", parse: Number });
export const boolean = leaf({ name: "true or false", is: (v) => typeof v === "boolean", parse: (v) => v === true });

/** One of a few words, taken from the SDK's list of them. */
export function oneOf<T extends string>(words: Readonly<Record<string, T>>): Kind<T> {
  const all = Object.values(words);
  const find = (value: Value) => all.find((word) => word === value);
  return leaf({
    name: `one of ${all.join(", ")}`,
    is: (value) => find(value) !== undefined,
    parse(value) {
      const word = find(value);
      if (word === undefined) {
        throw new Error(`${JSON.stringify(value)} is not one of ${all.join(", ")}`);
      }
      return word;
    },
  });
}

/** A JSON document, as text or (as the AWS provider also allows for policies) as an object; compared by content. */
export const json = leaf({
  name: "a JSON document",
  is: (value) => (typeof value === "string" ? parsedJson(value) !== undefined : isBlock(value)),
  parse: (value) => (typeof value === "string" ? value : JSON.stringify(value)),
  meaning: (value) => canonical(typeof value === "string" ? (parsedJson(value) ?? value) : value),
});

function parsedJson(source: string): Value | undefined {
  try {
    return parseJson(source);
  } catch {
    return undefined; // not JSON: the caller says so
  }
}

/** A KMS key, told by its id or its ARN. */
export const kmsKey = textMeaning((value) => value.replace(/^arn:.*:key\//, ""));

/** The code of a function: compared by the hash that Pulumi made of its content. */
export const archive: Kind<Archive> = leaf({
  name: "an archive",
  is: isArchive,
  parse: parseArchive,
  meaning: (value) => (isBlock(value) ? canonical(value.hash ?? null) : canonical(value)),
});

/** A file: compared by the hash that Pulumi made of its content. */
export const asset: Kind<Asset> = leaf({
  name: "an asset",
  is: isAsset,
  parse: parseAsset,
  meaning: (value) => (isBlock(value) ? canonical(value.hash ?? null) : canonical(value)),
});

const items = (value: Value) => (isList(value) ? value : []);

/** A list whose order counts. */
export function list<T>(item: Kind<T>): Kind<T[]> {
  return {
    name: `a list, each of it ${item.name}`,
    problems: (value, path) => listProblems(item, value, path),
    parse: (value) => items(value).map((each) => item.parse(each)),
    same: (a, b) =>
      items(a).length === items(b).length && items(a).every((each, i) => item.same(each, items(b)[i] ?? null)),
    changes(path, old, next) {
      const [before, after] = [items(old), items(next)];
      return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, i) =>
        memberChanges(item, `${path}[${i}]`, before[i], after[i]),
      );
    },
    refreshed: (recorded, live) =>
      items(recorded).length === items(live).length
        ? items(live).map((each, i) => item.refreshed(items(recorded)[i] ?? null, each))
        : live,
  };
}

/** A list of exactly one: AWS has a list, of which more are either refused or of no use here. */
export function single<T>(item: Kind<T>): Kind<T[]> {
  const some = list(item);
  return {
    ...some,
    problems(value, property) {
      const plain = reveal(value);
      return isList(plain) && plain.length !== 1
        ? [{ property, reason: `must have exactly one member here, got ${plain.length}` }]
        : some.problems(value, property);
    },
  };
}

function listProblems(item: Kind<unknown>, value: Value, property: string): readonly Problem[] {
  const plain = reveal(value);
  if (isUnknown(plain)) {
    return [];
  }
  return isList(plain)
    ? plain.flatMap((each, i) => item.problems(each, `${property}[${i}]`))
    : [{ property, reason: `must be a list, got ${shown(plain)}` }];
}

/** A list whose order does not count, such as an alarm's actions. */
export function set<T>(item: Kind<T>): Kind<T[]> {
  const same = (a: Value, b: Value) => {
    const left = [...items(b)];
    return (
      !hasUnknown(a) &&
      !hasUnknown(b) &&
      items(a).length === left.length &&
      items(a).every((each) => {
        const at = left.findIndex((other) => item.same(each, other));
        return at >= 0 && left.splice(at, 1).length > 0;
      })
    );
  };
  return {
    ...list(item),
    same,
    changes: (path) => [{ path, kind: "update" }],
    refreshed: (recorded, live) => (same(recorded, live) ? recorded : live),
  };
}

const entriesOf = (value: Value): Values => (isBlock(value) ? value : {});

/** A map from strings, such as tags or environment variables. */
export function map<T>(item: Kind<T>): Kind<Record<string, T>> {
  return {
    name: `an object, each value of it ${item.name}`,
    problems(value, property) {
      const plain = reveal(value);
      if (isUnknown(plain) || !isBlock(plain)) {
        return isUnknown(plain) ? [] : [{ property, reason: `must be an object, got ${shown(plain)}` }];
      }
      return Object.entries(plain).flatMap(([key, each]) => item.problems(each, memberPath(property, key)));
    },
    parse: (value) =>
      Object.fromEntries(Object.entries(entriesOf(value)).map(([key, each]) => [key, item.parse(each)])),
    same(a, b) {
      const [before, after] = [entriesOf(a), entriesOf(b)];
      const keys = Object.keys(before);
      return (
        keys.length === Object.keys(after).length &&
        keys.every((key) => after[key] !== undefined && item.same(before[key] ?? null, after[key]))
      );
    },
    changes(path, old, next) {
      const [before, after] = [entriesOf(old), entriesOf(next)];
      return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
        memberChanges(item, memberPath(path, key), before[key], after[key]),
      );
    },
    refreshed: (_recorded, live) => live,
  };
}

function memberChanges(item: Kind<unknown>, path: string, old: Value | undefined, next: Value | undefined) {
  if (old === undefined || next === undefined) {
    const change: Change = { path, kind: old === undefined ? "add" : "delete" };
    return old === next ? [] : [change];
  }
  return item.same(old, next)
    ? []
    : isUnknown(next)
      ? [{ path, kind: "update" } as const]
      : item.changes(path, old, next);
}

/** Pulumi's notation for a member: `tags.team`, or `tags["cost centre"]` where the key is not a plain word. */
function memberPath(path: string, key: string): string {
  return /^[A-Za-z_][\w-]*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
}

/** A nested block of arguments. */
export function block<P extends Properties>(properties: P): Kind<Arguments<P>> {
  const fields = Object.entries<Properties[string]>(properties);
  return {
    name: "an object",
    problems(value, property) {
      const plain = reveal(value);
      if (isUnknown(plain) || !isBlock(plain)) {
        return isUnknown(plain) ? [] : [{ property, reason: `must be an object, got ${shown(plain)}` }];
      }
      return argumentProblems(properties, plain, `${property}.`);
    },
    parse: (value) => parseArguments(properties, entriesOf(value)),
    same: (a, b) =>
      fields.every(([key, p]) => propertyChanges(key, p, entriesOf(a)[key], entriesOf(b)[key]).length === 0),
    changes: (path, old, next) =>
      fields.flatMap(([key, p]) => propertyChanges(`${path}.${key}`, p, entriesOf(old)[key], entriesOf(next)[key])),
    refreshed: (recorded, live) =>
      Object.fromEntries(
        fields.flatMap(([key, p]) => {
          const value = refreshedProperty(p, entriesOf(recorded)[key], entriesOf(live)[key]);
          return value === undefined ? [] : [[key, value] as const];
        }),
      ),
  };
}

/** Everything wrong with a set of arguments: unknown names, missing ones, values of the wrong kind. */
export function argumentProblems(properties: Properties, values: Values, prefix = ""): readonly Problem[] {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  const names = Object.keys(properties);
  const wrong = given.flatMap(([key, value]) => {
    const property = properties[key];
    const reason = `the local AWS provider does not know this argument (it knows ${names.join(", ")})`;
    return property === undefined ? [{ property: prefix + key, reason }] : property.kind.problems(value, prefix + key);
  });
  const missing = Object.entries(properties)
    .filter(([key, property]) => property.required && !given.some(([name]) => name === key))
    .map(([key]) => ({ property: prefix + key, reason: "is required and missing" }));
  return [...wrong, ...missing];
}
