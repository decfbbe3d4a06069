import { z } from "zod";
import { AwsError, notImplemented } from "../../core/aws-error";

/** A value of an event. */
export type Scalar = string | number | boolean | null;

/** One entry of the list of values that a pattern has for a member. */
export interface ValueTest {
  readonly matches: (value: Scalar) => boolean;
  /** Whether it is content with a member that is not there. */
  readonly whenMissing: boolean;
}

export function invalidPattern(reason: string): AwsError {
  return new AwsError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
}

/**
 * Reads an entry: a value that is meant exactly, or a comparison operator.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export function valueTest(key: string, entry: unknown): ValueTest {
  if (entry === null || typeof entry === "string" || typeof entry === "number" || typeof entry === "boolean") {
    return test((value) => value === entry);
  }
  const operators = typeof entry === "object" ? Object.entries(entry) : [];
  const [[operator, argument] = ["", undefined]] = operators;
  if (operators.length !== 1) {
    throw invalidPattern(`Only one key allowed in match expression, in "${key}"`);
  }
  return comparison(operator, argument);
}

function comparison(operator: string, argument: unknown): ValueTest {
  switch (operator) {
    case "exists":
      if (typeof argument !== "boolean") {
        throw invalidPattern("exists match pattern must be either true or false.");
      }
      return { matches: () => argument, whenMissing: !argument };
    case "anything-but":
      return anythingBut(argument);
    case "numeric":
      return numeric(argument);
    case "cidr":
      throw notImplemented("EventBridge", "event pattern with the operator cidr");
    default:
      return textComparison(operator, argument);
  }
}

const text = z.string();
const caseless = z.strictObject({ "equals-ignore-case": z.string() });

/** Operators on texts, which `anything-but` knows too. */
function textComparison(operator: string, argument: unknown): ValueTest {
  const plain = text.safeParse(argument).data;
  const ignoringCase = caseless.safeParse(argument).data?.["equals-ignore-case"].toLowerCase();
  const onText = (matches: (value: string) => boolean) => test((value) => typeof value === "string" && matches(value));
  switch (plain === undefined && ignoringCase === undefined ? undefined : operator) {
    case "prefix":
      return onText((value) =>
        plain === undefined ? value.toLowerCase().startsWith(ignoringCase ?? "") : value.startsWith(plain),
      );
    case "suffix":
      return onText((value) =>
        plain === undefined ? value.toLowerCase().endsWith(ignoringCase ?? "") : value.endsWith(plain),
      );
    case "equals-ignore-case":
      return onText((value) => value.toLowerCase() === required(operator, plain).toLowerCase());
    case "wildcard": {
      const pattern = wildcard(required(operator, plain));
      return onText((value) => pattern.test(value));
    }
    case undefined:
      throw OPERATORS.includes(operator)
        ? invalidPattern(`${operator} match pattern must be a string`)
        : invalidPattern(`Unrecognized match type ${operator}`);
    default:
      throw invalidPattern(`Unrecognized match type ${operator}`);
  }
}

const OPERATORS = ["prefix", "suffix", "equals-ignore-case", "wildcard"];

function required(operator: string, plain: string | undefined): string {
  if (plain === undefined) {
    throw invalidPattern(`${operator} match pattern must be a string`);
  }
  return plain;
}

/** `*` stands for any characters; a backslash before `*` or a backslash makes it ordinary. */
function wildcard(pattern: string): RegExp {
  if (/(?<!\\)\*\*/.test(pattern)) {
    throw invalidPattern("Consecutive wildcard characters");
  }
  const parts = pattern.match(/\\[*\\]|[^]/g) ?? [];
  const source = parts.map((part) =>
    part === "*" ? "[^]*" : (part.at(-1) ?? "").replace(/[.*+?^${}()|[\]\\/]/, "\\$&"),
  );
  return new RegExp(`^${source.join("")}$`);
}

const unwanted = z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)]);
const texts = z.union([z.string().transform((one) => [one]), z.array(z.string()).min(1)]);

/** `anything-but`: a member that is there and is not these. */
function anythingBut(argument: unknown): ValueTest {
  const named = unwanted.safeParse(argument).data;
  if (named !== undefined) {
    const values: readonly Scalar[] = Array.isArray(named) ? named : [named];
    return test((value) => !values.includes(value));
  }
  const operators = typeof argument === "object" && argument !== null ? Object.entries(argument) : [];
  const [[operator, inside] = ["", undefined]] = operators;
  const read = texts.safeParse(inside).data;
  if (operators.length !== 1 || read === undefined || Array.isArray(argument)) {
    throw invalidPattern("Inside anything-but must be a string, a number, a list of them, or one operator on strings");
  }
  const tests = read.map((each) => textComparison(operator, each));
  return test((value) => tests.every(({ matches }) => !matches(value)));
}

const COMPARISONS: Readonly<Record<string, (value: number, wanted: number) => boolean>> = {
  "=": (value, wanted) => value === wanted,
  "<": (value, wanted) => value < wanted,
  "<=": (value, wanted) => value <= wanted,
  ">": (value, wanted) => value > wanted,
  ">=": (value, wanted) => value >= wanted,
};

/** `numeric`: one comparison or two, such as `[">", 0, "<=", 5]`. */
function numeric(argument: unknown): ValueTest {
  if (!Array.isArray(argument) || ![2, 4].includes(argument.length)) {
    throw invalidPattern("Value of numeric must be an array of one or two comparisons");
  }
  const comparisons = [0, 2].slice(0, argument.length / 2).map((at) => {
    const sign: unknown = argument[at];
    const wanted: unknown = argument[at + 1];
    const compare = typeof sign === "string" && Object.hasOwn(COMPARISONS, sign) ? COMPARISONS[sign] : undefined;
    if (compare === undefined || typeof wanted !== "number") {
      throw invalidPattern(`Bad numeric comparison ${JSON.stringify(argument)}`);
    }
    return (value: number) => compare(value, wanted);
  });
  return test((value) => typeof value === "number" && comparisons.every((holds) => holds(value)));
}

const test = (matches: (value: Scalar) => boolean): ValueTest => ({ matches, whenMissing: false });
