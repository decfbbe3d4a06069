import { z } from "zod";

/** How a metric of a widget is drawn, or the expression in its place. What the page does not use is left alone. */
const drawing = z.object({
  expression: z.string().optional(),
  id: z.string().optional(),
  label: z.string().optional(),
  period: z.number().optional(),
  stat: z.string().optional(),
  visible: z.boolean().optional(),
  yAxis: z.enum(["left", "right"]).optional(),
});
type Drawing = z.output<typeof drawing>;

const axis = z.object({ label: z.string().optional() }).optional();
const mark = z.object({ value: z.number(), label: z.string().optional() });

const widget = z.object({
  type: z.string(),
  properties: z.object({
    title: z.string().default(""),
    metrics: z.array(z.array(z.union([z.string(), drawing]))).default([]),
    period: z.number().default(300),
    stat: z.string().default("Average"),
    stacked: z.boolean().default(false),
    yAxis: z.object({ left: axis, right: axis }).optional(),
    annotations: z
      .object({
        alarms: z.array(z.string()).optional(),
        horizontal: z.array(z.union([mark, z.array(mark)])).optional(),
      })
      .optional(),
    alarms: z.array(z.string()).default([]),
  }),
});
export type Widget = z.output<typeof widget>;

const body = z.object({ widgets: z.array(z.object({ type: z.string() }).loose()) });

/** A metric as a widget has it. */
export interface WidgetMetric extends Drawing {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * The graphs and alarms of a dashboard's body. What somebody has added of other kinds, such as texts, is left out.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function widgetsOf(dashboardBody: string): Widget[] {
  const { widgets } = body.parse(JSON.parse(dashboardBody));
  return widgets.filter(({ type }) => type === "metric" || type === "alarm").map((one) => widget.parse(one));
}

/** A widget's metrics and expressions. `"."` stands for what the metric before has in this place, `"..."` for all that comes before. */
export function metricsOf({ properties }: Widget): readonly WidgetMetric[] {
  let before: readonly string[] = [];
  return properties.metrics.map((row) => {
    const names = row.filter((field) => typeof field === "string");
    const [drawn = {}] = row.filter((field) => typeof field !== "string");
    const full =
      names[0] === "..."
        ? [...before.slice(0, before.length - names.length + 1), ...names.slice(1)]
        : names.map((name, at) => (name === "." ? (before[at] ?? "") : name));
    before = full.length === 0 ? before : full;
    const [namespace = "", name = "", ...pairs] = full;
    const dimensions = Object.fromEntries(
      pairs.flatMap((dimension, i) => (i % 2 === 0 ? [[dimension, pairs[i + 1] ?? ""] as const] : [])),
    );
    return { ...drawn, namespace, name, dimensions };
  });
}
