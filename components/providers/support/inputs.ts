import { isDeepStrictEqual } from "node:util";
import type { dynamic } from "@pulumi/pulumi";
import { z } from "zod";
import { S3_URI } from "../../../lib/s3-uri";

/** What a provider gets during preview for an input that is not known until deployment, whatever its type. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The input under which Pulumi puts the text of the shim. */
const SHIM = "__provider";

/** Everything that is wrong with the inputs, at once. A value that is not known yet is not checked. */
export function problems(schema: z.core.$ZodType, inputs: object): dynamic.CheckFailure[] {
  const parsed = z.safeParse(schema, inputs, { error: wording });
  if (parsed.success) {
    return [];
  }
  return parsed.error.issues
    .filter((issue) => !passesUnknown(inputs, issue.path))
    .flatMap((issue) => {
      const unrecognized = issue.code === "unrecognized_keys" ? issue.keys : [];
      const path = issue.path.join(".");
      return unrecognized.length > 0
        ? unrecognized
            .filter((key) => key !== SHIM)
            .map((key) => ({ property: [...issue.path, key].join("."), reason: "is not an input" }))
        : [{ property: path, reason: withValue(issue.message, valueAt(inputs, issue.path)) }];
    });
}

/** The same, one line each, for the arguments of a program. */
export function problemLines(schema: z.core.$ZodType, args: object): string[] {
  return problems(schema, args).map(({ property, reason }) =>
    /^(must|is) /.test(reason) ? `${property} ${reason}` : `${property}: ${reason}`,
  );
}

/** The names of the given inputs that differ between two sets of them. */
export function changed<Inputs extends object, K extends keyof Inputs & string>(
  keys: readonly K[],
  olds: Inputs,
  news: Inputs,
): K[] {
  return keys.filter((key) => !isDeepStrictEqual(olds[key], news[key]));
}

/** Whether a value is known, all through. */
export function isKnown(value: unknown): boolean {
  if (typeof value === "object" && value !== null) {
    return Object.values(value).every(isKnown);
  }
  return value !== UNKNOWN;
}

/** A number above 0, such as a duration or a count. */
export const positive = () => z.number().positive();

/** A whole number above 0. */
export const count = () => z.int().positive();

/** Text that matches a pattern. @param what The rule in words, such as `1 to 63 letters, digits and hyphens`. */
export const text = (pattern: RegExp, what: string) =>
  z.string().regex(pattern, { error: ({ input }) => `must be ${what}, got ${shown(input)}` });

export const s3Uri = () => text(S3_URI, "an S3 URI (s3://bucket/key)");
export const roleArn = () => text(/^arn:aws[a-z-]*:iam::\d{12}:role\/./, "the ARN of an IAM role");
export const region = () => text(/^[a-z]{2}(-[a-z]+)+-\d$/, "an AWS region");

/** A value as it appears in messages. */
export function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** A rule's message with the given value, if the message does not say it already. Lists and objects would be too long. */
function withValue(rule: string, value: unknown): string {
  return rule.includes(", got ") || typeof value === "object" || value === undefined
    ? rule
    : `${rule}, got ${shown(value)}`;
}

function valueAt(inputs: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined),
    inputs,
  );
}

function passesUnknown(inputs: unknown, path: readonly PropertyKey[]): boolean {
  let value = inputs;
  for (const key of path) {
    if (value === UNKNOWN) {
      return true;
    }
    value = typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
  }
  return value === UNKNOWN;
}

const wording: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${aOrAn(issue.expected)}, got ${shown(issue.input)}`;
    case "too_small":
      return isSized(issue.input)
        ? `must have at least ${issue.minimum} ${units(issue.input)}, got ${issue.input.length}`
        : `must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}, got ${shown(issue.input)}`;
    case "too_big":
      return isSized(issue.input)
        ? `must have at most ${issue.maximum} ${units(issue.input)}, got ${issue.input.length}`
        : `must be ${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}, got ${shown(issue.input)}`;
    case "invalid_value":
      return `must be ${issue.values.map(shown).join(" or ")}, got ${shown(issue.input)}`;
    default:
      return undefined;
  }
};

const aOrAn = (type: string) => (/^[aeio]/.test(type) ? `an ${type}` : `a ${type}`);

const isSized = (input: unknown): input is string | readonly unknown[] =>
  typeof input === "string" || Array.isArray(input);

const units = (input: string | readonly unknown[]) => (typeof input === "string" ? "characters" : "members");
