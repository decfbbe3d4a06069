import { AwsError, notImplemented } from "../../core/aws-error";

/** A value at one time; `undefined` if the metric has none. */
type Value = number | undefined;
/** Computes an expression from the values that its metrics have at one time. */
type Expression = (valueOf: (id: string) => Value) => Value;

type Operator = (a: number, b: number) => Value;

/** Loosest first. A division by zero has no result, as in CloudWatch. */
const BINARY: readonly ReadonlyMap<string, Operator>[] = [
  new Map<string, Operator>([
    ["<=", (a, b) => Number(a <= b)],
    [">=", (a, b) => Number(a >= b)],
    ["==", (a, b) => Number(a === b)],
    ["!=", (a, b) => Number(a !== b)],
    ["<", (a, b) => Number(a < b)],
    [">", (a, b) => Number(a > b)],
  ]),
  new Map<string, Operator>([
    ["+", (a, b) => a + b],
    ["-", (a, b) => a - b],
  ]),
  new Map<string, Operator>([
    ["*", (a, b) => a * b],
    ["/", (a, b) => (b === 0 ? undefined : a / b)],
  ]),
];

const choose = (condition: Value, yes: Value, no: Value) => (condition === 0 ? no : yes);
const FUNCTIONS: ReadonlyMap<string, { readonly parameters: number; readonly call: (...values: Value[]) => Value }> =
  new Map([
    ["FILL", { parameters: 2, call: (value: Value, filling: Value) => value ?? filling }],
    [
      "IF",
      {
        parameters: 3,
        call: (test: Value, a: Value, b: Value) => (test === undefined ? undefined : choose(test, a, b)),
      },
    ],
  ]);

/** What is made of the values that the metrics have at one time, as far as they have any. */
const AGGREGATES: ReadonlyMap<string, (values: readonly number[]) => number> = new Map([
  ["SUM", (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)],
  ["AVG", (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length],
  ["MIN", (values: readonly number[]) => Math.min(...values)],
  ["MAX", (values: readonly number[]) => Math.max(...values)],
]);

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([A-Za-z]\w*)|(<=|>=|==|!=|[-+*/()<>,[\]]))/giy;

/** What else CloudWatch has: powers, logic, texts. */
const OTHER_SYNTAX = /^\s*(?:\^|&&|\|\||["'])/;

/** An expression of CloudWatch's metric math, ready to be computed, with the ids that it uses. */
export interface ParsedExpression {
  readonly compute: Expression;
  readonly ids: ReadonlySet<string>;
}

/**
 * Reads the part of CloudWatch's metric math that alarms on rates and ratios need: numbers, ids, `+ - * /`, comparisons (1 or 0),
 * brackets, `IF(condition, a, b)`, `FILL(metric, value)`, and `SUM`, `AVG`, `MIN` and `MAX` of `METRICS()` or of an array such as `[a, b]`. Where
 * an operand has no value, the result has none; those four leave it out.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * @param metricIds what `METRICS()` stands for. @default - nothing
 * @throws AwsError `ValidationException` for what is no expression, `NotImplemented` naming any other function
 */
export function parseExpression(text: string, metricIds: readonly string[] = []): ParsedExpression {
  if (/^\s*SELECT\b/i.test(text)) {
    throw notImplemented("CloudWatch", "Metrics Insights (SELECT)");
  }
  const tokens = tokenize(text);
  const ids = new Set<string>();
  let next = 0;

  const peek = () => tokens[next];
  const take = (expected?: string): string => {
    const token = tokens[next];
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw invalid(text, `${expected ?? "a value"} expected, found ${token ?? "its end"}`);
    }
    next += 1;
    return token;
  };

  const binary = (level: number): Expression => {
    const operators = BINARY[level];
    if (operators === undefined) {
      return unary();
    }
    let left = binary(level + 1);
    for (let operator = operators.get(peek() ?? ""); operator !== undefined; operator = operators.get(peek() ?? "")) {
      take();
      left = combine(operator, left, binary(level + 1));
    }
    return left;
  };
  const unary = (): Expression => {
    const token = take();
    if (token === "-") {
      const operand = unary();
      return combine(
        (a, b) => a - b,
        () => 0,
        operand,
      );
    }
    if (token === "(") {
      const inner = binary(0);
      take(")");
      return inner;
    }
    if (/^\d/.test(token)) {
      return () => Number(token);
    }
    if (token === "[") {
      throw notImplemented("CloudWatch", "metric math with [");
    }
    if (!/^[A-Za-z]/.test(token)) {
      throw invalid(text, `a value expected, found ${token}`);
    }
    if (peek() === "(") {
      return call(token);
    }
    ids.add(token);
    return (valueOf) => valueOf(token);
  };
  const list = (): Expression[] => {
    const members = [binary(0)];
    while (peek() === ",") {
      take();
      members.push(binary(0));
    }
    return members;
  };
  const series = (name: string): readonly Expression[] => {
    if (peek() === "METRICS") {
      ["METRICS", "(", ")"].forEach((token) => take(token));
      metricIds.forEach((id) => ids.add(id));
      return metricIds.map((id) => (valueOf) => valueOf(id));
    }
    if (peek() !== "[") {
      throw notImplemented("CloudWatch", `metric math function ${name} of anything but METRICS() or an array`);
    }
    take();
    const members = list();
    take("]");
    return members;
  };
  const overSeries = (name: string, aggregate: (values: readonly number[]) => number): Expression => {
    take("(");
    const members = series(name);
    take(")");
    return (valueOf) => {
      const values = members.map((member) => member(valueOf)).filter((value) => value !== undefined);
      return values.length === 0 ? undefined : aggregate(values);
    };
  };
  const call = (name: string): Expression => {
    const aggregate = AGGREGATES.get(name);
    if (aggregate !== undefined) {
      return overSeries(name, aggregate);
    }
    const called = FUNCTIONS.get(name);
    if (called === undefined) {
      throw notImplemented("CloudWatch", `metric math function ${name}`);
    }
    take("(");
    const args = list();
    take(")");
    if (args.length !== called.parameters) {
      throw invalid(text, `${name} takes ${called.parameters} arguments, got ${args.length}`);
    }
    return (valueOf) => called.call(...args.map((argument) => argument(valueOf)));
  };

  const compute = binary(0);
  const rest = peek();
  if (rest !== undefined) {
    throw /^(and|or)$/i.test(rest)
      ? notImplemented("CloudWatch", `metric math operator ${rest}`)
      : invalid(text, `unexpected ${rest}`);
  }
  return { compute, ids };
}

function combine(operator: Operator, left: Expression, right: Expression): Expression {
  return (valueOf) => {
    const a = left(valueOf);
    const b = right(valueOf);
    return a === undefined || b === undefined ? undefined : operator(a, b);
  };
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const [other] = OTHER_SYNTAX.exec(text.slice(from)) ?? [];
      if (other !== undefined) {
        throw notImplemented("CloudWatch", `metric math with ${other.trim()}`);
      }
      throw invalid(text, `cannot read ${text.slice(from, end)}`);
    }
    tokens.push(match[0].trim());
  }
  return tokens;
}

function invalid(text: string, why: string): AwsError {
  return new AwsError("ValidationException", `Error in expression '${text}': ${why}`);
}
