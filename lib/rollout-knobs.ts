/**
 * The knobs of a rollout, each once: what it means, what it may be, and what it is where nobody says. The arguments of `BlueGreenApi` and
 * `LambdaRollout`, the config of stack `prod` and the inputs of the dynamic resource behind them are made from these tables.
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

/** Config reaches a program as text: where that is no JSON, an example helps more than the rule. */
const unlessText = (what: string, example: string, rule = `must be ${what}`) => ({
  error: ({ code, input }: { readonly code?: string; readonly input?: unknown }) =>
    typeof input === "string" ? `must be ${what}: ${example}` : code === "unrecognized_keys" ? undefined : rule,
});

// The named types are what an editor shows.
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

/** A number of at least so much, or `false` for no such alarm. */
const threshold = (minimum: number, usual: number) => {
  const rule = `must be a number of ${minimum} or more, or false`;
  return z.union([z.literal(false), z.number().min(minimum, rule)], { error: rule }).default(usual);
};

const thresholds = {
  /** Errors of the function in a minute: more than these, of requests through the alias or of direct calls. @default 0 */
  functionErrors: threshold(0, 0),
  /** Percent of a minute's requests that the model or its endpoint fails. @default 1 */
  modelFaultsPercent: threshold(0, 1),
  /** Milliseconds that 99 of 100 answers of the model take at most, in two of three minutes. @default 3000 */
  latencyP99Ms: threshold(0, 3000),
  /** How many times the old release's p99 latency the new one's may be at the same time; no alarm, the rollout compares. @default 5 */
  latencyP99TimesBlue: threshold(1, 5),
  /** Percent of a minute's requests with a prediction out of the believed range; needs `predictionRange`. @default 5 */
  predictionsOutOfRangePercent: threshold(0, 5),
};

/** From where on a release is stopped. */
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
  /** Names of alarms that stop a rollout, with those of the release at most 10: read before, watched during the shift and the bake. @default [] */
  alarmNames: z
    .array(
      alarmName,
      unlessText("a list", "pulumi config set --path 'alarmNames[0]' my-alarm", "must be a list of alarm names"),
    )
    .max(MOST_ALARMS, `must name at most ${MOST_ALARMS} alarms`)
    .refine((names) => new Set(names).size === names.length, "must name each alarm once")
    .readonly()
    .default([]),
  /** Whether a rollout starts although alarms are in ALARM, without watching those. @default false */
  emergency: flag().default(false),
  /** Seconds after the shift in which the old release stays, and a breach goes back to it. @default 300 */
  bakeSeconds: amount(0).default(300),
  /** Seconds for which an undecided release bakes on, before it fails as undecided. @default 1800 */
  undecidedSeconds: amount(0).default(1800),
  /**
   * Seconds after which a hook that has not reported is taken for dead, and the deployment is stopped. A Lambda function runs for 900 at
   * most, while CodeDeploy waits for an hour.
   * @default 960
   */
  hookTimeoutSeconds: aboveZero().default(960),
  /** ARN of an SNS topic that is told of a rollout's start, success, failure and rollback. @default - nobody is told */
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
  /** Requests, probes included, without which a release is undecided. @default 0 */
  minimumRequests: wholeAmount().default(0),
  /** How many times the old release's p99 duration the new one's may be at the same time, 1 or more. @default - any */
  latencyTimesBlue: amount(1).optional(),
  /**
   * Seconds between the end of a shift and the end of the update, after which Pulumi deletes what the old release ran on.
   * @default - 5 more than the old version's function may take, so that no request in flight loses what it needs
   */
  drainSeconds: amount(0).optional(),
};

/** The knobs of the API of a model, whose rollout sends probes of its own and makes the release's alarms. */
export const apiKnobs = {
  ...knobs,
  /** From where on the release's own alarms stop a rollout, each a number, or `false` for none. @default - see each */
  alarms,
  /** Requests per second with the known rows that a rollout sends to the new version, 0 to 50. @default 2 */
  probesPerSecond: upTo(MOST_PROBES_PER_SECOND).default(2),
  /** Requests, probes included, without which a release is undecided. @default 100 */
  minimumRequests: wholeAmount().default(100),
  /** Seconds that the old endpoint stays after the shift; longer than the function's timeout of 10. @default 30 */
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

/** For hooks, bake and what may go wrong, beside the shift itself: each hook may take an hour. */
const REST_SECONDS = 4 * 3600;

/** Seconds after which a rollout is given up; `undefined` where only CodeDeploy knows how long the shift takes. */
export function rolloutSeconds(shift: TrafficShift): number | undefined {
  const minutes = shiftMinutes(shift);
  return minutes === undefined ? undefined : minutes * 60 + REST_SECONDS;
}

/** Where nobody knows how long the shift takes: the slowest predefined one takes 100 minutes. */
export const USUAL_ROLLOUT_SECONDS = REST_SECONDS;
