/** How CodeDeploy moves a function's traffic to another version. */
export type TrafficShift =
  /** A share first, and the rest after a while. */
  | { readonly type: "canary"; readonly percent: number; readonly intervalMinutes: number }
  /** The same share again and again, until all has moved. */
  | { readonly type: "linear"; readonly percent: number; readonly intervalMinutes: number }
  | { readonly type: "allAtOnce" }
  /** A deployment configuration of CodeDeploy: one of AWS's, or your own. */
  | { readonly deploymentConfigName: string };

/** Ten percent for five minutes, then the rest. */
export const DEFAULT_SHIFT: TrafficShift = { type: "canary", percent: 10, intervalMinutes: 5 };

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
const PREDEFINED = "CodeDeployDefault.Lambda";
const PREDEFINED_PERCENT = 10;
const PREDEFINED_MINUTES = { canary: [5, 10, 15, 30], linear: [1, 2, 3, 10] };

/** Most minutes from the first to the last shift: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html */
const MOST_MINUTES = 2880;

/** Everything that is wrong with a shift, each with the value and the rule. */
export function shiftProblems(shift: TrafficShift): string[] {
  if ("deploymentConfigName" in shift) {
    return /^[\w+=,.@-]{1,100}$/.test(shift.deploymentConfigName)
      ? []
      : [
          `deploymentConfigName must be 1 to 100 letters, digits and any of +=,.@-_, got "${shift.deploymentConfigName}"`,
        ];
  }
  if (shift.type === "allAtOnce") {
    return [];
  }
  const { percent, intervalMinutes } = shift;
  const problems = [
    ...(Number.isInteger(percent) && percent >= 1 && percent <= 99
      ? []
      : [`percent must be a whole number from 1 to 99, got ${percent}`]),
    ...(Number.isInteger(intervalMinutes) && intervalMinutes >= 1
      ? []
      : [`intervalMinutes must be a whole number of 1 or more, got ${intervalMinutes}`]),
  ];
  const minutes = shiftMinutes(shift) ?? 0;
  return problems.length === 0 && minutes > MOST_MINUTES
    ? [
        `a ${shift.type} shift of ${percent} % every ${intervalMinutes} minutes takes ${minutes} minutes, but may take at most ${MOST_MINUTES}`,
      ]
    : problems;
}

/** Minutes from the first shift to the last; `undefined` if only CodeDeploy knows. */
export function shiftMinutes(shift: TrafficShift): number | undefined {
  if ("deploymentConfigName" in shift) {
    return undefined;
  }
  switch (shift.type) {
    case "allAtOnce":
      return 0;
    case "canary":
      return shift.intervalMinutes;
    case "linear":
      return (Math.ceil(100 / shift.percent) - 1) * shift.intervalMinutes;
  }
}

/** Name of AWS's deployment configuration for a shift, or the one that the shift names; `undefined` if there is none. */
export function predefinedConfigName(shift: TrafficShift): string | undefined {
  if ("deploymentConfigName" in shift) {
    return shift.deploymentConfigName;
  }
  if (shift.type === "allAtOnce") {
    return `${PREDEFINED}AllAtOnce`;
  }
  const { type, percent, intervalMinutes } = shift;
  if (percent !== PREDEFINED_PERCENT || !PREDEFINED_MINUTES[type].includes(intervalMinutes)) {
    return undefined;
  }
  const minutes = intervalMinutes === 1 ? "1Minute" : `${intervalMinutes}Minutes`;
  return type === "canary" ? `${PREDEFINED}Canary10Percent${minutes}` : `${PREDEFINED}Linear10PercentEvery${minutes}`;
}

/** A shift in words, for the plan. */
export function describeShift(shift: TrafficShift): string {
  if ("deploymentConfigName" in shift) {
    return `as ${shift.deploymentConfigName} says`;
  }
  if (shift.type === "allAtOnce") {
    return "all at once";
  }
  const { type, percent, intervalMinutes } = shift;
  const minutes = intervalMinutes === 1 ? "minute" : `${intervalMinutes} minutes`;
  return type === "canary"
    ? `${percent} % for ${intervalMinutes === 1 ? "1 minute" : minutes}, then all`
    : `${percent} % more every ${minutes}`;
}
