import type * as pulumi from "@pulumi/pulumi";
import { ModelQualityMonitor } from "../components/model-quality-monitor";
import type { StackConfig } from "../lib/config";
import type { Model } from "../lib/model";
import { QUALITY_MEASURES, type ProblemType } from "../lib/monitoring-names";
import { trainingJobName } from "../lib/release";
import { monitoring } from "./monitoring";

type Settings = Exclude<StackConfig<"prod">["qualityMonitor"], false>;

/** What measures the predictions of the releases that have traffic, once labels arrive. */
export function qualityMonitor(config: StackConfig<"prod">, model: Model, bucket: string, after: pulumi.Resource) {
  if (config.qualityMonitor === false) {
    return undefined;
  }
  const { names, args } = monitoring(config, model, bucket);
  const { factor, ...settings } = config.qualityMonitor;
  return new ModelQualityMonitor(
    "quality",
    {
      ...args,
      ...settings,
      monitorName: names.qualitySchedule,
      alarmName: names.qualityAlarm,
      ...judged(settings, model),
      ...(settings.limit === undefined ? { training: trainingOf(config.model, { ...settings, factor }, model) } : {}),
    },
    { dependsOn: after },
  );
}

/** What is measured and watched: what the quality gate is about, where it is one of the measures. */
function judged({ problemType: given, measure }: Settings, model: Model) {
  const problemType = given ?? problemOf(model);
  const known = QUALITY_MEASURES[problemType];
  return { problemType, measure: measure ?? known.find((one) => one === gatedMeasure(model)) ?? known[0] };
}

/** A number that cannot be below 0 or above 1 is a probability. */
function problemOf({ check: { accept } }: Model): ProblemType {
  const isProbability = accept?.type === "number" && accept.minimum === 0 && accept.maximum === 1;
  return isProbability ? "BinaryClassification" : "Regression";
}

/** What is gated in training, such as `rmse` of `validation:rmse`. */
function gatedMeasure({ qualityGate: { metric } }: Model): string | undefined {
  return metric.split(":").at(-1);
}

/** @throws if the quality gate is about something else than what is watched */
function trainingOf(name: string, settings: Settings, model: Model) {
  const { measure } = judged(settings, model);
  const { metric } = model.qualityGate;
  if (gatedMeasure(model) !== measure) {
    throw new Error(
      `the stack's config cannot be used:\n  qualityMonitor.limit must be given, since ${measure} is watched and the ` +
        `training tells ${metric}: pulumi config set --path 'qualityMonitor.limit' <value>`,
    );
  }
  return { jobName: trainingJobName(name), metricName: metric, factor: settings.factor };
}
