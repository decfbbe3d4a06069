import { QUALITY_MEASURES, type QualityMeasure } from "../../lib/monitoring-names";
import { MONITOR_ARGUMENTS, MONITOR_TRANSFORMS, monitorProblems, scheduleProblems } from "../monitoring/checks";
import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import { s3UriProblems } from "../support/s3-uris";
import type { ModelQualityMonitorArgs, ModelQualityMonitorTransforms, TrainingLimit } from "./arguments";

/** Everything that is wrong with the arguments, with the value and the rule. */
export function modelQualityMonitorProblems(args: ModelQualityMonitorArgs): string[] {
  const { outputUri, labelsUri, probabilityThreshold: threshold = 0.5 } = args;
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...unknownKeys(args.transform ?? {}, Object.keys(TRANSFORMS), "transform"),
    ...monitorProblems(args),
    ...s3UriProblems({ outputUri, labelsUri }),
    ...measureProblems(args),
    ...limitProblems(args),
    ...(threshold > 0 && threshold < 1 ? [] : [`probabilityThreshold must be above 0 and below 1, got ${threshold}`]),
    ...wholeNumberProblems("leastPairs", args.leastPairs, 2, Number.MAX_SAFE_INTEGER),
    ...wholeNumberProblems("days", args.days, 1, 30),
    ...scheduleProblems(args.schedule),
  ];
}

function measureProblems({ problemType = "Regression", measure, answer }: ModelQualityMonitorArgs): string[] {
  const known: readonly QualityMeasure[] | undefined = Object.entries(QUALITY_MEASURES).find(
    ([each]) => each === problemType,
  )?.[1];
  const types = Object.keys(QUALITY_MEASURES).join(" or ");
  const isNumber = answer?.type === undefined || answer.type === "number";
  const isFound = answer?.type === "json" && answer.path !== undefined;
  return [
    ...(known === undefined ? [`problemType must be ${types}, got "${problemType}"`] : []),
    ...(measure === undefined || known === undefined || known.includes(measure)
      ? []
      : [`measure must be ${known.join(" or ")} where problemType is ${problemType}, got "${measure}"`]),
    ...(isNumber || isFound
      ? []
      : [`answer must be numbers, or JSON with a path to them, so that they can be measured, got ${answer.type}`]),
  ];
}

function limitProblems({ limit, training }: ModelQualityMonitorArgs): string[] {
  const isOne = (limit === undefined) !== (training === undefined);
  return [
    ...(isOne ? [] : ["either limit or training must be given, so that the alarm has one limit"]),
    ...(limit === undefined || (limit > 0 && Number.isFinite(limit)) ? [] : [`limit must be above 0, got ${limit}`]),
    ...(training === undefined ? [] : trainingProblems(training)),
  ];
}

function trainingProblems(training: TrainingLimit): string[] {
  const { jobName, factor = 1.25 } = training;
  return [
    ...unknownKeys(training, ["jobName", "metricName", "factor"], "training"),
    ...(typeof jobName === "string" && !jobName.includes("{release}")
      ? [`training.jobName must have {release} in the place of the release's id, got "${jobName}"`]
      : []),
    ...(factor > 0 && Number.isFinite(factor) ? [] : [`training.factor must be above 0, got ${factor}`]),
  ];
}

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<ModelQualityMonitorArgs>, true>> = {
  ...MONITOR_ARGUMENTS,
  outputUri: true,
  labelsUri: true,
  problemType: true,
  probabilityThreshold: true,
  measure: true,
  limit: true,
  training: true,
  leastPairs: true,
  days: true,
  schedule: true,
  alarmName: true,
  transform: true,
};

const TRANSFORMS: Readonly<Record<keyof Required<ModelQualityMonitorTransforms>, true>> = {
  ...MONITOR_TRANSFORMS,
  qualityAlarm: true,
};
