import { MONITOR_NAME_LENGTH } from "../../lib/monitoring-names";
import { wholeNumberProblems } from "../support/ranges";
import { s3UriProblems } from "../support/s3-uris";
import { vpcProblems } from "../support/vpc";
import type { MonitorArgs, MonitorTransforms } from "./arguments";

/** 5 days: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingStoppingCondition.html */
const MOST_SECONDS = 432_000;

/** Everything that is wrong with the arguments that all monitors have. */
export function monitorProblems(args: MonitorArgs): string[] {
  const { monitorName, captureUri, instanceType = "ml.m5.large" } = args;
  const isName = /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/.test(monitorName) && monitorName.length <= MONITOR_NAME_LENGTH;
  const rule = `monitorName must be 1 to ${MONITOR_NAME_LENGTH} letters, digits and inner hyphens, so that SageMaker's 63 have room for a job's`;
  return [
    ...(isName ? [] : [`${rule}, got "${monitorName}"`]),
    ...s3UriProblems({ captureUri }),
    ...(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/.test(instanceType)
      ? []
      : [`instanceType must be a SageMaker type such as ml.m5.large, got "${instanceType}"`]),
    ...wholeNumberProblems("volumeSizeInGB", args.volumeSizeInGB, 1, 16_384),
    ...wholeNumberProblems("maxRuntimeSeconds", args.maxRuntimeSeconds, 1, MOST_SECONDS),
    ...vpcProblems(args.vpc),
  ];
}

/** What is wrong with when something looks. @param path the argument that says it */
export function scheduleProblems(schedule = "rate(1 hour)", path = "schedule"): string[] {
  return /^(rate|cron)\(.+\)$/.test(schedule)
    ? []
    : [`${path} must be rate(…) or cron(…) in EventBridge's words, got "${schedule}"`];
}

/** Every argument of all monitors; the compiler sees that none is missing. */
export const MONITOR_ARGUMENTS: Readonly<Record<keyof Required<MonitorArgs>, true>> = {
  monitorName: true,
  functionName: true,
  aliasName: true,
  captureUri: true,
  answer: true,
  notificationTopicArn: true,
  instanceType: true,
  volumeSizeInGB: true,
  maxRuntimeSeconds: true,
  image: true,
  vpc: true,
  kmsKeyArn: true,
  logRetentionDays: true,
  tags: true,
};

export const MONITOR_TRANSFORMS: Readonly<Record<keyof Required<MonitorTransforms>, true>> = {
  job: true,
  starter: true,
  rule: true,
  target: true,
  permission: true,
  jobsAlarm: true,
};
