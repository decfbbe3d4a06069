import type { Inputs } from "./steps";
import { z } from "zod";

/**
 * On-demand prices in us-east-1, in US dollars, as published on 2026-11-01; other regions are up to half as much again.
 * https://aws.amazon.com/sagemaker/pricing/ (hosting), https://aws.amazon.com/cloudwatch/pricing/, https://aws.amazon.com/kms/pricing/
 *
 * Only what costs as long as it is there. What costs by use (requests, jobs, storage, logs) is not known before.
 */
const HOSTING_PER_HOUR: Readonly<Record<string, number>> = {
  "ml.t2.medium": 0.056,
  "ml.t2.large": 0.111,
  "ml.t2.xlarge": 0.223,
  "ml.m4.xlarge": 0.24,
  "ml.m5.large": 0.115,
  "ml.m5.xlarge": 0.23,
  "ml.m5.2xlarge": 0.461,
  "ml.m5.4xlarge": 0.922,
  "ml.c5.large": 0.102,
  "ml.c5.xlarge": 0.204,
  "ml.c5.2xlarge": 0.408,
  "ml.g4dn.xlarge": 0.7364,
};
const ALARM_PER_METRIC_AND_MONTH = 0.1;
const KEY_PER_MONTH = 1;

/** Hours of an average month. */
const HOURS = 730;

const endpointConfig = z.looseObject({
  productionVariants: z.array(z.looseObject({ instanceType: z.string(), initialInstanceCount: z.number() })),
});
const alarm = z.looseObject({ metricQueries: z.array(z.looseObject({ metric: z.unknown() })).optional() });

/** What a resource costs by being there. */
export interface MonthlyCost {
  /** US dollars. */
  readonly dollars: number;
  /** What was not found in the table, such as an instance type; its cost is not in `dollars`. */
  readonly unknown: readonly string[];
}

const NOTHING: MonthlyCost = { dollars: 0, unknown: [] };

/** @param inputs The resource's inputs; `undefined` where it is not there. */
export function monthlyCost(type: string, inputs: Inputs | undefined): MonthlyCost {
  if (inputs === undefined) {
    return NOTHING;
  }
  switch (type) {
    case "aws:sagemaker/endpointConfiguration:EndpointConfiguration":
      return hosting(inputs);
    case "aws:cloudwatch/metricAlarm:MetricAlarm":
      return { dollars: ALARM_PER_METRIC_AND_MONTH * metricsOf(inputs), unknown: [] };
    case "aws:kms/key:Key":
      return { dollars: KEY_PER_MONTH, unknown: [] };
    default:
      return NOTHING;
  }
}

function hosting(inputs: Inputs): MonthlyCost {
  const parsed = endpointConfig.safeParse(inputs);
  if (!parsed.success) {
    return { dollars: 0, unknown: ["an endpoint whose instances are not known yet"] };
  }
  const costs = parsed.data.productionVariants.map(({ instanceType, initialInstanceCount }) => {
    const perHour = HOSTING_PER_HOUR[instanceType];
    return perHour === undefined
      ? { dollars: 0, unknown: [`${initialInstanceCount} × ${instanceType}`] }
      : { dollars: perHour * initialInstanceCount * HOURS, unknown: [] };
  });
  return sum(costs);
}

/** An alarm is charged by the metrics that it looks at. */
function metricsOf(inputs: Inputs): number {
  const queries = alarm.safeParse(inputs).data?.metricQueries ?? [];
  return Math.max(1, queries.filter(({ metric }) => metric !== undefined).length);
}

export function sum(costs: readonly MonthlyCost[]): MonthlyCost {
  return {
    dollars: costs.reduce((total, { dollars }) => total + dollars, 0),
    unknown: costs.flatMap(({ unknown }) => unknown),
  };
}
