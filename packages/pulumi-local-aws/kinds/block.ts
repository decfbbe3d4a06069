import {
  type Arguments,
  type Kind,
  type Problem,
  type Properties,
  parseArguments,
  propertyChanges,
  refreshedProperty,
} from "../properties";
import { type Values, isBlock, isUnknown, reveal } from "../values";
import { shown } from "./plain";
import { entriesOf } from "./collections";

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
