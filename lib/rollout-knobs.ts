/**
 * The knobs of a rollout, each with its rule and its default; `knobs.ts` says what they mean. The arguments of `BlueGreenApi` and
 * `LambdaRollout`, the config of stack `prod` and the inputs of the dynamic resource behind them are checked and filled in by these tables.
 */
import { z } from "zod";
import type { ApiKnobs, FunctionKnobs, ReleaseAlarmThresholds, RolloutKnobs } from "./knobs";
import { DEFAULT_SHIFT, shiftMinutes, shiftProblems, type TrafficShift } from "./traffic-shift";

/** CodeDeploy watches no more: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html */
export const MOST_ALARMS = 10;
export const MOST_PROBES_PER_SECOND = 50;

const amount = (minimum: number) => z.number("must be a number").min(minimum, `must be ${minimum} or more`);
const aboveZero = () => z.number("must be a number").positive("must be above 0");
const upTo = (maximum: number) => {
  const rule = `must be 0 to ${maximum}`;
  return z.number("must be a number").min(0, rule).max(maximum, rule);
};
const wholeAmount = () => amount(0).int("must be a whole number");
const flag = () => z.boolean("must be true or false");

const STEPS = { percent: z.number("must be a number"), intervalMinutes: z.number("must be a number") };
const FORMS =
  'must be {"type":"canary" or "linear","percent":10,"intervalMinutes":5}, {"type":"allAtOnce"} or {"deploymentConfigName":"<name>"}';

/** Config reaches a program as text. If the text is not JSON, an example helps more than the rule. */
const unlessText = (what: string, example: string, rule = `must be ${what}`) => ({
  error: ({ code, input }: { readonly code?: string; readonly input?: unknown }) =>
    typeof input === "string" ? `must be ${what}: ${example}` : code === "unrecognized_keys" ? undefined : rule,
});

// The types are named, since an editor shows them.
const strategy: z.ZodType<TrafficShift, TrafficShift> = z
  .discriminatedUnion(
    "type",
    [
      z.strictObject({ type: z.literal("canary"), ...STEPS }),
      z.strictObject({ type: z.literal("linear"), ...STEPS }),
      z.strictObject({ type: z.literal("allAtOnce") }),
      z.strictObject({ type: z.undefined().optional(), deploymentConfigName: z.string(FORMS) }),
    ],
    unlessText("an object", "pulumi config set --path 'strategy.percent' 20", FORMS),
  )
  .superRefine((shift: TrafficShift, context) => {
    shiftProblems(shift).forEach((message) => context.addIssue({ code: "custom", message }));
  });

/** A number of at least `minimum`, or `false` for no such alarm. */
const threshold = (minimum: number, usual: number) => {
  const rule = `must be a number of ${minimum} or more, or false`;
  return z.union([z.literal(false), z.number().min(minimum, rule)], { error: rule }).default(usual);
};

/** One rule for each of some settings, with the default where there is one. */
type Rules<Settings> = { readonly [K in keyof Settings]-?: z.ZodType<unknown, Settings[K]> };

const thresholds = {
  functionErrors: threshold(0, 0),
  modelFaultsPercent: threshold(0, 1),
  latencyP99Ms: threshold(0, 3000),
  latencyP99TimesBlue: threshold(1, 5),
  refusalsPercentAboveBlue: threshold(0, 1),
  predictionsOutOfRangePercent: threshold(0, 5),
} satisfies Rules<ReleaseAlarmThresholds>;

const alarms = z
  .strictObject(thresholds, unlessText("an object", "pulumi config set --path 'alarms.latencyP99Ms' 500"))
  .prefault({});

const alarmName = z.string().min(1, "must not be empty").max(255, "must have at most 255 characters");

/** The knobs of every rollout. */
const knobs = {
  strategy: strategy.default(DEFAULT_SHIFT),
  alarmNames: z
    .array(
      alarmName,
      unlessText("a list", "pulumi config set --path 'alarmNames[0]' my-alarm", "must be a list of alarm names"),
    )
    .max(MOST_ALARMS, `must name at most ${MOST_ALARMS} alarms`)
    .refine((names) => new Set(names).size === names.length, "must name each alarm once")
    .readonly()
    .default([]),
  emergency: flag().default(false),
  bakeSeconds: amount(0).default(300),
  undecidedSeconds: amount(0).default(1800),
  hookTimeoutSeconds: aboveZero().default(960),
  notificationTopicArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:./, "must be the ARN of an SNS topic")
    .optional(),
  pollSeconds: aboveZero().default(15),
} satisfies Rules<RolloutKnobs>;

/** The knobs of a rollout of any function. */
export const functionKnobs = {
  ...knobs,
  minimumRequests: wholeAmount().default(0),
  latencyTimesBlue: amount(1).optional(),
  drainSeconds: amount(0).optional(),
} satisfies Rules<FunctionKnobs>;

/** The knobs of a model's API. Its rollout sends its own probes, and each release has its own alarms. */
export const apiKnobs = {
  ...knobs,
  alarms,
  probesPerSecond: upTo(MOST_PROBES_PER_SECOND).default(2),
  minimumRequests: wholeAmount().default(100),
  drainSeconds: amount(0).default(30),
  captureWaitSeconds: aboveZero().max(840, "must be 840 or less, since a Lambda function ends after 900").default(300),
} satisfies Rules<ApiKnobs>;

/** The knobs among the values of a config. */
export function apiKnobsOf(config: Complete<typeof apiKnobs>): Complete<typeof apiKnobs> {
  return z.object(apiKnobs).parse(config);
}

/** Every knob of a table, with the defaults. */
export type Complete<Table extends z.ZodRawShape> = z.output<z.ZodObject<Table>>;

/** What decides how long a rollout may take. */
export interface RolloutTimes {
  /** @default - only CodeDeploy knows how long the shift takes */
  readonly strategy?: TrafficShift;
  readonly hookTimeoutSeconds: number;
  readonly bakeSeconds: number;
  readonly undecidedSeconds: number;
  /** @default - the old version's timeout, which only the rollout knows */
  readonly drainSeconds?: number;
}

/** Used if only CodeDeploy knows: the slowest predefined shift. */
const USUAL_SHIFT_MINUTES = 100;
/** A Lambda function runs no longer, and 5 seconds come on top. */
const LONGEST_DRAIN_SECONDS = 905;
/** Seconds for the rest: CodeDeploy's own work, metrics that are late, a rollback, trouble of AWS that passes. */
const REST_SECONDS = 1800;

/** Seconds after which a rollout is given up: as long as all that was asked of it may take, the two hooks included. */
export function rolloutSeconds(times: RolloutTimes): number {
  const { strategy, hookTimeoutSeconds, bakeSeconds, undecidedSeconds, drainSeconds = LONGEST_DRAIN_SECONDS } = times;
  const minutes = (strategy && shiftMinutes(strategy)) ?? USUAL_SHIFT_MINUTES;
  return minutes * 60 + 2 * hookTimeoutSeconds + bakeSeconds + undecidedSeconds + drainSeconds + REST_SECONDS;
}
