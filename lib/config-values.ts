/** Rules for single config values. They reach a program as text, or as JSON where they are structured. */
import { z } from "zod";

/**
 * A value in the form that its rule judges, as far as it has that form: a number for a rule about numbers, what JSON says for one about
 * lists and objects, and so for each part of these. `pulumi config set --path` writes 0.5 as text, and the branch 2027 as a number. A rule
 * about text, such as those below, judges the text.
 */
export function inForm(rule: unknown, value: unknown): unknown {
  if (isWrapper(rule)) {
    return inForm(rule.unwrap(), value);
  }
  return typeof value === "string" ? fromText(rule, value) : fromParts(rule, value);
}

function fromText(rule: unknown, value: string): unknown {
  if (rule instanceof z.ZodNumber) {
    return value.trim() === "" || Number.isNaN(Number(value)) ? value : Number(value);
  }
  if (rule instanceof z.ZodBoolean) {
    return value === "true" || (value === "false" ? false : value);
  }
  if (rule instanceof z.ZodObject || rule instanceof z.ZodArray || rule instanceof z.ZodUnion) {
    const read = fromJson(value);
    return typeof read === "string" ? value : fromParts(rule, read);
  }
  return value;
}

function fromParts(rule: unknown, value: unknown): unknown {
  if (rule instanceof z.ZodString && (typeof value === "number" || typeof value === "boolean")) {
    return String(value);
  }
  if (rule instanceof z.ZodUnion) {
    return rule.options.reduce((found: unknown, option) => inForm(option, found), value);
  }
  if (Array.isArray(value)) {
    return rule instanceof z.ZodArray ? value.map((item) => inForm(rule.element, item)) : value;
  }
  if (rule instanceof z.ZodObject && typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inForm(rule.shape[key], part)]));
  }
  return value;
}

const isWrapper = (rule: unknown) =>
  rule instanceof z.ZodDefault ||
  rule instanceof z.ZodPrefault ||
  rule instanceof z.ZodOptional ||
  rule instanceof z.ZodReadonly;

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value; // whose rule says what it must be
  }
}

/** What a type is called in a message. */
const TYPES: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

/** The message of a rule that has none of its own, for `safeParse`; `undefined` leaves it to Zod. */
export function inWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${TYPES[issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `must be ${oneOf(issue.values.map(String))}`;
    case "too_small":
      return issue.origin === "number" ? undefined : "must not be empty";
    default:
      return undefined;
  }
}

function oneOf(words: readonly string[]): string {
  const [last = "", ...others] = [...words].reverse();
  return others.length === 0 ? last : `${others.reverse().join(", ")} or ${last}`;
}

export const text = z.string().min(1, "must not be empty");

export const number = z
  .string()
  .transform((value, context) => {
    if (value.trim() === "" || !Number.isFinite(Number(value))) {
      context.addIssue({ code: "custom", message: "must be a number" });
      return z.NEVER;
    }
    return Number(value);
  })
  .pipe(z.number());
export const positive = number.pipe(z.number().positive("must be above 0"));
export const atLeastOne = number.pipe(z.int("must be a whole number").min(1, "must be 1 or more"));

/** A whole number in a range. */
export const wholeNumber = (minimum: number, maximum = Number.MAX_SAFE_INTEGER) => {
  const rule = maximum === Number.MAX_SAFE_INTEGER ? `must be ${minimum} or more` : `must be ${minimum} to ${maximum}`;
  return number.pipe(z.int("must be a whole number").min(minimum, rule).max(maximum, rule));
};

export const flag = z.enum(["true", "false"]).transform((value) => value === "true");

/** A structured value. @param example A command that sets such a one. */
export const json = <T extends z.ZodType>(what: string, example: string, rule: T) =>
  z
    .string()
    .transform((value, context): unknown => {
      try {
        return inForm(rule, JSON.parse(value));
      } catch {
        context.addIssue({ code: "custom", message: `must be ${what}: ${example}` });
        return z.NEVER;
      }
    })
    .pipe(rule);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const bucketName = z
  .string()
  .regex(
    /^(?=.{3,63}$)[a-z0-9]+([.-]+[a-z0-9]+)*$/,
    "must be the name of a bucket: 3 to 63 lower-case letters, digits, dots and inner hyphens",
  );

export const s3Uri = z
  .string()
  .regex(/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/.+/, "must be an S3 URI such as s3://bucket/prefix");

/** An optional field, with the value it has when nothing is set. */
export const fallback = <T extends z.ZodType<unknown, string>>(schema: T, value: string) =>
  z.string().default(value).pipe(schema);
