import { z } from "zod";
import type { MetricKey } from "./metric-store";

const PERIOD = "Should be 1, 5, 10, 30, or a multiple of 60";
/** The period of a widget or of one of its metrics, in seconds of AWS's time. */
export const widgetPeriod = z
  .int()
  .positive(PERIOD)
  .refine((seconds) => [1, 5, 10, 30].includes(seconds) || seconds % 60 === 0, PERIOD);

export const color = z
  .string()
  .regex(/^#[0-9a-fA-F]{6}$/, "Should be a color of six hexadecimal digits, such as #d62728");

/** How a metric is drawn, or the expression that stands in its place. */
const rendering = z.strictObject({
  accountId: z.string().optional(),
  color: color.optional(),
  expression: z.string().optional(),
  id: z
    .string()
    .regex(/^[a-z][a-zA-Z0-9_]*$/, "Should begin with a lower-case letter and have letters, digits and underscores")
    .optional(),
  label: z.string().optional(),
  period: widgetPeriod.optional(),
  region: z.string().optional(),
  stat: z.string().optional(),
  visible: z.boolean().optional(),
  yAxis: z.enum(["left", "right"]).optional(),
});

/** One of a widget's metrics, or an expression, which has no key. */
export interface WidgetMetric extends z.output<typeof rendering> {
  readonly key?: MetricKey;
}

const NOT_ROWS =
  'Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as last element';

/**
 * A widget's metrics as it writes them, each in an array: namespace, name, dimensions and their values, and how it is drawn. `"."` stands for
 * what the metric before has in this place, `"..."` for all that it has before what follows.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export const widgetMetrics = z.array(z.array(z.unknown(), NOT_ROWS)).transform((rows, context): WidgetMetric[] => {
  const ids = new Set<string>();
  let before: readonly string[] = [];
  return rows.flatMap((row, i) => {
    const problem = (message: string, ...path: PropertyKey[]) => {
      context.addIssue({ code: "custom", message, path: [i, ...path] });
      return [];
    };
    const last = row.at(-1);
    const isDrawn = typeof last === "object" && last !== null;
    const drawn = rendering.safeParse(isDrawn ? last : {});
    const fields = isDrawn ? row.slice(0, -1) : row;
    const names = fields.filter((field): field is string => typeof field === "string" && field !== "");
    drawn.error?.issues.forEach((issue) => problem(renderingProblem(issue), row.length - 1, ...issue.path));
    if (names.length < fields.length) {
      // AWS says so of an empty text too.
      const at = fields.findIndex((field) => field === "" || typeof field !== "string");
      return problem('Invalid metric field type, only "String" type is allowed', at);
    }
    if (drawn.data === undefined) {
      return [];
    }
    const { id, expression } = drawn.data;
    if (id !== undefined && ids.size === ids.add(id).size) {
      return problem(`The id "${id}" is used by more than one metric`, row.length - 1, "id");
    }
    if (expression !== undefined) {
      return names.length === 0 ? [drawn.data] : problem("Should have either a metric or an expression, not both");
    }
    const spelled = spelledOut(names, before);
    if (typeof spelled === "string") {
      return problem(spelled);
    }
    before = spelled;
    return [{ ...drawn.data, key: keyOf(spelled) }];
  });
});

function renderingProblem(issue: z.core.$ZodIssue): string {
  return issue.code === "unrecognized_keys"
    ? `The ${issue.keys.map((key) => `"${key}"`).join(", ")} property is not one that a metric is drawn by`
    : issue.message;
}

/** A metric's names without abbreviations, or what is wrong with them. */
function spelledOut(names: readonly string[], before: readonly string[]): readonly string[] | string {
  const [first, ...rest] = names;
  const full =
    first === "..."
      ? [...before.slice(0, Math.max(0, before.length - rest.length)), ...rest]
      : names.map((name, at) => (name === "." ? before[at] : name));
  const known = full.filter((name) => name !== undefined);
  if (known.length < full.length || (first === "..." && rest.length > before.length)) {
    return `${JSON.stringify(names)} refers to more than the metric before it has`;
  }
  if (known.length < 2 || known.length % 2 === 1) {
    return `Should be a namespace, a name, and pairs of a dimension and its value, got ${JSON.stringify(known)}`;
  }
  return known;
}

function keyOf([namespace = "", name = "", ...pairs]: readonly string[]): MetricKey {
  const dimensions = pairs.flatMap((dimension, i) => (i % 2 === 0 ? [[dimension, pairs[i + 1] ?? ""] as const] : []));
  return { namespace, name, dimensions: Object.fromEntries(dimensions) };
}
