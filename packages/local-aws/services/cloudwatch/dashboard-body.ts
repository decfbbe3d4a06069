import type { DashboardValidationMessage } from "@aws-sdk/client-cloudwatch";
import { z } from "zod";
import { notImplemented } from "../../core/aws-error";
import { color, widgetMetrics, widgetPeriod } from "./widget-metrics";

/** A point in time, or how long ago it was, such as `-PT3H`. */
const time = z
  .string()
  .regex(
    /^(-P(T?\d+[A-Z])+(\d+[A-Z])*|\d{4}-\d{2}-\d{2}T.+)$/,
    "Should be a time of ISO 8601, or a duration such as -PT3H",
  );

/** The rows of a widget's annotations. A band is a pair of them. */
const horizontal = z.strictObject({
  value: z.number(),
  label: z.string().optional(),
  color: color.optional(),
  fill: z.enum(["above", "below", "between", "none"]).optional(),
  visible: z.boolean().optional(),
  yAxis: z.enum(["left", "right"]).optional(),
});
const vertical = z.strictObject({
  value: z.iso.datetime({ offset: true, error: "Should be a time of ISO 8601" }),
  label: z.string().optional(),
  color: color.optional(),
  fill: z.enum(["before", "after", "between", "none"]).optional(),
  visible: z.boolean().optional(),
});
const band = <T extends z.ZodType>(edge: T) => z.union([edge, z.tuple([edge, edge])]);

const annotations = z.strictObject({
  alarms: z.array(z.string()).max(1).optional(),
  horizontal: z.array(band(horizontal)).optional(),
  vertical: z.array(band(vertical)).optional(),
});

const axis = z.strictObject({
  label: z.string().optional(),
  max: z.number().optional(),
  min: z.number().optional(),
  showUnits: z.boolean().optional(),
});
const yAxis = z.strictObject({ left: axis.optional(), right: axis.optional() });
const legend = z.strictObject({ position: z.enum(["right", "bottom", "hidden"]) });

/** What a graph on a dashboard has in common with one that is asked for as a picture. */
export const graphProperties = {
  annotations: annotations.optional(),
  end: time.optional(),
  legend: legend.optional(),
  liveData: z.boolean().optional(),
  metrics: widgetMetrics.optional(),
  period: widgetPeriod.optional(),
  region: z.string().optional(),
  stacked: z.boolean().optional(),
  start: time.optional(),
  stat: z.string().optional(),
  timezone: z
    .string()
    .regex(/^[+-]\d{4}$/, "Should be an offset such as +0130")
    .optional(),
  title: z.string().optional(),
  yAxis: yAxis.optional(),
};

const NO_SOURCE = "The metric widget should have specified a region and a data source or an alarm annotation";
const metric = z
  .strictObject({
    ...graphProperties,
    accountId: z.string().optional(),
    labels: z.unknown().optional(),
    setPeriodToTimeRange: z.boolean().optional(),
    singleValueFullPrecision: z.boolean().optional(),
    sparkline: z.boolean().optional(),
    table: z.unknown().optional(),
    trend: z.boolean().optional(),
    view: z.enum(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"]).optional(),
  })
  .refine(
    ({ metrics = [], region, annotations }) =>
      annotations?.alarms !== undefined || (metrics.length > 0 && region !== undefined),
    NO_SOURCE,
  );

const text = z.strictObject({ background: z.enum(["transparent", "solid"]).optional(), markdown: z.string() });

const log = z.strictObject({
  accountId: z.string().optional(),
  end: time.optional(),
  query: z.string(),
  queryLanguage: z.string().optional(),
  region: z.string(),
  stacked: z.boolean().optional(),
  start: time.optional(),
  title: z.string().optional(),
  view: z.enum(["timeSeries", "table", "bar", "pie"]).optional(),
});

const alarm = z.strictObject({
  alarms: z.array(z.string()).min(1).max(100),
  sortBy: z.enum(["default", "stateUpdatedTimestamp", "timestamp"]).optional(),
  states: z.array(z.enum(["ALARM", "INSUFFICIENT_DATA", "OK"])).optional(),
  title: z.string().optional(),
});

const place = {
  height: z.int().min(1).max(1000).optional(),
  width: z.int().min(1).max(24).optional(),
  x: z.int().min(0).max(23).optional(),
  y: z.int().min(0).optional(),
};
const WIDGETS = ["metric", "text", "log", "alarm"];
const widget = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("metric"), ...place, properties: metric }),
  z.strictObject({ type: z.literal("text"), ...place, properties: text }),
  z.strictObject({ type: z.literal("log"), ...place, properties: log }),
  z.strictObject({ type: z.literal("alarm"), ...place, properties: alarm }),
]);

const dashboardBody = z
  .strictObject({
    end: time.optional(),
    periodOverride: z.enum(["auto", "inherit"]).optional(),
    start: time.optional(),
    widgets: z.array(widget).max(500),
  })
  .refine(({ start, end }) => end === undefined || start !== undefined, {
    path: ["end"],
    error: "Should not be there without start",
  });

/** Kinds of widgets that AWS has too, and whose properties are not known here. */
const OTHER_WIDGETS: readonly unknown[] = ["chart", "custom", "explorer"];
const outline = z.looseObject({
  variables: z.unknown().optional(),
  widgets: z.array(z.looseObject({ type: z.unknown().optional() })),
});

/** What is wrong with a dashboard's body: problems, for which it is refused, and warnings of what is not shown. */
export interface BodyMessages {
  readonly problems: readonly DashboardValidationMessage[];
  readonly warnings: readonly DashboardValidationMessage[];
}

/**
 * Checks a dashboard's body as CloudWatch does, in the words of its own messages where these are known.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 *
 * @throws AwsError `NotImplemented` naming the kinds of widgets that are not known here
 */
export function checkBody(body: unknown): BodyMessages {
  const { variables, widgets = [] } = outline.safeParse(body).data ?? {};
  const other = widgets.find(({ type }) => OTHER_WIDGETS.includes(type));
  if (other !== undefined) {
    throw notImplemented("CloudWatch", `PutDashboard with a widget of type ${String(other.type)}`);
  }
  if (variables !== undefined) {
    throw notImplemented("CloudWatch", "PutDashboard with variables");
  }
  return messagesOf(dashboardBody, body);
}

/** The messages on a value that should be of a schema. */
export function messagesOf(schema: z.ZodType, value: unknown): BodyMessages {
  const issues = (schema.safeParse(value, { reportInput: true }).error?.issues ?? []).flatMap(insideUnion);
  return {
    problems: issues.filter(({ code }) => code !== "unrecognized_keys").map(problemOf),
    warnings: issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? warningsOf(issue) : [])),
  };
}

/** Where a value may have one of several forms, the problems are those of the form that it has. */
function insideUnion(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  const hasForm = (problems: readonly z.core.$ZodIssue[]) =>
    !problems.some(({ code, path }) => code === "invalid_type" && path.length === 0);
  const inside = issue.code === "invalid_union" ? issue.errors.find(hasForm) : undefined;
  return inside?.map((one) => ({ ...one, path: [...issue.path, ...one.path] })).flatMap(insideUnion) ?? [issue];
}

function warningsOf({ path, keys }: z.core.$ZodIssueUnrecognizedKeys): readonly DashboardValidationMessage[] {
  const where = path.length === 0 ? "" : " to be part of a widget definition";
  return keys.map((key) => ({
    DataPath: pointer(path),
    Message: `The "${key}" property is not expected${where}, will be ignored`,
  }));
}

function problemOf(issue: z.core.$ZodIssue): DashboardValidationMessage {
  if (issue.input === undefined && ["invalid_type", "invalid_union"].includes(issue.code)) {
    const missing = `Should have required property '${String(issue.path.at(-1))}'`;
    return { DataPath: pointer(issue.path.slice(0, -1)), Message: missing };
  }
  return { DataPath: pointer(issue.path), Message: messageOf(issue) };
}

const pointer = (path: readonly PropertyKey[]) => `/${path.map(String).join("/")}`;

function messageOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.message.startsWith("Invalid input") ? `Should be ${issue.expected}` : issue.message;
    case "invalid_union":
      return `Should be equal to one of the allowed values: ${WIDGETS.join(", ")}`;
    case "too_small":
      return issue.origin === "array"
        ? `Should NOT have fewer than ${issue.minimum} items`
        : `Should be >= ${issue.minimum}`;
    case "too_big":
      return issue.origin === "array"
        ? `Should NOT have more than ${issue.maximum} items`
        : `Should be <= ${issue.maximum}`;
    case "invalid_value":
      return `Should be equal to one of the allowed values: ${issue.values.join(", ")}`;
    default:
      return issue.message;
  }
}
