import type { Condition } from "./policy";
import { arnLike, like, substituted, type Context } from "./wildcard";

/** Whether a value of the request passes one value of the policy. */
type Test = (value: string, wanted: string, context: Context) => boolean;

const equal: Test = (value, wanted, context) => value === substituted(wanted, context);
const equalIgnoringCase: Test = (value, wanted, context) =>
  value.toLowerCase() === substituted(wanted, context)?.toLowerCase();
const arn: Test = (value, wanted, context) => arnLike(wanted, value, context);
const compared =
  (read: (text: string) => number, holds: (value: number, wanted: number) => boolean): Test =>
  (value, wanted, context) =>
    holds(read(value), read(substituted(wanted, context) ?? ""));
const time = (text: string) => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

const TESTS: ReadonlyMap<string, Test> = new Map<string, Test>([
  ["StringEquals", equal],
  ["StringEqualsIgnoreCase", equalIgnoringCase],
  ["StringLike", (value, wanted, context) => like(wanted, value, context)],
  ["ArnEquals", arn],
  ["ArnLike", arn],
  ["Bool", (value, wanted) => value.toLowerCase() === wanted.toLowerCase()],
  ...(["Numeric", "Date"] as const).flatMap((kind): (readonly [string, Test])[] => {
    const read = kind === "Numeric" ? Number : time;
    return [
      [`${kind}Equals`, compared(read, (value, wanted) => value === wanted)],
      [`${kind}LessThan`, compared(read, (value, wanted) => value < wanted)],
      [`${kind}LessThanEquals`, compared(read, (value, wanted) => value <= wanted)],
      [`${kind}GreaterThan`, compared(read, (value, wanted) => value > wanted)],
      [`${kind}GreaterThanEquals`, compared(read, (value, wanted) => value >= wanted)],
    ];
  }),
]);
/** Operators that say no where the one of the other name says yes. */
const NEGATED: ReadonlyMap<string, string> = new Map([
  ["StringNotEquals", "StringEquals"],
  ["StringNotEqualsIgnoreCase", "StringEqualsIgnoreCase"],
  ["StringNotLike", "StringLike"],
  ["ArnNotEquals", "ArnEquals"],
  ["ArnNotLike", "ArnLike"],
  ["NumericNotEquals", "NumericEquals"],
  ["DateNotEquals", "DateEquals"],
]);

interface Operator {
  readonly quantifier: string | undefined;
  readonly negated: boolean;
  readonly test: Test;
  /** The suffix `IfExists`. */
  readonly ifExists: boolean;
}

function operatorOf(text: string): Operator | undefined {
  const [, quantifier, name = "", suffix] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(text) ?? [];
  const test = TESTS.get(NEGATED.get(name) ?? name);
  return test && { quantifier, negated: NEGATED.has(name), test, ifExists: suffix !== undefined };
}

/**
 * Whether a request passes a condition; `undefined` if its operator is not one that the local AWS knows (`IpAddress`,
 * `BinaryEquals` and whatever does not exist).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function holds({ operator, key, values: wanted }: Condition, context: Context): boolean | undefined {
  const found = context.get(key.toLowerCase()) ?? [];
  if (operator === "Null") {
    return wanted.some((text) => (text.toLowerCase() === "true") === (found.length === 0));
  }
  const known = operatorOf(operator);
  if (known === undefined) {
    return undefined;
  }
  const { quantifier, negated, test, ifExists } = known;
  if (found.length === 0) {
    return quantifier === "ForAnyValue" ? false : quantifier === "ForAllValues" || ifExists || negated;
  }
  const passes = (value: string) => wanted.some((text) => test(value, text, context)) !== negated;
  return quantifier === "ForAllValues" ? found.every(passes) : found.some(passes);
}
