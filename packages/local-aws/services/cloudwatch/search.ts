import { AwsError, notImplemented } from "../../core/aws-error";
import type { MetricStore } from "./metric-store";
import type { MetricQuery } from "./query";
import { statisticFunction } from "./statistic";

const SEARCH = /^\s*SEARCH\(\s*'(?<query>[^']*)'\s*,\s*'(?<statistic>[^']+)'\s*(?:,\s*(?<period>\d+)\s*)?\)\s*$/;
const SCHEMA = /^\s*\{(?<schema>[^}]*)\}(?<terms>.*)$/s;
const TERM = /\s*(?:AND\s+)?(?:"([^"]+)"|(\w+))="([^"]*)"\s*/y;

export function isSearch(expression: string): boolean {
  return /^\s*SEARCH\(/.test(expression);
}

/**
 * The metrics that a search expression finds now: those with exactly its dimensions, whose name and dimensions have exactly the values of its
 * terms, as in `SEARCH('{AWS/Lambda,FunctionName} MetricName="Errors"', 'Sum', 300)`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 *
 * @throws AwsError `ValidationException` for what is no search, `NotImplemented` naming a term that is no such equation
 */
export function search(expression: string, metrics: MetricStore): readonly MetricQuery[] {
  const { query = "", statistic = "", period } = SEARCH.exec(expression)?.groups ?? {};
  if (statistic === "") {
    throw new AwsError(
      "ValidationException",
      `Error in expression '${expression}': SEARCH('…', 'statistic', period) expected`,
    );
  }
  if (period === undefined) {
    throw notImplemented("CloudWatch", "SEARCH without a period");
  }
  statisticFunction(statistic);
  const { schema, terms = "" } = SCHEMA.exec(query)?.groups ?? {};
  if (schema === undefined) {
    throw notImplemented("CloudWatch", "SEARCH without {namespace,dimension,…}");
  }
  const [namespace, ...dimensions] = schema.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const wanted = equations(terms);
  return metrics
    .list()
    .filter(
      (metric) =>
        metric.namespace === namespace &&
        Object.keys(metric.dimensions).sort().join() === [...dimensions].sort().join() &&
        wanted.every(([name, value]) => (name === "MetricName" ? metric.name : metric.dimensions[name]) === value),
    )
    .map(({ namespace, name, dimensions }) => ({
      key: { namespace, name, dimensions },
      statistic,
      periodSeconds: Number(period),
    }));
}

function equations(terms: string): readonly (readonly [name: string, value: string])[] {
  const found: [string, string][] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < terms.trimEnd().length) {
    const rest = terms.slice(TERM.lastIndex);
    const [, quoted, plain = "", value = ""] = TERM.exec(terms) ?? [];
    if (TERM.lastIndex === 0) {
      throw notImplemented("CloudWatch", `SEARCH with ${rest.trim()}`);
    }
    found.push([quoted ?? plain, value]);
  }
  return found;
}
