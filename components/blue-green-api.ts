import * as pulumi from "@pulumi/pulumi";
import { describeShift, shiftMinutes, type TrafficShift } from "../lib/traffic-shift";
import { checkArguments } from "./blue-green-api/check";
import { deploymentGroup } from "./blue-green-api/deployment-group";
import { logRetentionDays, postTrafficHook, predictFunction, preTrafficHook } from "./blue-green-api/functions";
import { releaseAlarms, type ReleaseAlarmThresholds } from "./blue-green-api/release-alarms";
import { RestFront, type Authorization } from "./blue-green-api/rest-front";
import { callerAccount, callerRegion } from "./caller";
import { LambdaRollout } from "./providers/lambda-rollout";

/** What the new release must answer before it gets traffic. */
export interface PreTrafficCheck {
  /** Input rows as CSV, sent in one request. */
  readonly knownRows: readonly string[];
  /** Least and greatest prediction that is believed. */
  readonly minimumPrediction: number;
  readonly maximumPrediction: number;
}

/** An endpoint with one variant. Outputs of what makes it, so that nothing shifts before it is in service. */
export interface EndpointReference {
  readonly endpointName: pulumi.Input<string>;
  readonly endpointArn: pulumi.Input<string>;
  readonly endpointConfigArn: pulumi.Input<string>;
  readonly variantName: pulumi.Input<string>;
}

/** Arguments of {@link BlueGreenApi}. */
export interface BlueGreenApiArgs {
  /** Name of the function, the API and the CodeDeploy application, such as `mlops-nyctaxi-api`. At most 40 characters. */
  readonly apiName: string;
  /** The release that is to be live. */
  readonly release: string;
  /** Its endpoint, with the release's id in its name: an {@link AutoscaledEndpoint}, or the same four facts of another one. */
  readonly endpoint: EndpointReference;
  readonly preTraffic: PreTrafficCheck;
  /** S3 prefix of captured traffic; captures of the new endpoint must arrive there before the rollout counts as done. */
  readonly dataCaptureUri: string;
  /** Least and greatest prediction that is believed of any request; others count for the alarm `predictions`. @default - none counts */
  readonly predictionRange?: { readonly minimum: number; readonly maximum: number };
  /** How traffic moves. @default - 10 % for 5 minutes, then all */
  readonly strategy?: TrafficShift;
  /** From where on the release's own alarms stop a rollout. @default - see each */
  readonly alarms?: ReleaseAlarmThresholds;
  /** Further alarms that stop a rollout, by name; with those of the release at most 10. @default - none */
  readonly alarmNames?: readonly string[];
  /** Whether a rollout starts although alarms are firing, without watching those. @default false */
  readonly emergency?: boolean;
  /** Requests per second with the known rows that a rollout sends to the new version, 0 to 50. @default 2 */
  readonly probesPerSecond?: number;
  /** Requests, probes included, without which a release is undecided. @default 100 */
  readonly minimumRequests?: number;
  /** Seconds after the shift in which the old release stays, and an alarm goes back to it. @default 300 */
  readonly bakeSeconds?: number;
  /** Seconds that an undecided release bakes on before it fails. @default 1800 */
  readonly undecidedSeconds?: number;
  /** Seconds after which a hook that has not reported is taken for dead. @default 960 */
  readonly hookTimeoutSeconds?: number;
  /** SNS topic that is told of a rollout's start, success, failure and rollback. @default - none */
  readonly notificationTopicArn?: pulumi.Input<string>;
  /** Releases whose endpoints are warm: the API goes back to one of them at once, without a shift. @default - none */
  readonly standbyReleases?: readonly string[];
  /** Who may call the API: callers that sign with IAM credentials, callers with an API key, or everybody. @default "iam" */
  readonly auth?: Authorization;
  /** Requests per second, in the long run and at once. @default 50 and 100 */
  readonly throttling?: { readonly rateLimit: number; readonly burstLimit: number };
  /** Whether this API sets the account-wide role that API Gateway writes access logs under. @default true */
  readonly createAccountLogRole?: boolean;
  /** Key that encrypts the functions' environment. @default - a key that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Seconds the post-traffic hook waits for captures, up to 840. @default 300 */
  readonly captureWaitSeconds?: number;
  /** Seconds the old endpoint stays after the shift; longer than the function's timeout of 10. @default 30 */
  readonly drainSeconds?: number;
  /** Seconds between two looks at a deployment. @default 15 */
  readonly pollSeconds?: number;
  /** @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * An HTTPS API in front of the live release's endpoint. Another `release` is shifted to by CodeDeploy: a check before the traffic, a
 * share of the requests, all of them, a check of the captures; an alarm or a failed check at any time brings the old release back and
 * fails the update. The API's address never changes.
 */
export class BlueGreenApi extends pulumi.ComponentResource {
  /** Where to POST rows. */
  readonly url: pulumi.Output<string>;
  /** The release that the alias really serves; keeps its last value where a rollout fails. */
  readonly liveRelease: pulumi.Output<string>;
  /** The function version that the alias really points to. */
  readonly liveVersion: pulumi.Output<string>;
  /** Since when it serves, such as `2026-03-01T12:00:00Z`; empty where that is not known. */
  readonly liveSince: pulumi.Output<string>;
  /** Releases that have been live, newest first, the live one included; at most 10. */
  readonly releases: pulumi.Output<string[]>;
  /** CodeDeploy's id of the last deployment; empty where none was needed. */
  readonly deploymentId: pulumi.Output<string>;
  /** Value for the header `x-api-key`; a secret, and there only with `auth: "apiKey"`. */
  readonly apiKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: BlueGreenApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:BlueGreenApi", name, {}, opts);
    const { strategy, probesPerSecond, thresholds } = checkArguments(args, this);
    const api = predictFunction(name, args, this);
    const preTraffic = preTrafficHook(name, args, this);
    const postTraffic = postTrafficHook(name, args, this);
    const alarms = releaseAlarms(
      name,
      {
        functionName: args.apiName,
        functionVersion: api.version,
        aliasName: ALIAS,
        release: args.release,
        thresholds,
        judgesPredictions: args.predictionRange !== undefined,
        tags: args.tags,
      },
      this,
    );
    const alarmNames = [...alarms.map((alarm) => alarm.name), ...(args.alarmNames ?? [])];
    const group = deploymentGroup(
      name,
      {
        applicationName: args.apiName,
        function: api,
        hooks: [preTraffic, postTraffic],
        alarmNames,
        strategy,
        tags: args.tags,
      },
      this,
    );
    const rollout = new LambdaRollout(
      `${name}-rollout`,
      {
        region: callerRegion(this),
        account: callerAccount(this),
        functionName: api.name,
        functionVersion: api.version,
        aliasName: ALIAS,
        release: args.release,
        applicationName: group.appName,
        deploymentGroupName: group.deploymentGroupName,
        trafficShift: describeShift(strategy),
        preTrafficHook: preTraffic.name,
        postTrafficHook: postTraffic.name,
        alarmNames,
        emergency: args.emergency,
        probe: probesPerSecond > 0 ? { rows: args.preTraffic.knownRows, perSecond: probesPerSecond } : undefined,
        minimumRequests: args.minimumRequests ?? 100,
        bakeSeconds: args.bakeSeconds,
        undecidedSeconds: args.undecidedSeconds,
        latencyTimesBlue: thresholds.latencyP99TimesBlue === false ? undefined : thresholds.latencyP99TimesBlue,
        hookTimeoutSeconds: args.hookTimeoutSeconds,
        notificationTopicArn: args.notificationTopicArn,
        standbyReleases: args.standbyReleases,
        drainSeconds: args.drainSeconds ?? 30,
        pollSeconds: args.pollSeconds,
        timeoutSeconds: timeoutSeconds(strategy),
      },
      { parent: this },
    );
    const front = new RestFront(
      `${name}-rest`,
      {
        apiName: args.apiName,
        function: api,
        aliasName: ALIAS,
        rollout,
        auth: args.auth ?? "iam",
        rateLimit: args.throttling?.rateLimit ?? 50,
        burstLimit: args.throttling?.burstLimit ?? 100,
        createAccountLogRole: args.createAccountLogRole ?? true,
        logRetentionDays: logRetentionDays(args),
        tags: args.tags,
      },
      { parent: this },
    );
    this.url = front.url;
    this.apiKey = front.apiKey;
    this.liveRelease = rollout.liveRelease;
    this.liveVersion = rollout.liveVersion;
    this.liveSince = rollout.liveSince.apply((since) => since ?? "");
    this.releases = rollout.history.apply((history) => history ?? []);
    this.deploymentId = rollout.deploymentId;
    this.registerOutputs({
      url: this.url,
      liveRelease: this.liveRelease,
      liveVersion: this.liveVersion,
      liveSince: this.liveSince,
      releases: this.releases,
      deploymentId: this.deploymentId,
    });
  }
}

const ALIAS = "live";

/** For hooks, bake and what may go wrong, beside the shift itself. */
const REST_SECONDS = 4 * 3600;

/** The provider's own default where nobody here knows how long the shift takes. */
function timeoutSeconds(strategy: TrafficShift): number | undefined {
  const minutes = shiftMinutes(strategy);
  return minutes === undefined ? undefined : minutes * 60 + REST_SECONDS;
}
