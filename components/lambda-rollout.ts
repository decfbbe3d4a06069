import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { functionKnobs, MOST_PROBES_PER_SECOND, rolloutSeconds } from "../lib/rollout-knobs";
import { describeShift } from "../lib/traffic-shift";
import { callerAccount, callerRegion } from "./caller";
import type { KnobArguments } from "./knobs";
import { deploymentGroup } from "./lambda-rollout/deployment-group";
import { problemLines } from "./providers/support/inputs";
import { AliasRollout } from "./resources/alias-rollout";

export type { TrafficShift } from "../lib/traffic-shift";

/**
 * Requests that a rollout itself sends to the new version, so that a function which nobody calls is judged too. One that gets no good answer
 * stops the rollout; trouble of AWS's own that passes does not count.
 */
export interface ProbeArgs {
  /** The event, any JSON. It is in the stack's state and no secret. */
  readonly event: pulumi.Input<unknown>;
  /**
   * What the answer must contain, as JSON: of objects the members that are named, everything else as it is; such as `{ statusCode: 200 }`.
   * @default - any answer is a good one, unless the function fails
   */
  readonly expect?: pulumi.Input<unknown>;
  /** Requests per second, above 0 and up to 50. @default 2 */
  readonly perSecond?: number;
}

/** Arguments of {@link LambdaRollout}. */
export interface LambdaRolloutArgs extends KnobArguments<typeof functionKnobs, "alarmNames" | "notificationTopicArn"> {
  /** Name of the function. Another one is another alias. */
  readonly functionName: pulumi.Input<string>;
  /** Its published version that is to be live, such as `fn.version` of a function with `publish: true`. */
  readonly functionVersion: pulumi.Input<string>;
  /** Name of the alias, which is made with the first release and deleted with this component. Another one is another alias. @default "live" */
  readonly aliasName?: string;
  /**
   * Id of the release that is to be live. Releases are compared, not versions, so each version must say in its environment variable `RELEASE`
   * which one it serves.
   * @default - the number of the version
   */
  readonly release?: pulumi.Input<string>;
  /** Description of the alias. @default - none */
  readonly description?: pulumi.Input<string>;
  /**
   * Name of a function that CodeDeploy asks before any traffic moves, and that reports by `PutLifecycleEventHookExecutionStatus`.
   * @default - none is asked
   */
  readonly preTrafficHook?: pulumi.Input<string>;
  /** Name of a function that CodeDeploy asks once all traffic has moved. @default - none is asked */
  readonly postTrafficHook?: pulumi.Input<string>;
  /**
   * Whether the hooks also return their verdict, `{ "status": "Succeeded" or "Failed", "reason": "…" }`, and log it as
   * `verdict: <status>: <reason>`. Their reasons are told then, and the first release, for which there is no deployment, needs the
   * pre-traffic hook's consent too: it is called with `{}`.
   * @default false
   */
  readonly hooksGiveVerdicts?: boolean;
  /** Requests of our own to the new version, from its first traffic until the end of the bake. @default - none */
  readonly probe?: ProbeArgs;
  /**
   * A CodeDeploy application (compute platform Lambda) and deployment group of one's own, which then say what `strategy` would. The group
   * must roll back on failure, on alarms and on request, and know the alarms of `alarmNames`.
   * @default - both are made, with a role that can do nothing but shift this alias
   */
  readonly codeDeploy?: {
    readonly applicationName: pulumi.Input<string>;
    readonly deploymentGroupName: pulumi.Input<string>;
  };
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * A safe rollout of any Lambda function: an alias that always serves one release and changes it by a CodeDeploy deployment, which is
 * followed to its end and beyond. Alarms, hooks and, if wanted, probes and a least number of requests judge the new version; it bakes with
 * the old one still there; and where it does not stand all that, the update fails with the reason, and the old one serves on.
 *
 * The rollout itself runs where `pulumi up` runs, in region and account of the AWS provider: with its `profile` and `assumeRoles` if it has such,
 * else with the credentials of the environment.
 *
 * @example
 * new LambdaRollout("api", { functionName: fn.name, functionVersion: fn.version, alarmNames: [errors.name], bakeSeconds: 600 });
 */
export class LambdaRollout extends pulumi.ComponentResource {
  /** Release that the alias serves; keeps its last value where a rollout fails. */
  readonly liveRelease: pulumi.Output<string>;
  /** Version that the alias points to. */
  readonly liveVersion: pulumi.Output<string>;
  /** Since when it serves, such as `2026-03-01T12:00:00Z`; "" where that is not known. */
  readonly liveSince: pulumi.Output<string>;
  /** Releases that have been live, newest first, the live one included; at most 10. */
  readonly releases: pulumi.Output<string[]>;
  /** ARN of the alias, by which callers call the function; known once it serves. */
  readonly aliasArn: pulumi.Output<string>;
  /** CodeDeploy's id of the last deployment; "" where none was needed. */
  readonly deploymentId: pulumi.Output<string>;

  constructor(name: string, args: LambdaRolloutArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:LambdaRollout", name, {}, opts);
    const { strategy, ...knobs } = checkArguments(args, this);
    const {
      functionName,
      functionVersion,
      aliasName = "live",
      alarmNames = [],
      preTrafficHook,
      postTrafficHook,
    } = args;
    const codeDeploy = args.codeDeploy ?? this.createGroup(name, args, strategy);
    const rollout = new AliasRollout(
      name,
      {
        ...knobs,
        ...codeDeploy,
        region: callerRegion(this),
        account: callerAccount(this),
        functionName,
        functionVersion,
        aliasName,
        release: args.release ?? functionVersion,
        releaseFrom: args.release === undefined ? "version" : "environment",
        kind: "function",
        hookAnswer: args.hooksGiveVerdicts === true ? "verdict" : "none",
        preTrafficHook,
        postTrafficHook,
        description: args.description,
        alarmNames,
        probe: args.probe && probeInput(args.probe),
        notificationTopicArn: args.notificationTopicArn,
        ...(args.codeDeploy === undefined
          ? { trafficShift: describeShift(strategy), timeoutSeconds: rolloutSeconds(strategy) }
          : {}),
      },
      { parent: this },
    );
    this.liveRelease = rollout.liveRelease;
    this.liveVersion = rollout.liveVersion;
    this.liveSince = rollout.liveSince.apply((since) => since ?? "");
    this.releases = rollout.history.apply((history) => history ?? []);
    this.aliasArn = rollout.aliasArn;
    this.deploymentId = rollout.deploymentId;
    this.registerOutputs({
      liveRelease: this.liveRelease,
      liveVersion: this.liveVersion,
      liveSince: this.liveSince,
      releases: this.releases,
      aliasArn: this.aliasArn,
      deploymentId: this.deploymentId,
    });
  }

  private createGroup(name: string, args: LambdaRolloutArgs, strategy: Knobs["strategy"]) {
    const { functionName, aliasName = "live", alarmNames = [] } = args;
    const hooks = [args.preTrafficHook, args.postTrafficHook].filter((hook) => hook !== undefined);
    const group = deploymentGroup(
      name,
      {
        applicationName: pulumi.interpolate`${functionName}-${aliasName}`,
        functionArn: functionArn(functionName),
        hookArns: hooks.map(functionArn),
        alarmNames,
        strategy,
        tags: args.tags,
      },
      this,
    );
    return { applicationName: group.appName, deploymentGroupName: group.deploymentGroupName };
  }
}

/** The knobs that are checked before there is a resource; the others may be outputs, and are checked when they are known. */
const plainKnobs = z.object(functionKnobs).omit({ alarmNames: true, notificationTopicArn: true });
type Knobs = z.output<typeof plainKnobs>;

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
function checkArguments(args: LambdaRolloutArgs, on: pulumi.Resource): Knobs {
  const { data: knobs } = plainKnobs.safeParse(args);
  const { perSecond = USUAL_PROBES } = args.probe ?? {};
  const problems = [
    ...problemLines(plainKnobs, args),
    ...(perSecond > 0 && perSecond <= MOST_PROBES_PER_SECOND
      ? []
      : [`probe.perSecond must be above 0 and up to ${MOST_PROBES_PER_SECOND}, got ${perSecond}`]),
    ...(args.codeDeploy !== undefined && args.strategy !== undefined
      ? ["strategy has no effect on a deployment group of one's own: leave it out, or leave codeDeploy out"]
      : []),
  ];
  if (knobs === undefined || problems.length > 0) {
    throw new pulumi.ResourceError(problems.join("; "), on, true);
  }
  return knobs;
}

const USUAL_PROBES = 2;

function probeInput({ event, expect, perSecond = USUAL_PROBES }: ProbeArgs) {
  return {
    event: pulumi.jsonStringify(event),
    expect: expect === undefined ? undefined : pulumi.jsonStringify(expect),
    perSecond,
  };
}

/** ARN of a function by its name, wherever it is. */
function functionArn(functionName: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.interpolate`arn:aws:lambda:*:*:function:${functionName}`;
}
