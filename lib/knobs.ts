/**
 * The knobs of a rollout as people set them. `rollout-knobs.ts` has the rule and the default of each. Without Zod, whose types a program that
 * uses the components would have to compile.
 */
import type { TrafficShift } from "./traffic-shift";

/** Thresholds above which a release is stopped. Each is a number, or `false` for no alarm. */
export interface ReleaseAlarmThresholds {
  /**
   * Allowed errors of the function in a minute, of requests through the alias or of direct calls. Once the release has all traffic, the rollout
   * itself counts those through the alias until the bake ends. @default 0
   */
  readonly functionErrors?: number | false;
  /**
   * Allowed percentage of a minute's requests that the model or its endpoint fails: of all, and from ten a minute on also of the callers' alone
   * and of the probes alone. @default 1
   */
  readonly modelFaultsPercent?: number | false;
  /** Allowed p99 latency of the model in milliseconds; more in two of three minutes is too slow. @default 3000 */
  readonly latencyP99Ms?: number | false;
  /**
   * Greatest allowed ratio of the new release's p99 latency to the old one's at the same time, 1 or more. No alarm: the rollout compares.
   * @default 5
   */
  readonly latencyP99TimesBlue?: number | false;
  /**
   * Percentage points by which the new release may refuse more of the callers' rows than the old one at the same time. No alarm: the rollout
   * compares. @default 1
   */
  readonly refusalsPercentAboveBlue?: number | false;
  /**
   * Allowed percentage of a minute's rows with a prediction that `check.accept` does not take; taken like `modelFaultsPercent`. @default 5
   */
  readonly predictionsOutOfRangePercent?: number | false;
}

/** The same with the defaults. */
export type CompleteThresholds = Required<ReleaseAlarmThresholds>;

/** The knobs of every rollout. A component may take the names of alarms and topic as outputs of other resources. */
export interface RolloutKnobs<AlarmName = string, TopicArn = string> {
  /**
   * How the traffic moves: `type` `canary` or `linear` with `percent` (1 to 99) and `intervalMinutes` (whole), `type` `allAtOnce`, or the
   * `deploymentConfigName` of a configuration of CodeDeploy.
   * @default - 10 % for 5 minutes, then all
   */
  readonly strategy?: TrafficShift;
  /**
   * Names of alarms that stop a rollout, at most 10 together with the release's own. They are read before the rollout and watched during
   * the shift and the bake.
   * @default []
   */
  readonly alarmNames?: readonly AlarmName[];
  /** Whether a rollout starts although alarms are in ALARM. It does not watch those alarms. @default false */
  readonly emergency?: boolean;
  /** Seconds that the old release stays after the shift. A breach in that time goes back to it. @default 300 */
  readonly bakeSeconds?: number;
  /** Seconds that an undecided release bakes on before it fails as undecided. @default 1800 */
  readonly undecidedSeconds?: number;
  /**
   * Seconds after which a hook that has not reported is taken for dead and the deployment is stopped. A Lambda function runs for at most
   * 900 seconds, but CodeDeploy waits for an hour.
   * @default 960
   */
  readonly hookTimeoutSeconds?: number;
  /**
   * ARN of an SNS topic for messages about a rollout's start, success, failure and rollback. The alarms of each release of an API tell it too,
   * also long after the rollout, so its policy must let `cloudwatch.amazonaws.com` publish. @default - no messages
   */
  readonly notificationTopicArn?: TopicArn;
  /** Seconds between two looks at a deployment. @default 15 */
  readonly pollSeconds?: number;
}

/** The knobs of a rollout of any function. */
export interface FunctionKnobs<AlarmName = string, TopicArn = string> extends RolloutKnobs<AlarmName, TopicArn> {
  /** Number of requests, probes included, that a verdict needs. With fewer the release is undecided. @default 0 */
  readonly minimumRequests?: number;
  /** Greatest allowed ratio of the new release's p99 duration to the old one's at the same time, 1 or more. @default - any */
  readonly latencyTimesBlue?: number;
  /**
   * Seconds between the end of a shift and the end of the update. Afterwards Pulumi deletes the old release's resources.
   * @default - 5 more than the old version's timeout, so that requests in flight keep what they need
   */
  readonly drainSeconds?: number;
}

/** The knobs of a model's API. Its rollout sends its own probes, and each release has its own alarms. */
export interface ApiKnobs<AlarmName = string, TopicArn = string> extends RolloutKnobs<AlarmName, TopicArn> {
  /** Thresholds of the release's own alarms: each a number, or `false` for no alarm. @default - see each */
  readonly alarms?: ReleaseAlarmThresholds;
  /**
   * Probes per second that a rollout sends to the new version, with the known requests, 0 to 50. No more than two are under way at a time, so a slow
   * model gets fewer. @default 2
   */
  readonly probesPerSecond?: number;
  /** Number of requests, probes included, that a verdict needs. With fewer the release is undecided. @default 100 */
  readonly minimumRequests?: number;
  /** Seconds that the old endpoint stays after the shift. Must be longer than the function's timeout. @default 30 */
  readonly drainSeconds?: number;
  /** Seconds that the post-traffic hook waits for captures, up to 840, since a Lambda function ends after 900. @default 300 */
  readonly captureWaitSeconds?: number;
}
