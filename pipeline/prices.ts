import { z } from "zod";
import type { Inputs, PlannedStep } from "./steps";

/**
 * US dollars an hour for an instance of a real-time endpoint: on demand, in us-east-1. They serve to compare releases and not to forecast a
 * bill: other regions cost more, savings plans less. https://aws.amazon.com/sagemaker/ai/pricing/
 */
const INSTANCE_HOUR: Readonly<Record<string, number>> = {
  "ml.t2.medium": 0.056,
  "ml.m5.large": 0.115,
  "ml.m5.xlarge": 0.23,
  "ml.m5.2xlarge": 0.461,
  "ml.m5.4xlarge": 0.922,
  "ml.c5.large": 0.102,
  "ml.c5.xlarge": 0.204,
  "ml.c5.2xlarge": 0.408,
};
/** https://aws.amazon.com/cloudwatch/pricing/: for each metric of an alarm of standard resolution, after the ten free ones. */
const ALARM_METRIC_MONTH = 0.1;
/** https://aws.amazon.com/kms/pricing/ */
const KEY_MONTH = 1;
/** Hours in a month, as in AWS's own calculator. */
const HOURS_A_MONTH = 730;

/** What a change costs. */
export interface MonthlyCost {
  /** US dollars a month; negative if it saves. */
  readonly usd: number;
  /** Instance types whose number changes and whose price is not in the table, in order. */
  readonly unpriced: readonly string[];
}

/**
 * The change in monthly cost after the steps, for what runs around the clock: instances of endpoints at their initial number, alarms and
 * keys. It leaves out requests, logs, storage, captured data, training and processing jobs.
 */
export function monthlyCostChange(steps: readonly PlannedStep[]): MonthlyCost {
  const instances = new Map<string, number>();
  let usd = 0;
  for (const { type, before, after } of steps) {
    for (const [inputs, sign] of [[before, -1] as const, [after, 1] as const]) {
      if (inputs === undefined) {
        continue;
      }
      usd += sign * fixedCost(type, inputs);
      for (const { instanceType, count } of instancesOf(type, inputs)) {
        instances.set(instanceType, (instances.get(instanceType) ?? 0) + sign * count);
      }
    }
  }
  const unpriced: string[] = [];
  for (const [instanceType, count] of instances) {
    const price = INSTANCE_HOUR[instanceType];
    if (price !== undefined) {
      usd += count * price * HOURS_A_MONTH;
    } else if (count !== 0) {
      unpriced.push(instanceType);
    }
  }
  return { usd: Math.round(usd * 100) / 100 || 0, unpriced: unpriced.toSorted() };
}

/** Such as `+$168 a month`. */
export function costText({ usd, unpriced }: MonthlyCost): string {
  const [sign, amount] = [usd < 0 ? "-" : "+", Math.abs(usd)];
  const change = usd === 0 ? "no change in monthly cost" : `${sign}$${amount.toFixed(amount < 10 ? 2 : 0)} a month`;
  const unknown = unpriced.map((instanceType) => `${instanceType}: no price known`);
  return (usd === 0 && unknown.length > 0 ? unknown : [change, ...unknown]).join("; ");
}

/** US dollars a month for resources other than instances. */
function fixedCost(type: string, inputs: Inputs): number {
  switch (type) {
    case "aws:kms/key:Key":
      return KEY_MONTH;
    case "aws:cloudwatch/metricAlarm:MetricAlarm":
      return ALARM_METRIC_MONTH * metricsOf(inputs);
    default:
      return 0;
  }
}

/** An alarm on an expression counts each metric in it. */
function metricsOf({ metricQueries }: Inputs): number {
  const queries = z.array(z.looseObject({ metric: z.unknown().optional() })).safeParse(metricQueries);
  return Math.max(1, queries.data?.filter(({ metric }) => metric !== undefined).length ?? 0);
}

const endpointVariants = z.array(
  z.looseObject({ instanceType: z.string().optional(), initialInstanceCount: z.number().default(1) }),
);

/** A variant without an instance type is serverless and is paid by the request. */
function instancesOf(type: string, inputs: Inputs): { instanceType: string; count: number }[] {
  if (type !== "aws:sagemaker/endpointConfiguration:EndpointConfiguration") {
    return [];
  }
  return [inputs.productionVariants, inputs.shadowProductionVariants].flatMap((variants) =>
    (endpointVariants.safeParse(variants).data ?? []).flatMap(({ instanceType, initialInstanceCount }) =>
      instanceType === undefined ? [] : [{ instanceType, count: initialInstanceCount }],
    ),
  );
}
