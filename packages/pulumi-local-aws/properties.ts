import { type Value, type Values, contains, isUnknown } from "./values";

/** Something wrong with an argument, told to the user by Pulumi. */
export interface Problem {
  /** Path of the property, such as `environment.variables`. */
  readonly property: string;
  readonly reason: string;
}

/** A difference between the arguments of two programs. `path` is in Pulumi's notation, such as `productionVariants[0].modelName`. */
export interface Change {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
}

/** What values a property may have, and when two of them mean the same to AWS. */
export interface Kind<T> {
  /** What an error calls it, such as `a string`. */
  readonly name: string;
  /** What is wrong with a value. Unknown values are fine: a preview has them. */
  problems(value: Value, path: string): readonly Problem[];
  /** The value as a resource's operations get it; only for values without problems, unknowns and secrets. */
  parse(value: Value): T;
  same(a: Value, b: Value): boolean;
  /** Where two values of this kind that are not the same differ. */
  changes(path: string, old: Value, next: Value): readonly Change[];
  /** The program's value brought up to date with what AWS has: unchanged where that means the same. */
  refreshed(recorded: Value, live: Value): Value;
}

/** One argument of a resource or of a nested block. */
export interface Property<T> {
  readonly kind: Kind<T>;
  readonly required: boolean;
  /** A change makes a new resource. In a nested block, what holds for the whole argument counts instead. */
  readonly replaces: boolean;
  /** What AWS does where it is not given. */
  readonly fallback: Value | undefined;
  /** AWS chooses the value where it is not given, and leaving it out later changes nothing. */
  readonly computed: boolean;
  /** AWS does not tell it (or nobody needs to know): a refresh leaves it alone. */
  readonly unread: boolean;
  /** Longest name AWS allows, where a missing name is made up. */
  readonly autoName: AutoName | undefined;
}

/** How a missing name is made: the resource's logical name, a hyphen and 7 random hex digits. */
export interface AutoName {
  readonly maxLength: number;
  /** Put before the logical name, such as `alias/`. */
  readonly prefix?: string;
  /** Another argument that gives the beginning of the name instead. */
  readonly prefixFrom?: string;
  /** The logical name is put in lower case, where AWS allows nothing else. */
  readonly lowerCase?: boolean;
}

/** A table of arguments by name. */
export type Properties = Readonly<Record<string, Property<unknown>>>;

/** The arguments described by a table of properties, as TypeScript sees them. */
export type Arguments<P extends Properties> = {
  readonly [K in keyof P]: P[K] extends Property<infer T> ? T : never;
};

type Traits = Partial<Pick<Property<unknown>, "replaces" | "computed" | "unread">>;

const PLAIN = {
  required: false,
  replaces: false,
  fallback: undefined,
  computed: false,
  unread: false,
  autoName: undefined,
};

export function required<T>(kind: Kind<T>, traits: Traits = {}): Property<T> {
  return { ...PLAIN, ...traits, kind, required: true };
}

export function optional<T>(kind: Kind<T>, traits: Traits = {}): Property<T | undefined> {
  return { ...PLAIN, ...traits, kind };
}

/** An argument that has a default, AWS's own or the provider's. */
export function withDefault<T>(kind: Kind<T>, fallback: Value, traits: Traits = {}): Property<T> {
  return { ...PLAIN, ...traits, kind, fallback };
}

/** A name that is made up where the program gives none. */
export function autoNamed(
  kind: Kind<string>,
  autoName: AutoName,
  traits: Traits = { replaces: true },
): Property<string> {
  return { ...PLAIN, ...traits, kind, autoName };
}

export function valueOrFallback(property: Property<unknown>, value: Value | undefined): Value | undefined {
  return value ?? property.fallback;
}

/** What changes when one argument goes from `old` to `next`. */
export function propertyChanges(
  path: string,
  property: Property<unknown>,
  old: Value | undefined,
  next: Value | undefined,
): readonly Change[] {
  const before = valueOrFallback(property, old);
  const after = valueOrFallback(property, next);
  if (before === undefined || before === null) {
    return after === undefined || after === null ? [] : [{ path, kind: "add" }];
  }
  if (after === undefined || after === null) {
    return property.computed ? [] : [{ path, kind: "delete" }];
  }
  if (isUnknown(after)) {
    return [{ path, kind: "update" }];
  }
  if (property.kind.same(before, after)) {
    return [];
  }
  if (old === undefined || next === undefined) {
    return [{ path, kind: old === undefined ? "add" : "delete" }];
  }
  return property.kind.changes(path, before, after);
}

/**
 * What a refresh records for an argument: the program's own words where AWS has the same, AWS's value where not. An argument the
 * program does not give appears only where AWS has something else than its default: that is drift.
 */
export function refreshedProperty(
  property: Property<unknown>,
  recorded: Value | undefined,
  live: Value | undefined,
): Value | undefined {
  if (property.unread) {
    return recorded;
  }
  if (recorded !== undefined && recorded !== null) {
    return live === undefined || live === null ? undefined : property.kind.refreshed(recorded, live);
  }
  if (property.computed || live === undefined || live === null || isEmpty(live)) {
    return undefined;
  }
  return isUsual(property, live) ? undefined : live;
}

/** Whether a value is what AWS does where nothing is said. */
export function isUsual(property: Property<unknown> | undefined, value: Value | undefined): boolean {
  const { fallback } = property ?? {};
  return (
    value === undefined || value === null || (fallback !== undefined && property?.kind.same(fallback, value) === true)
  );
}

function isEmpty(value: Value): boolean {
  return value === "" || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}

export function hasUnknown(value: Value | undefined): boolean {
  return contains(value, isUnknown);
}

/** The typed arguments of a resource, defaults filled in. The values have passed {@link Kind.problems} and hold no unknowns. */
export function parseArguments<P extends Properties>(properties: P, values: Values): Arguments<P> {
  const entries: unknown[][] = Object.entries(properties).map(([key, property]) => {
    const value = valueOrFallback(property, values[key]);
    return [key, value === undefined || value === null ? undefined : property.kind.parse(value)];
  });
  // eslint-disable-next-line @typescript-eslint/no-unsafe-return -- each entry is its own property's parse result
  return Object.fromEntries(entries);
}
