import { z } from "zod";
import { positive, region, text } from "../run/inputs";
import type { Timing } from "../run/patience";

/** What a release must stand before it counts as live. Each may be left out. */
export interface Safeguards {
  /** How the deployment group shifts traffic, in words for the plan. @default "as the deployment group says" */
  trafficShift: string;
  /** Alarms of the deployment group, at most 10: read before, watched by CodeDeploy during, and by us after the shift. @default [] */
  alarmNames: string[];
  /** Whether alarms that are in ALARM at the start are left unwatched instead of stopping the rollout. @default false */
  emergency: boolean;
  /** Requests, probes included, without which a release is undecided. @default 0 */
  minimumRequests: number;
  /** Seconds after the shift in which the old release stays and a breach goes back to it. @default 300 */
  bakeSeconds: number;
  /** Seconds for which an undecided release bakes on, before it fails as undecided. @default 1800 */
  undecidedSeconds: number;
  /**
   * Seconds after which a hook that has not reported is taken for dead, and the deployment is stopped.
   * @default 960: a Lambda function runs for 900 at most, while CodeDeploy waits for an hour
   */
  hookTimeoutSeconds: number;
  /** Releases whose endpoints are in service: to one of them the alias is flipped at once, without CodeDeploy. @default [] */
  standbyReleases: string[];
}

/** Known rows that are sent to the new version while it is judged. */
export interface Probe {
  /** CSV rows, all in each request. */
  rows: string[];
  /** Requests per second, at most 50. */
  perSecond: number;
}

/** What is to be live, and how it gets there. */
export interface LambdaRolloutInputs extends Timing, Safeguards {
  region: string;
  functionName: string;
  /** Published version to send the traffic to; its environment variable `RELEASE` must be `release`. */
  functionVersion: string;
  /** Alias that this resource owns: it is made with the first release, moved by CodeDeploy, and deleted with the resource. */
  aliasName: string;
  /** Id of the release to be live. Where it is live already nothing is deployed, whatever `functionVersion` says. */
  release: string;
  /** CodeDeploy application (compute platform Lambda) and deployment group that say how the traffic is shifted. */
  applicationName: string;
  deploymentGroupName: string;
  /** Function that must approve before any traffic is shifted, and before the first release goes live. @default none */
  preTrafficHook?: string;
  /** Function that must approve once all traffic is shifted. @default none */
  postTrafficHook?: string;
  /** Description of the alias. @default none */
  description?: string;
  /**
   * Seconds between the end of a shift and the end of the update, after which Pulumi deletes what the old release ran on.
   * @default 5 more than the old version's function may take, so that no request in flight loses its endpoint
   */
  drainSeconds?: number;
  /** Requests of our own for the new version, from its first traffic until the end of the bake. @default none */
  probe?: Probe;
  /** How many times the old release's p99 latency the new one's may be at the same time. @default any */
  latencyTimesBlue?: number;
  /** SNS topic that is told of start, success, failure and rollback. @default none */
  notificationTopicArn?: string;
}

/** What is true once the provider has been called, also where the rollout failed. */
export interface LambdaRolloutResults {
  /** Release that the alias serves: `RELEASE` of the version that it points to. */
  liveRelease: string;
  /** Version that the alias points to. */
  liveVersion: string;
  aliasArn: string;
  /** CodeDeploy's id of the last rollout's deployment; "" where none was needed. */
  deploymentId: string;
  /**
   * How the last rollout came out: the first release went live, another was deployed, the alias was flipped to one that was warm,
   * it was live already, or it failed.
   */
  outcome: "created" | "deployed" | "flipped" | "unchanged" | "failed";
  /** Since when the live release serves, such as `2026-03-01T12:00:00Z`; "" where that is not known. */
  liveSince: string;
  /** Releases that were live to the end of their rollout, newest first, the live one included; each once, at most 10. */
  history: string[];
  /** Alarms that the last rollout, an emergency, did not watch. */
  ignoredAlarms: string[];
}

export type LambdaRolloutOutputs = LambdaRolloutInputs & LambdaRolloutResults;

/** Inputs where the program gives none. */
export const ROLLOUT_DEFAULTS: Timing & Safeguards = {
  pollSeconds: 15,
  // The slowest predefined shift takes 100 minutes, and each hook may take an hour.
  timeoutSeconds: 4 * 3600,
  trafficShift: "as the deployment group says",
  alarmNames: [],
  emergency: false,
  minimumRequests: 0,
  bakeSeconds: 300,
  undecidedSeconds: 1800,
  hookTimeoutSeconds: 960,
  standbyReleases: [],
};

const FUNCTION_NAME = text(/^[a-zA-Z0-9-_]{1,64}$/, "the name of a Lambda function");
const CODE_DEPLOY_NAME = z.string().min(1).max(100);
const seconds = () => z.number().min(0);

export const rolloutSchema = z.strictObject({
  region: region(),
  functionName: FUNCTION_NAME,
  functionVersion: text(/^[1-9]\d*$/, "a published version (a number, not $LATEST)"),
  aliasName: text(/^(?!\d+$)[a-zA-Z0-9-_]{1,128}$/, "the name of a Lambda alias"),
  release: z.string().min(1),
  applicationName: CODE_DEPLOY_NAME,
  deploymentGroupName: CODE_DEPLOY_NAME,
  preTrafficHook: FUNCTION_NAME.optional(),
  postTrafficHook: FUNCTION_NAME.optional(),
  description: z.string().max(256).optional(),
  drainSeconds: seconds().optional(),
  trafficShift: z.string().min(1),
  // CodeDeploy takes no more: https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
  alarmNames: z
    .array(z.string().min(1).max(255))
    .max(10)
    .refine((names) => new Set(names).size === names.length, { error: "must name each alarm once" }),
  emergency: z.boolean(),
  probe: z.strictObject({ rows: z.array(z.string().min(1)).min(1), perSecond: positive().max(50) }).optional(),
  minimumRequests: z.int().min(0),
  bakeSeconds: seconds(),
  undecidedSeconds: seconds(),
  latencyTimesBlue: z.number().min(1).optional(),
  hookTimeoutSeconds: positive(),
  notificationTopicArn: text(/^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:./, "the ARN of an SNS topic").optional(),
  standbyReleases: z.array(z.string().min(1)),
  pollSeconds: positive(),
  timeoutSeconds: positive(),
});
