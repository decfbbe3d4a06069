import type { ServiceModel, ServiceModels } from "./service-models";

/**
 * The rules of AWS's own service models for an operation's input: lengths, ranges, patterns, allowed values. The models come with botocore,
 * so the local AWS refuses what AWS refuses without rules written by hand.
 */
export interface Constraints {
  /** Each violated constraint of the input, in AWS's words; empty if there is none or the operation is unknown. */
  violations(service: string, operation: string, input: unknown): readonly string[];
}

type Shape = ServiceModel["shapes"][string];

/** The rules of these models. */
export function serviceModelConstraints(modelOf: ServiceModels): Constraints {
  return {
    violations(service, operation, input) {
      const { operations, shapes } = modelOf(service);
      const inputShape = operations[operation]?.input?.shape;
      return inputShape === undefined ? [] : check(shapes, inputShape, input, "");
    },
  };
}

function check(shapes: ServiceModel["shapes"], name: string, value: unknown, at: string): readonly string[] {
  const described = shapes[name];
  if (described === undefined || value === undefined || value === null) {
    return [];
  }
  if (Array.isArray(value)) {
    const member = described.member?.shape ?? "";
    return [
      ...sizeViolation(described, value.length, value, at, "length"),
      ...value.flatMap((item, i) => check(shapes, member, item, `${at}.${i + 1}.member`)),
    ];
  }
  if (typeof value === "object" && !(value instanceof Uint8Array) && !(value instanceof Date)) {
    return described.type === "map"
      ? checkMap(shapes, described, value, at)
      : Object.entries(value).flatMap(([key, item]) => {
          const member = described.members?.[key]?.shape ?? "";
          return check(shapes, member, item, at === "" ? lowerFirst(key) : `${at}.${lowerFirst(key)}`);
        });
  }
  return typeof value === "string" ? stringViolations(described, value, at) : numberViolations(described, value, at);
}

function checkMap(shapes: ServiceModel["shapes"], described: Shape, map: object, at: string): readonly string[] {
  const entries = Object.entries(map);
  const keyShape = shapes[described.key?.shape ?? ""];
  const brokenByKeys = new Set(keyShape === undefined ? [] : entries.flatMap(([key]) => brokenRules(keyShape, key)));
  return [
    ...sizeViolation(described, entries.length, map, at, "length"),
    ...(brokenByKeys.size === 0
      ? []
      : [violation(map, at, `Map keys must satisfy constraint: [${[...brokenByKeys].join(", ")}]`)]),
    ...entries.flatMap(([key, item]) => check(shapes, described.value?.shape ?? "", item, `${at}.${key}.member`)),
  ];
}

function stringViolations(described: Shape, value: string, at: string): readonly string[] {
  return brokenRules(described, value).map((rule) => violation(value, at, rule));
}

function brokenRules(described: Shape, text: string): readonly string[] {
  const pattern = described.pattern === undefined ? undefined : compiled(described.pattern);
  return [
    ...brokenLimits(described, text.length, "length"),
    ...(pattern === undefined || pattern.test(text)
      ? []
      : [`Member must satisfy regular expression pattern: ${described.pattern ?? ""}`]),
    ...(described.enum === undefined || described.enum.includes(text)
      ? []
      : [`Member must satisfy enum value set: [${described.enum.join(", ")}]`]),
  ];
}

function numberViolations(described: Shape, value: unknown, at: string): readonly string[] {
  return typeof value === "number" ? sizeViolation(described, value, value, at, "value") : [];
}

function sizeViolation(described: Shape, size: number, value: unknown, at: string, what: string): readonly string[] {
  return brokenLimits(described, size, what).map((rule) => violation(value, at, rule));
}

function brokenLimits({ min, max }: Shape, size: number, what: string): readonly string[] {
  return [
    ...(min !== undefined && size < min ? [`Member must have ${what} greater than or equal to ${min}`] : []),
    ...(max !== undefined && size > max ? [`Member must have ${what} less than or equal to ${max}`] : []),
  ];
}

function violation(value: unknown, at: string, constraint: string): string {
  const shown = typeof value === "string" ? value : JSON.stringify(value);
  return `Value '${shown}' at '${at}' failed to satisfy constraint: ${constraint}`;
}

/** Translates Java's POSIX classes, inside of a class as well as alone, and its anchors to JavaScript's. */
const JAVA: readonly (readonly [RegExp, string])[] = [
  [/^\\A|\\z$/g, ""],
  [/\[\\p\{Print\}\]|\\p\{Print\}/g, "[\\x20-\\x7E]"],
  [/\\p\{Graph\}/g, "[\\x21-\\x7E]"],
  [/\\p\{Alnum\}/g, "[a-zA-Z0-9]"],
  [/\\p\{Alpha\}/g, "[a-zA-Z]"],
  [/\\p\{ASCII\}/g, "[\\x00-\\x7F]"],
];

/** AWS's patterns are Java's and must match the whole value. The few that JavaScript cannot read are left to the operation. */
function compiled(pattern: string): RegExp | undefined {
  const source = `^(?:${JAVA.reduce((text, [java, own]) => text.replace(java, own), pattern)})$`;
  // Unicode classes need the flag, and needless escapes, which Java allows, must do without it.
  const flags = source.includes("\\p{") ? ["su"] : ["su", "s"];
  for (const each of flags) {
    try {
      return new RegExp(source, each);
    } catch {
      continue;
    }
  }
  return undefined;
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
