import { type Archive, type Asset, parseArchive, parseAsset } from "../archive";
import { type Kind, hasUnknown } from "../properties";
import {
  type Value,
  canonical,
  isArchive,
  isAsset,
  isBlock,
  isList,
  isUnknown,
  parseJson,
  reveal,
  textOf,
} from "../values";

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

/** How a message shows a value. */
export const shown = (value: Value) =>
  isList(value) ? "a list" : isBlock(value) ? "an object" : JSON.stringify(value);
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
  name: "an asset or an archive",
  is: (value) => isAsset(value) || isArchive(value),
  parse: parseAsset,
  meaning: (value) => (isBlock(value) ? canonical(value.hash ?? null) : canonical(value)),
});
