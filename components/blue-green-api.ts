import * as pulumi from "@pulumi/pulumi";
import { rolloutSeconds } from "../lib/rollout-knobs";
import { describeShift } from "../lib/traffic-shift";
import { checkArguments, type BlueGreenApiArgs } from "./blue-green-api/arguments";
import { logRetentionDays, postTrafficHook, predictFunction, preTrafficHook } from "./blue-green-api/functions";
import { releaseAlarms } from "./blue-green-api/release-alarms";
import { RestFront } from "./blue-green-api/rest-front";
import { callerAccount, callerRegion } from "./caller";
import { deploymentGroup } from "./lambda-rollout/deployment-group";
import { AliasRollout } from "./resources/alias-rollout";

export type { BlueGreenApiArgs, EndpointReference, InputColumn, PreTrafficCheck } from "./blue-green-api/arguments";
export type { ReleaseAlarmThresholds } from "../lib/knobs";

/**
 * An HTTPS API in front of the live release's endpoint. CodeDeploy shifts the traffic to another `release`: first a check without traffic,
 * then a share of the requests, then all of them, then a check of the captures. An alarm or a failed check brings the old release back at
 * any time and fails the update. The API's address never changes.
 */
export class BlueGreenApi extends pulumi.ComponentResource {
  /** Where to POST rows. */
  readonly url: pulumi.Output<string>;
  /** The release that the alias serves, as AWS reports it. Keeps its last value if a rollout fails. */
  readonly liveRelease: pulumi.Output<string>;
  /** The function version that the alias points to, as AWS reports it. */
  readonly liveVersion: pulumi.Output<string>;
  /** Since when it serves, such as `2026-03-01T12:00:00Z`; empty if that is not known. */
  readonly liveSince: pulumi.Output<string>;
  /** Releases that have been live, newest first, the live one included; at most 10. */
  readonly releases: pulumi.Output<string[]>;
  /** CodeDeploy's id of the last deployment; empty if none was needed. */
  readonly deploymentId: pulumi.Output<string>;
  /** Value for the header `x-api-key`, a secret. It exists only with `auth: "apiKey"`. */
  readonly apiKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: BlueGreenApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:BlueGreenApi", name, {}, opts);
    const { strategy, alarms: thresholds, probesPerSecond, captureWaitSeconds, ...knobs } = checkArguments(args, this);
    const api = predictFunction(name, args, this);
    const preTraffic = preTrafficHook(name, args, this);
    const postTraffic = postTrafficHook(name, args, captureWaitSeconds, this);
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
    const alarmNames = [...alarms.map((alarm) => alarm.name), ...knobs.alarmNames];
    const { group } = deploymentGroup(
      name,
      {
        applicationName: args.apiName,
        functionArn: api.arn,
        hookArns: [preTraffic.arn, postTraffic.arn],
        alarmNames,
        strategy,
        tags: args.tags,
      },
      this,
    );
    const rollout = new AliasRollout(
      `${name}-rollout`,
      {
        ...knobs,
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
        probe: probesPerSecond > 0 ? { rows: args.preTraffic.knownRows, perSecond: probesPerSecond } : undefined,
        latencyTimesBlue: unlessOff(thresholds.latencyP99TimesBlue),
        refusalsPercentAboveBlue: unlessOff(thresholds.refusalsPercentAboveBlue),
        functionErrorsPerMinute: unlessOff(thresholds.functionErrors),
        notificationTopicArn: args.notificationTopicArn,
        standbyReleases: args.standbyReleases,
        timeoutSeconds: rolloutSeconds({ strategy, ...knobs }),
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

function unlessOff(threshold: number | false): number | undefined {
  return threshold === false ? undefined : threshold;
}
