import { MONITOR_ARGUMENTS, MONITOR_TRANSFORMS, monitorProblems, scheduleProblems } from "../monitoring/checks";
import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import { s3UriProblems } from "../support/s3-uris";
import type { DriftMonitorArgs, DriftMonitorTransforms } from "./arguments";
import { modelMonitorProblems } from "./model-monitor-checks";

const DAY_SECONDS = 86_400;

/** Everything that is wrong with the arguments, with the value and the rule. */
export function driftMonitorProblems(args: DriftMonitorArgs): string[] {
  const { baselineUri, outputUri } = args;
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...unknownKeys(args.transform ?? {}, Object.keys(TRANSFORMS), "transform"),
    ...unknownKeys(args.alarmAfter ?? {}, ["windows", "of"], "alarmAfter"),
    ...canaryProblems(args),
    ...monitorProblems(args),
    ...s3UriProblems({ baselineUri, outputUri }),
    ...(typeof baselineUri === "string" && !baselineUri.includes("{release}")
      ? [`baselineUri must have {release} in the place of the release's id, got "${baselineUri}"`]
      : []),
    ...thresholdProblems(args),
    ...windowProblems(args),
    ...wholeNumberProblems("leastRows", args.leastRows, 1, Number.MAX_SAFE_INTEGER),
    ...engineProblems(args),
  ];
}

/** What is wrong with the choice of the engine, and what that engine cannot do. */
function engineProblems(args: DriftMonitorArgs): string[] {
  switch (args.engine ?? "own") {
    case "own":
      return args.endpoint === undefined
        ? []
        : ['endpoint is only for engine "modelMonitor": the own engine follows the alias'];
    case "modelMonitor":
      return modelMonitorProblems(args);
    default:
      return [`engine must be "own" or "modelMonitor", got "${args.engine}"`];
  }
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

function windowProblems({ windowSeconds, schedule, alarmAfter }: DriftMonitorArgs): string[] {
  const isWhole = (windowSeconds ?? DAY_SECONDS) % 60 === 0;
  const { windows = 1, of = 1 } = alarmAfter ?? {};
  return [
    ...wholeNumberProblems("windowSeconds", windowSeconds, 60, DAY_SECONDS),
    ...(isWhole ? [] : [`windowSeconds must be whole minutes, got ${windowSeconds}`]),
    ...scheduleProblems(schedule),
    ...wholeNumberProblems("alarmAfter.of", of, 1, Math.floor(MOST_ALARM_SECONDS / (windowSeconds ?? 3600))),
    ...wholeNumberProblems("alarmAfter.windows", windows, 1, of),
  ];
}

function canaryProblems({ canary }: DriftMonitorArgs): string[] {
  return canary === undefined
    ? []
    : [
        ...unknownKeys(canary, ["row", "intervalMinutes"], "canary"),
        ...(/\S/.test(canary.row) ? [] : [`canary.row must be a line of CSV, got "${canary.row}"`]),
        ...wholeNumberProblems("canary.intervalMinutes", canary.intervalMinutes, 1, 60),
      ];
}

/** CloudWatch looks no further back where periods are shorter than an hour, and 7 days where they are not. The lesser is enough here. */
const MOST_ALARM_SECONDS = DAY_SECONDS;

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<DriftMonitorArgs>, true>> = {
  ...MONITOR_ARGUMENTS,
  engine: true,
  endpoint: true,
  baselineUri: true,
  outputUri: true,
  target: true,
  watched: true,
  threshold: true,
  thresholds: true,
  leastRows: true,
  windowSeconds: true,
  schedule: true,
  alarmAfter: true,
  canary: true,
  alarmName: true,
  transform: true,
};

const TRANSFORMS: Readonly<Record<keyof Required<DriftMonitorTransforms>, true>> = {
  ...MONITOR_TRANSFORMS,
  driftAlarm: true,
  jobDefinition: true,
  schedule: true,
  failedRule: true,
  failedTarget: true,
};
