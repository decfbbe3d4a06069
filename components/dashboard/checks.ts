import { unknownKeys } from "../support/problems";
import { wholeNumberProblems } from "../support/ranges";
import type {
  CanaryWidgets,
  DashboardArgs,
  DashboardTransforms,
  DriftWidgets,
  QualityWidgets,
  RetrainWidgets,
} from "./arguments";

const DAY_SECONDS = 86_400;

/** Everything that is wrong with the arguments, with the value and the rule. */
export function dashboardProblems(args: DashboardArgs): string[] {
  const { dashboardName, rolloutAlarmArns = [], drift, retrain, canary, quality } = args;
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...unknownKeys(drift ?? {}, Object.keys(DRIFT), "drift"),
    ...unknownKeys(retrain ?? {}, Object.keys(RETRAIN), "retrain"),
    ...unknownKeys(canary ?? {}, Object.keys(CANARY), "canary"),
    ...unknownKeys(quality ?? {}, Object.keys(QUALITY), "quality"),
    ...unknownKeys(args.transform ?? {}, Object.keys(TRANSFORMS), "transform"),
    ...(/^[A-Za-z0-9_-]{1,255}$/.test(dashboardName)
      ? []
      : [`dashboardName must be 1 to 255 letters, digits, hyphens and underscores, got "${dashboardName}"`]),
    ...wholeNumberProblems("the number of rolloutAlarmArns", rolloutAlarmArns.length, 0, 100),
    ...(drift === undefined ? [] : driftProblems(drift)),
  ];
}

function driftProblems({ features, threshold = 0.2, windowSeconds }: DriftWidgets): string[] {
  return [
    ...wholeNumberProblems("the number of drift.features", features.length, 1, 100),
    ...(threshold > 0 && threshold < 1 ? [] : [`drift.threshold must be above 0 and below 1, got ${threshold}`]),
    ...wholeNumberProblems("drift.windowSeconds", windowSeconds, 60, DAY_SECONDS),
    ...((windowSeconds ?? 60) % 60 === 0 ? [] : [`drift.windowSeconds must be whole minutes, got ${windowSeconds}`]),
  ];
}

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<DashboardArgs>, true>> = {
  dashboardName: true,
  functionName: true,
  hookNames: true,
  variantName: true,
  rolloutAlarmArns: true,
  drift: true,
  retrain: true,
  canary: true,
  quality: true,
  transform: true,
};

const DRIFT: Readonly<Record<keyof Required<DriftWidgets>, true>> = {
  monitorName: true,
  endpoint: true,
  alarmArn: true,
  features: true,
  threshold: true,
  windowSeconds: true,
};

const RETRAIN: Readonly<Record<keyof Required<RetrainWidgets>, true>> = { functionName: true };

const CANARY: Readonly<Record<keyof Required<CanaryWidgets>, true>> = { canaryName: true, alarmArn: true };

const QUALITY: Readonly<Record<keyof Required<QualityWidgets>, true>> = { alarmArn: true };

const TRANSFORMS: Readonly<Record<keyof Required<DashboardTransforms>, true>> = { dashboard: true };
