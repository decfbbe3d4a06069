import { SAGEMAKER_NAME_LENGTH } from "../../lib/content-name";
import { monitoringScheduleName } from "../../lib/monitoring-names";
import { releaseId } from "../../lib/release";
import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import type { DriftMonitorArgs } from "./arguments";

/** Most metrics of one alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html */
const MOST_WATCHED = 10;
const HOUR_SECONDS = 3600;
const DAY_HOURS = 24;
/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringStoppingCondition.html */
const MOST_SECONDS = 3600;
/** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_MonitoringClusterConfig.html */
const MOST_GB = 512;

/** What of the arguments Model Monitor cannot do. */
export function modelMonitorProblems(args: DriftMonitorArgs): string[] {
  const {
    answer,
    canary,
    leastRows,
    maxRuntimeSeconds,
    schedule,
    volumeSizeInGB,
    watched,
    windowSeconds = HOUR_SECONDS,
  } = args;
  const hours = windowSeconds / HOUR_SECONDS;
  return [
    ...endpointProblems(args),
    ...(watched === undefined
      ? ['watched must be given with engine "modelMonitor": the alarm names the metric of each column']
      : wholeNumberProblems("the number of watched columns", watched.length, 1, MOST_WATCHED)),
    ...(Number.isInteger(hours) && DAY_HOURS % hours === 0
      ? []
      : [
          `windowSeconds must be hours that a day has a whole number of, with engine "modelMonitor", got ${windowSeconds}`,
        ]),
    ...(schedule === undefined
      ? []
      : ['schedule is only for engine "own": Model Monitor looks at a window once it has ended']),
    ...(canary === undefined ? [] : ['canary is only for engine "own": Model Monitor compares its rows too']),
    ...(leastRows === undefined ? [] : ['leastRows is only for engine "own": Model Monitor compares however few rows']),
    ...(answer === undefined || answer.type === "number" || answer.type === "label"
      ? []
      : [`answer must be of type number or label with engine "modelMonitor", got "${answer.type}"`]),
    ...wholeNumberProblems('maxRuntimeSeconds of engine "modelMonitor"', maxRuntimeSeconds, 1, MOST_SECONDS),
    ...wholeNumberProblems('volumeSizeInGB of engine "modelMonitor"', volumeSizeInGB, 1, MOST_GB),
  ];
}

function endpointProblems({ endpoint, monitorName }: DriftMonitorArgs): string[] {
  if (endpoint === undefined) {
    return ['endpoint must be given with engine "modelMonitor", with endpointName and release'];
  }
  const { error } = releaseId.safeParse(endpoint.release);
  const name = monitoringScheduleName(monitorName, endpoint.release);
  return [
    ...unknownKeys(endpoint, ["endpointName", "release"], "endpoint"),
    ...(error?.issues ?? []).map(({ message }) => `endpoint.release ${message}, got "${endpoint.release}"`),
    ...(name.length > SAGEMAKER_NAME_LENGTH
      ? [
          `monitorName and endpoint.release must have at most ${SAGEMAKER_NAME_LENGTH - 1} characters together, got "${name}"`,
        ]
      : []),
  ];
}
