import { MONITOR_NAME_LENGTH } from "../../lib/monitoring-names";
import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import { s3UriProblems } from "../support/s3-uris";
import { vpcProblems } from "../support/vpc";
import type { DriftMonitorArgs, DriftMonitorTransforms } from "./arguments";

/** 5 days: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingStoppingCondition.html */
const MOST_SECONDS = 432_000;
const DAY_SECONDS = 86_400;

/** Everything that is wrong with the arguments, with the value and the rule. */
export function driftMonitorProblems(args: DriftMonitorArgs): string[] {
  const { captureUri, baselineUri, outputUri } = args;
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...unknownKeys(args.transform ?? {}, Object.keys(TRANSFORMS), "transform"),
    ...unknownKeys(args.alarmAfter ?? {}, ["windows", "of"], "alarmAfter"),
    ...nameProblems(args),
    ...s3UriProblems({ captureUri, baselineUri, outputUri }),
    ...(typeof baselineUri === "string" && !baselineUri.includes("{release}")
      ? [`baselineUri must have {release} in the place of the release's id, got "${baselineUri}"`]
      : []),
    ...thresholdProblems(args),
    ...scheduleProblems(args),
    ...(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(args.instanceType ?? "ml.m5.large")
      ? []
      : [`instanceType must be a SageMaker type such as ml.m5.large, got "${args.instanceType}"`]),
    ...wholeNumberProblems("leastRows", args.leastRows, 1, Number.MAX_SAFE_INTEGER),
    ...wholeNumberProblems("volumeSizeInGB", args.volumeSizeInGB, 1, 16_384),
    ...wholeNumberProblems("maxRuntimeSeconds", args.maxRuntimeSeconds, 1, MOST_SECONDS),
    ...vpcProblems(args.vpc),
  ];
}

function nameProblems({ monitorName }: DriftMonitorArgs): string[] {
  const isName = /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/.test(monitorName) && monitorName.length <= MONITOR_NAME_LENGTH;
  const rule = `monitorName must be 1 to ${MONITOR_NAME_LENGTH} letters, digits and inner hyphens, so that SageMaker's 63 have room for a job's`;
  return isName ? [] : [`${rule}, got "${monitorName}"`];
}

function thresholdProblems({ threshold = 0.2, thresholds = {}, watched }: DriftMonitorArgs): string[] {
  const all = {
    threshold,
    ...Object.fromEntries(Object.entries(thresholds).map(([of, at]) => [`thresholds.${of}`, at])),
  };
  return [
    ...Object.entries(all).flatMap(([name, value]) =>
      value > 0 && value < 1 ? [] : [`${name} must be above 0 and below 1, got ${value}`],
    ),
    ...(watched?.length === 0 ? ["watched must name at least one column: leave it out to watch all"] : []),
  ];
}

function scheduleProblems({ windowSeconds, schedule, alarmAfter }: DriftMonitorArgs): string[] {
  const isWhole = (windowSeconds ?? DAY_SECONDS) % 60 === 0;
  const { windows = 1, of = 1 } = alarmAfter ?? {};
  const isSchedule = /^(rate|cron)\(.+\)$/.test(schedule ?? "rate(1 hour)");
  return [
    ...wholeNumberProblems("windowSeconds", windowSeconds, 60, DAY_SECONDS),
    ...(isWhole ? [] : [`windowSeconds must be whole minutes, got ${windowSeconds}`]),
    ...(isSchedule ? [] : [`schedule must be rate(…) or cron(…) in EventBridge's words, got "${schedule}"`]),
    ...wholeNumberProblems("alarmAfter.of", of, 1, Math.floor(MOST_ALARM_SECONDS / (windowSeconds ?? 3600))),
    ...wholeNumberProblems("alarmAfter.windows", windows, 1, of),
  ];
}

/** CloudWatch looks no further back where periods are shorter than an hour, and 7 days where they are not. The lesser is enough here. */
const MOST_ALARM_SECONDS = DAY_SECONDS;

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<DriftMonitorArgs>, true>> = {
  monitorName: true,
  functionName: true,
  aliasName: true,
  captureUri: true,
  baselineUri: true,
  outputUri: true,
  target: true,
  answer: true,
  watched: true,
  threshold: true,
  thresholds: true,
  leastRows: true,
  windowSeconds: true,
  schedule: true,
  alarmAfter: true,
  alarmName: true,
  notificationTopicArn: true,
  instanceType: true,
  volumeSizeInGB: true,
  maxRuntimeSeconds: true,
  image: true,
  vpc: true,
  kmsKeyArn: true,
  logRetentionDays: true,
  tags: true,
  transform: true,
};

const TRANSFORMS: Readonly<Record<keyof Required<DriftMonitorTransforms>, true>> = {
  job: true,
  starter: true,
  rule: true,
  target: true,
  permission: true,
  driftAlarm: true,
  jobsAlarm: true,
};
