/** The config of stack prod that says how a release is brought in, and what stops it. */
import { z } from "zod";
import { fallback, flag, json, notNegative, number, positive, wholeNumber } from "./config-values";
import { DEFAULT_SHIFT, shiftProblems, type TrafficShift } from "./traffic-shift";

const STEPS = { percent: z.number("must be a number"), intervalMinutes: z.number("must be a number") };
const FORMS =
  'must be {"type":"canary" or "linear","percent":10,"intervalMinutes":5}, {"type":"allAtOnce"} or {"deploymentConfigName":"<name>"}';

const strategy = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({ type: z.literal("canary"), ...STEPS }),
      z.strictObject({ type: z.literal("linear"), ...STEPS }),
      z.strictObject({ type: z.literal("allAtOnce") }),
      z.strictObject({ type: z.undefined().optional(), deploymentConfigName: z.string(FORMS) }),
    ],
    { error: FORMS },
  )
  .superRefine((shift: TrafficShift, context) => {
    shiftProblems(shift).forEach((message) => context.addIssue({ code: "custom", message }));
  });

/** A number of at least so much, or `false` for no such alarm. */
const threshold = (minimum: number) => {
  const rule = `must be a number of ${minimum} or more, or false`;
  return z.union([z.literal(false), z.number().min(minimum, rule)], { error: rule }).optional();
};

const alarms = z.strictObject(
  {
    functionErrors: threshold(0),
    modelFaultsPercent: threshold(0),
    latencyP99Ms: threshold(0),
    latencyP99TimesBlue: threshold(1),
    predictionsOutOfRangePercent: threshold(0),
  },
  { error: (issue) => (issue.code === "invalid_type" ? "must be an object" : undefined) },
);

const alarmNames = z
  .array(z.string().min(1, "must not be empty"), { error: "must be a list of alarm names" })
  .refine((names) => new Set(names).size === names.length, "must name each alarm once");

export const rolloutConfig = {
  /**
   * How traffic moves: `type` `canary` or `linear` with `percent` (1 to 99) and `intervalMinutes` (whole), `type` `allAtOnce`, or the
   * `deploymentConfigName` of a configuration of CodeDeploy.
   */
  strategy: fallback(
    json("an object", "pulumi config set --path 'strategy.percent' 20").pipe(strategy),
    JSON.stringify(DEFAULT_SHIFT),
  ),
  /** From where on the release's own alarms stop it, each a number or `false`: `ReleaseAlarmThresholds` says what of, and the defaults. */
  alarms: fallback(json("an object", "pulumi config set --path 'alarms.latencyP99Ms' 500").pipe(alarms), "{}"),
  /** Names of further alarms that stop it; with those of the release, 5 at most, CodeDeploy watches 10. */
  alarmNames: fallback(json("a list", "pulumi config set --path 'alarmNames[0]' my-alarm").pipe(alarmNames), "[]"),
  /** Whether a release is brought in although alarms are firing, without watching those. */
  emergency: fallback(flag, "false"),
  /** Requests per second that the rollout itself sends to the new release, 0 to 50. */
  probesPerSecond: fallback(number.pipe(z.number().min(0, "must be 0 to 50").max(50, "must be 0 to 50")), "2"),
  /** Requests, probes included, without which a release is undecided. */
  minimumRequests: fallback(wholeNumber(0), "100"),
  /** Seconds after the shift in which the old release stays, and an alarm goes back to it. */
  bakeSeconds: fallback(notNegative, "300"),
  /** Seconds that an undecided release bakes on before it fails. */
  undecidedSeconds: fallback(notNegative, "1800"),
  /** Seconds after which a hook that has not reported is taken for dead. */
  hookTimeoutSeconds: fallback(positive, "960"),
  /** ARN of an SNS topic that is told of start, success, failure and rollback. @default - none is told */
  notificationTopicArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:./, "must be the ARN of an SNS topic")
    .optional(),
  /** How many releases that were live before are kept warm, at one instance each, to go back to in seconds; 0 to 9. */
  keepReleases: fallback(wholeNumber(0, 9), "0"),
};
