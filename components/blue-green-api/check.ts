import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_SHIFT, shiftProblems, type TrafficShift } from "../../lib/traffic-shift";
import type { BlueGreenApiArgs } from "../blue-green-api";
import { alarmCount, THRESHOLD_DEFAULTS, type ReleaseAlarmThresholds } from "./release-alarms";

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html */
const MOST_ALARMS = 10;
const MOST_PROBES_PER_SECOND = 50;

/** The arguments that decide which resources there are, with defaults filled in. */
export interface CheckedArguments {
  readonly strategy: TrafficShift;
  readonly probesPerSecond: number;
  readonly thresholds: Required<ReleaseAlarmThresholds>;
}

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
export function checkArguments(args: BlueGreenApiArgs, on: pulumi.Resource): CheckedArguments {
  const checked = {
    strategy: args.strategy ?? DEFAULT_SHIFT,
    probesPerSecond: args.probesPerSecond ?? 2,
    thresholds: { ...THRESHOLD_DEFAULTS, ...args.alarms },
  };
  const problems = [
    ...shiftProblems(checked.strategy).map((problem) => `strategy: ${problem}`),
    ...thresholdProblems(checked.thresholds),
    ...alarmProblems(args, checked.thresholds),
    ...(checked.probesPerSecond >= 0 && checked.probesPerSecond <= MOST_PROBES_PER_SECOND
      ? []
      : [`probesPerSecond must be 0 to ${MOST_PROBES_PER_SECOND}, got ${checked.probesPerSecond}`]),
    ...rangeProblems(args.predictionRange),
  ];
  if (problems.length > 0) {
    throw new pulumi.ResourceError(problems.join("; "), on, true);
  }
  return checked;
}

function thresholdProblems(thresholds: Required<ReleaseAlarmThresholds>): string[] {
  return Object.entries(thresholds).flatMap(([name, threshold]: [string, number | false]) => {
    const least = name === "latencyP99TimesBlue" ? 1 : 0;
    return threshold === false || threshold >= least
      ? []
      : [`alarms.${name} must be ${least} or more, or false, got ${threshold}`];
  });
}

function alarmProblems(args: BlueGreenApiArgs, thresholds: Required<ReleaseAlarmThresholds>): string[] {
  const names = args.alarmNames ?? [];
  const own = alarmCount(thresholds, args.predictionRange !== undefined);
  return [
    ...(own + names.length > MOST_ALARMS
      ? [
          `alarmNames: CodeDeploy watches ${MOST_ALARMS} alarms at most, and these are ${names.length} beside ${own} of the release`,
        ]
      : []),
    ...(new Set(names).size < names.length ? ["alarmNames must name each alarm once"] : []),
  ];
}

function rangeProblems(range: BlueGreenApiArgs["predictionRange"]): string[] {
  return range === undefined || range.minimum < range.maximum
    ? []
    : [`predictionRange: minimum (${range.minimum}) must be below maximum (${range.maximum})`];
}
