import { invalidPattern, valueTest, type Scalar, type ValueTest } from "./pattern-values";

/** Whether an event, or a part of it, is one that a pattern means. */
type Test = (part: unknown) => boolean;

/**
 * Reads an event pattern.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 *
 * Numbers are compared as numbers; AWS compares those that a pattern names exactly as texts, so that `300.0` is not `300` there.
 *
 * @throws AwsError `InvalidEventPatternException`, `NotImplemented` for the comparison operator `cidr`
 */
export function parsePattern(text: string): (event: object) => boolean {
  let pattern: unknown;
  try {
    pattern = JSON.parse(text);
  } catch {
    throw invalidPattern("it is not JSON");
  }
  if (!isRecord(pattern)) {
    throw invalidPattern("Filter is not an object");
  }
  return structure(pattern);
}

function structure(pattern: Readonly<Record<string, unknown>>): Test {
  const entries = Object.entries(pattern);
  if (entries.length === 0) {
    throw invalidPattern("Empty objects are not allowed");
  }
  const tests = entries.map(([key, inside]) => (key === "$or" ? alternatives(inside) : member(key, inside)));
  return (part) => tests.every((test) => test(part));
}

/** `$or`: patterns of which one is enough, beside what else the structure wants. */
function alternatives(patterns: unknown): Test {
  if (!Array.isArray(patterns) || patterns.length < 2 || !patterns.every(isRecord)) {
    throw invalidPattern("$or must be an array of at least two objects");
  }
  const tests = patterns.map(structure);
  return (part) => tests.some((test) => test(part));
}

function member(key: string, pattern: unknown): Test {
  if (isRecord(pattern)) {
    const test = structure(pattern);
    // Of a list, one element must be all that is wanted: parts of several do not add up.
    return (part) => elements(valueOf(part, key), isRecord).some(test) || isAbsent(test, part, key);
  }
  if (!Array.isArray(pattern)) {
    throw invalidPattern(`"${key}" must be an object or an array`);
  }
  if (pattern.length === 0) {
    throw invalidPattern("Empty arrays are not allowed");
  }
  const tests = pattern.map((value: unknown) => valueTest(key, value));
  return (part) => matchesLeaf(tests, elements(valueOf(part, key), isScalar));
}

/** A structure that is not there is one whose members are all missing, which is what `exists: false` may want. */
function isAbsent(test: Test, part: unknown, key: string): boolean {
  return elements(valueOf(part, key), isRecord).length === 0 && test({});
}

function matchesLeaf(tests: readonly ValueTest[], values: readonly Scalar[]): boolean {
  return tests.some((test) => (values.length === 0 ? test.whenMissing : values.some((value) => test.matches(value))));
}

function valueOf(part: unknown, key: string): unknown {
  return isRecord(part) && Object.hasOwn(part, key) ? part[key] : undefined;
}

/** The value, or the elements of a list however deep, that are of the wanted kind. */
function elements<T>(value: unknown, isWanted: (value: unknown) => value is T): readonly T[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => elements(item, isWanted));
  }
  return isWanted(value) ? [value] : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}
