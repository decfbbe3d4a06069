/**
 * The knobs of a rollout, each stated once: its meaning, its rule and its default. The arguments of `BlueGreenApi` and `LambdaRollout`, the
 * config of stack `prod` and the inputs of the dynamic resource behind them are made from these tables.
 */
import { z } from "zod";
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

const thresholds = {
  /** Allowed errors of the function in a minute, of requests through the alias or of direct calls. @default 0 */
  functionErrors: threshold(0, 0),
  /** Allowed percentage of a minute's requests that the model or its endpoint fails. @default 1 */
  modelFaultsPercent: threshold(0, 1),
  /** Allowed p99 latency of the model in milliseconds; more in two of three minutes is too slow. @default 3000 */
  latencyP99Ms: threshold(0, 3000),
  /**
   * Greatest allowed ratio of the new release's p99 latency to the old one's at the same time, 1 or more. No alarm: the rollout compares.
   * @default 5
   */
  latencyP99TimesBlue: threshold(1, 5),
  /** Allowed percentage of a minute's requests with a prediction outside of `predictionRange`, which must be given. @default 5 */
  predictionsOutOfRangePercent: threshold(0, 5),
};

/** Thresholds above which a release is stopped. */
export type ReleaseAlarmThresholds = { readonly [K in keyof typeof thresholds]?: z.input<(typeof thresholds)[K]> };
export type CompleteThresholds = { readonly [K in keyof typeof thresholds]: z.output<(typeof thresholds)[K]> };

const alarms: z.ZodType<CompleteThresholds, ReleaseAlarmThresholds | undefined> = z
  .strictObject(thresholds, unlessText("an object", "pulumi config set --path 'alarms.latencyP99Ms' 500"))
  .prefault({});

const alarmName = z.string().min(1, "must not be empty").max(255, "must have at most 255 characters");

/** The knobs of every rollout. */
const knobs = {
  /**
   * How the traffic moves: `type` `canary` or `linear` with `percent` (1 to 99) and `intervalMinutes` (whole), `type` `allAtOnce`, or the
   * `deploymentConfigName` of a configuration of CodeDeploy.
   * @default - 10 % for 5 minutes, then all
   */
  strategy: strategy.default(DEFAULT_SHIFT),
  /**
   * Names of alarms that stop a rollout, at most 10 together with the release's own. They are read before the rollout and watched during
   * the shift and the bake.
   * @default []
   */
  alarmNames: z
    .array(
      alarmName,
      unlessText("a list", "pulumi config set --path 'alarmNames[0]' my-alarm", "must be a list of alarm names"),
    )
    .max(MOST_ALARMS, `must name at most ${MOST_ALARMS} alarms`)
    .refine((names) => new Set(names).size === names.length, "must name each alarm once")
    .readonly()
    .default([]),
  /** Whether a rollout starts although alarms are in ALARM. It does not watch those alarms. @default false */
  emergency: flag().default(false),
  /** Seconds that the old release stays after the shift. A breach in that time goes back to it. @default 300 */
  bakeSeconds: amount(0).default(300),
  /** Seconds that an undecided release bakes on before it fails as undecided. @default 1800 */
  undecidedSeconds: amount(0).default(1800),
  /**
   * Seconds after which a hook that has not reported is taken for dead and the deployment is stopped. A Lambda function runs for at most
   * 900 seconds, but CodeDeploy waits for an hour.
   * @default 960
   */
  hookTimeoutSeconds: aboveZero().default(960),
  /** ARN of an SNS topic for messages about a rollout's start, success, failure and rollback. @default - no messages */
  notificationTopicArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:./, "must be the ARN of an SNS topic")
    .optional(),
  /** Seconds between two looks at a deployment. @default 15 */
  pollSeconds: aboveZero().default(15),
};

/** The knobs of a rollout of any function. */
export const functionKnobs = {
  ...knobs,
  /** Number of requests, probes included, that a verdict needs. With fewer the release is undecided. @default 0 */
  minimumRequests: wholeAmount().default(0),
  /** Greatest allowed ratio of the new release's p99 duration to the old one's at the same time, 1 or more. @default - any */
  latencyTimesBlue: amount(1).optional(),
  /**
   * Seconds between the end of a shift and the end of the update. Afterwards Pulumi deletes the old release's resources.
   * @default - 5 more than the old version's timeout, so that requests in flight keep what they need
   */
  drainSeconds: amount(0).optional(),
};

/** The knobs of a model's API. Its rollout sends its own probes, and each release has its own alarms. */
export const apiKnobs = {
  ...knobs,
  /** Thresholds of the release's own alarms: each a number, or `false` for no alarm. @default - see each */
  alarms,
  /** Probes per second that a rollout sends to the new version, with the known rows, 0 to 50. @default 2 */
  probesPerSecond: upTo(MOST_PROBES_PER_SECOND).default(2),
  /** Number of requests, probes included, that a verdict needs. With fewer the release is undecided. @default 100 */
  minimumRequests: wholeAmount().default(100),
  /** Seconds that the old endpoint stays after the shift. Must be longer than the function's timeout of 10 s. @default 30 */
  drainSeconds: amount(0).default(30),
  /** Seconds that the post-traffic hook waits for captures, up to 840, since a Lambda function ends after 900. @default 300 */
  captureWaitSeconds: aboveZero().max(840, "must be 840 or less, since a Lambda function ends after 900").default(300),
};

/** The knobs among the values of a config. */
export function apiKnobsOf(config: Complete<typeof apiKnobs>): Complete<typeof apiKnobs> {
  return z.object(apiKnobs).parse(config);
}

/** Every knob of a table, with the defaults. */
export type Complete<Table extends z.ZodRawShape> = z.output<z.ZodObject<Table>>;

/** Seconds for hooks, bake and trouble, in addition to the shift itself. Each hook may take an hour. */
const REST_SECONDS = 4 * 3600;

/** Seconds after which a rollout is given up; `undefined` if only CodeDeploy knows how long the shift takes. */
export function rolloutSeconds(shift: TrafficShift): number | undefined {
  const minutes = shiftMinutes(shift);
  return minutes === undefined ? undefined : minutes * 60 + REST_SECONDS;
}

/** Used if only CodeDeploy knows how long the shift takes. The slowest predefined shift takes 100 minutes. */
export const USUAL_ROLLOUT_SECONDS = REST_SECONDS;
