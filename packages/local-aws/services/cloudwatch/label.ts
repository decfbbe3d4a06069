import { notImplemented } from "../../core/aws-error";
import type { MetricQuery } from "./query";

const DYNAMIC = /\$\{([^}]*)\}/g;
const PROPERTY = /^PROP\('(?:Dim\.(?<dimension>[^']+)|(?<name>Namespace|MetricName|Stat|Period))'\)$/;

/**
 * A label with its dynamic parts put in, such as `${PROP('Dim.FunctionName')}`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/graph-dynamic-labels.html
 *
 * @throws AwsError `NotImplemented` naming a part that is about the metric's values, or about the metric of an expression
 */
export function labelOf(label: string, metric: MetricQuery | undefined): string {
  return label.replaceAll(DYNAMIC, (_, part: string) => {
    const { dimension, name } = PROPERTY.exec(part)?.groups ?? {};
    if (metric === undefined || (dimension === undefined && name === undefined)) {
      throw notImplemented("CloudWatch", `labels with \${${part}}`);
    }
    return dimension === undefined ? propertyOf(metric, name) : (metric.key.dimensions[dimension] ?? "");
  });
}

function propertyOf({ key, statistic, periodSeconds }: MetricQuery, name: string | undefined): string {
  switch (name) {
    case "Namespace":
      return key.namespace;
    case "MetricName":
      return key.name;
    case "Stat":
      return statistic;
    default:
      return String(periodSeconds);
  }
}
