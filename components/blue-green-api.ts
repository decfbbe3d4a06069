import * as pulumi from "@pulumi/pulumi";
import * as lambda from "@pulumi/aws/lambda";
import { LIVE_ALIAS } from "../lib/contract";
import { rolloutSeconds } from "../lib/rollout-knobs";
import { describeShift } from "../lib/traffic-shift";
import type { BlueGreenApiArgs } from "./blue-green-api/arguments";
import { checkArguments, metricsOf, type CheckedKnobs } from "./blue-green-api/check-arguments";
import { logRetentionDays, postTrafficHook, predictFunction, preTrafficHook } from "./blue-green-api/functions";
import { probeOf } from "./blue-green-api/known-requests";
import { releaseAlarms } from "./blue-green-api/release-alarms";
import { RestFront } from "./blue-green-api/rest-front";
import type { BlueGreenApiNodes } from "./blue-green-api/transforms";
import { callerAccount, callerRegion } from "./caller";
import { deploymentGroup } from "./lambda-rollout/deployment-group";
import { AliasRollout } from "./resources/alias-rollout";
import { transform } from "./support/transform";

export type { BlueGreenApiArgs, EndpointReference } from "./blue-green-api/arguments";
export type { ReleaseAlarmThresholds } from "../lib/knobs";

/**
 * An HTTPS API in front of the live release's endpoint. CodeDeploy shifts the traffic to another `release`: first a check without traffic,
 * then a share of the requests, then all of them, then a check of the captures. An alarm or a failed check brings the old release back at
 * any time and fails the update. The API's address never changes.
 */
export class BlueGreenApi extends pulumi.ComponentResource {
  /** Where to POST requests; "" with `front: "none"`. */
  readonly url: pulumi.Output<string>;
  /** ARN of the alias, by which the function is called without the API. */
  readonly aliasArn: pulumi.Output<string>;
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
  /** The resources that it is made of. */
  readonly nodes: BlueGreenApiNodes;

  constructor(name: string, args: BlueGreenApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:BlueGreenApi", name, {}, opts);
    const { captureWaitSeconds, ...knobs } = checkArguments(args, this);
    const predict = predictFunction(name, args, this);
    const preTraffic = preTrafficHook(name, args, this);
    const postTraffic = postTrafficHook(name, args, captureWaitSeconds, this);
    const alarms = releaseAlarms(
      name,
      {
        functionName: args.apiName,
        functionVersion: predict.function.version,
        aliasName: LIVE_ALIAS,
        release: args.release,
        thresholds: knobs.alarms,
        metrics: metricsOf(args),
        topicArn: args.notificationTopicArn,
        tags: args.tags,
        transform: args.transform?.alarm,
      },
      this,
    );
    const alarmNames = [...alarms.map((alarm) => alarm.name), ...(args.alarmNames ?? [])];
    const hooks = [preTraffic, postTraffic].flatMap((hook) => (hook === undefined ? [] : [hook.function.arn]));
    const codeDeploy = deploymentGroup(
      name,
      {
        applicationName: args.apiName,
        functionArn: predict.function.arn,
        hookArns: hooks,
        alarmNames,
        strategy: knobs.strategy,
        tags: args.tags,
        transform: args.transform?.codeDeploy,
      },
      this,
    );
    const made = { predict, preTraffic, postTraffic, alarms, codeDeploy };
    const rollout = this.createRollout(name, args, knobs, made, alarmNames);
    const provisionedConcurrency = this.keepWarm(name, args, rollout);
    const front = args.front === "none" ? undefined : this.createFront(name, args, predict.function, rollout);
    this.nodes = { ...made, rollout, provisionedConcurrency, front: front?.nodes };
    this.url = front?.url ?? pulumi.output("");
    this.apiKey = front?.apiKey;
    this.aliasArn = rollout.aliasArn;
    this.liveRelease = rollout.liveRelease;
    this.liveVersion = rollout.liveVersion;
    this.liveSince = rollout.liveSince.apply((since) => since ?? "");
    this.releases = rollout.history.apply((history) => history ?? []);
    this.deploymentId = rollout.deploymentId;
    this.registerOutputs({
      url: this.url,
      apiKey: this.apiKey,
      aliasArn: this.aliasArn,
      liveRelease: this.liveRelease,
      liveVersion: this.liveVersion,
      liveSince: this.liveSince,
      releases: this.releases,
      deploymentId: this.deploymentId,
    });
  }

  private createRollout(
    name: string,
    args: BlueGreenApiArgs,
    { strategy, alarms: thresholds, probesPerSecond, ...knobs }: Omit<CheckedKnobs, "captureWaitSeconds">,
    {
      predict,
      preTraffic,
      postTraffic,
      codeDeploy,
    }: Pick<BlueGreenApiNodes, "predict" | "preTraffic" | "postTraffic" | "codeDeploy">,
    alarmNames: readonly pulumi.Input<string>[],
  ): AliasRollout {
    const isJudgedByRelease = metricsOf(args) !== "lambda";
    return new AliasRollout(
      `${name}-rollout`,
      {
        ...knobs,
        region: callerRegion(this),
        account: callerAccount(this),
        functionName: predict.function.name,
        functionVersion: predict.function.version,
        aliasName: LIVE_ALIAS,
        release: args.release,
        ...(isJudgedByRelease ? {} : { kind: "function" }),
        applicationName: codeDeploy.group.appName,
        deploymentGroupName: codeDeploy.group.deploymentGroupName,
        trafficShift: describeShift(strategy),
        preTrafficHook: preTraffic.function.name,
        postTrafficHook: postTraffic?.function.name,
        alarmNames,
        probe:
          probesPerSecond > 0
            ? { ...probeOf(args.request, args.check.requests), perSecond: probesPerSecond }
            : undefined,
        latencyTimesBlue: unlessOff(thresholds.latencyP99TimesBlue),
        refusalsPercentAboveBlue: isJudgedByRelease ? unlessOff(thresholds.refusalsPercentAboveBlue) : undefined,
        functionErrorsPerMinute: unlessOff(thresholds.functionErrors),
        notificationTopicArn: args.notificationTopicArn,
        standbyReleases: args.standbyReleases,
        timeoutSeconds: rolloutSeconds({ strategy, ...knobs }),
      },
      { parent: this },
    );
  }

  /**
   * Warm environments of the alias. AWS refuses to change their number while the alias has two versions, so that comes after the rollout.
   * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
   */
  private keepWarm(name: string, args: BlueGreenApiArgs, rollout: AliasRollout) {
    const { provisionedConcurrency, apiName } = args;
    return provisionedConcurrency === undefined
      ? undefined
      : new lambda.ProvisionedConcurrencyConfig(
          ...transform(
            args.transform?.provisionedConcurrency,
            `${name}-provisioned`,
            { functionName: apiName, qualifier: LIVE_ALIAS, provisionedConcurrentExecutions: provisionedConcurrency },
            { parent: this, dependsOn: rollout },
          ),
        );
  }

  private createFront(
    name: string,
    args: BlueGreenApiArgs,
    predict: lambda.Function,
    rollout: AliasRollout,
  ): RestFront {
    return new RestFront(
      `${name}-rest`,
      {
        apiName: args.apiName,
        function: predict,
        aliasName: LIVE_ALIAS,
        rollout,
        auth: args.auth ?? "iam",
        rateLimit: args.throttling?.rateLimit ?? 50,
        burstLimit: args.throttling?.burstLimit ?? 100,
        binary: args.request !== undefined && "contentType" in args.request,
        cors: args.cors,
        customDomain: args.customDomain,
        wafAclArn: args.wafAclArn,
        createAccountLogRole: args.createAccountLogRole ?? true,
        logRetentionDays: logRetentionDays(args),
        tags: args.tags,
        transform: args.transform?.front,
      },
      { parent: this },
    );
  }
}

function unlessOff(threshold: number | false): number | undefined {
  return threshold === false ? undefined : threshold;
}
