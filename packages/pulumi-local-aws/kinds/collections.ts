import { type Change, type Kind, type Problem, hasUnknown } from "../properties";
import { type Value, type Values, isBlock, isList, isUnknown, reveal } from "../values";
import { shown } from "./plain";

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

/** Members of what is a map or a block; of anything else none. */
export const entriesOf = (value: Value): Values => (isBlock(value) ? value : {});

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
