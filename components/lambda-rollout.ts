import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { FunctionKnobs } from "../lib/knobs";
import { functionKnobs, MOST_ALARMS, MOST_PROBES_PER_SECOND, rolloutSeconds } from "../lib/rollout-knobs";
import { describeShift } from "../lib/traffic-shift";
import { callerAccount, callerPartition, callerRegion } from "./caller";
import {
  deploymentGroup,
  type DeploymentGroupNodes,
  type DeploymentGroupTransforms,
} from "./lambda-rollout/deployment-group";
import { problemLines } from "./providers/support/inputs";
import { AliasRollout } from "./resources/alias-rollout";
import { refuse, unknownKeys } from "./support/problems";

/**
 * Requests that the rollout itself sends to the new version, so that a function which nobody calls is judged too. A probe without a good
 * answer stops the rollout. Passing trouble of AWS itself does not count.
 */
export interface ProbeArgs {
  /** The event, any JSON. It is stored in the stack's state, so it must not be a secret. */
  readonly event: pulumi.Input<unknown>;
  /**
   * What the answer must contain, as JSON, such as `{ statusCode: 200 }`. An object must have the named members and may have others.
   * Everything else must be equal.
   * @default - any answer is a good one, unless the function fails
   */
  readonly expect?: pulumi.Input<unknown>;
  /** Requests per second, above 0 and up to 50. @default 2 */
  readonly perSecond?: number;
}

/** Arguments of {@link LambdaRollout}. */
export interface LambdaRolloutArgs extends FunctionKnobs<pulumi.Input<string>, pulumi.Input<string>> {
  /** Name of the function. Another name means another alias. */
  readonly functionName: pulumi.Input<string>;
  /** The published version that is to be live, such as `fn.version` of a function with `publish: true`. */
  readonly functionVersion: pulumi.Input<string>;
  /**
   * Name of the alias. It is created with the first release and deleted with this component. Another name means another alias.
   * @default "live"
   */
  readonly aliasName?: pulumi.Input<string>;
  /**
   * Id of the release that is to be live. Releases are compared, not versions, so each version must name the release that it serves in its
   * environment variable `RELEASE`.
   * @default - the number of the version
   */
  readonly release?: pulumi.Input<string>;
  /** Description of the alias. @default - none */
  readonly description?: pulumi.Input<string>;
  /**
   * Name of a function that CodeDeploy calls before any traffic moves. It must report by `PutLifecycleEventHookExecutionStatus`.
   * @default - none is called
   */
  readonly preTrafficHook?: pulumi.Input<string>;
  /** Name of a function that CodeDeploy calls once all traffic has moved. @default - none is called */
  readonly postTrafficHook?: pulumi.Input<string>;
  /**
   * Whether the hooks also return their verdict, `{ "status": "Succeeded" or "Failed", "reason": "…" }`, and log it as `verdict: <status>:
   * <reason>`. Messages then contain their reasons. The first release has no deployment: with verdicts, the rollout itself calls the
   * pre-traffic hook, with `{}`, and needs its consent.
   * @default false
   */
  readonly hooksGiveVerdicts?: boolean;
  /** Requests of our own to the new version, from its first traffic until the end of the bake. @default - none */
  readonly probe?: ProbeArgs;
  /**
   * An existing CodeDeploy application (compute platform Lambda) and deployment group, which take the place of `strategy`. The group must
   * roll back on failure, on alarms and on request, and know the alarms of `alarmNames`.
   * @default - both are created, with a role that can do nothing but shift this alias
   */
  readonly codeDeploy?: {
    readonly applicationName: pulumi.Input<string>;
    readonly deploymentGroupName: pulumi.Input<string>;
  };
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the children that are created. @default - nothing */
  readonly transform?: DeploymentGroupTransforms;
}

/** The children of {@link LambdaRollout}. With an existing `codeDeploy` the rollout is the only one. */
export interface LambdaRolloutNodes extends Partial<DeploymentGroupNodes> {
  /** The alias, and the rollouts that move it. */
  readonly rollout: pulumi.CustomResource;
}

/**
 * A safe rollout of any Lambda function. An alias always serves one release, and a CodeDeploy deployment moves it to the next. Alarms and
 * hooks judge the new version and, if wanted, probes and a minimum number of requests. After the shift it bakes while the old version is
 * still there. If the new version fails any of this, the update fails with the reason and the old version goes on serving.
 *
 * The rollout runs in `pulumi up` and works in the account and region of the AWS provider.
 *
 * @example
 * new LambdaRollout("api", { functionName: fn.name, functionVersion: fn.version, alarmNames: [errors.name], bakeSeconds: 600 });
 */
export class LambdaRollout extends pulumi.ComponentResource {
  /** Release that the alias serves. Keeps its last value if a rollout fails. */
  readonly liveRelease: pulumi.Output<string>;
  /** Version that the alias points to. */
  readonly liveVersion: pulumi.Output<string>;
  /** Since when it serves, such as `2026-03-01T12:00:00Z`; "" if that is not known. */
  readonly liveSince: pulumi.Output<string>;
  /** Releases that have been live, newest first, the live one included; at most 10. */
  readonly releases: pulumi.Output<string[]>;
  /** ARN of the alias, with which callers call the function. Known once it serves. */
  readonly aliasArn: pulumi.Output<string>;
  /** CodeDeploy's id of the last deployment; "" if none was needed. */
  readonly deploymentId: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: LambdaRolloutNodes;

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
    const { codeDeploy, ...group } = this.codeDeployOf(name, args, strategy);
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
        ...(args.codeDeploy === undefined ? { trafficShift: describeShift(strategy) } : {}),
        timeoutSeconds: rolloutSeconds({ ...knobs, ...(args.codeDeploy === undefined ? { strategy } : {}) }),
      },
      { parent: this },
    );
    this.liveRelease = rollout.liveRelease;
    this.liveVersion = rollout.liveVersion;
    this.liveSince = rollout.liveSince.apply((since) => since ?? "");
    this.releases = rollout.history.apply((history) => history ?? []);
    this.aliasArn = rollout.aliasArn;
    this.deploymentId = rollout.deploymentId;
    this.nodes = { ...group, rollout };
    this.registerOutputs({
      liveRelease: this.liveRelease,
      liveVersion: this.liveVersion,
      liveSince: this.liveSince,
      releases: this.releases,
      aliasArn: this.aliasArn,
      deploymentId: this.deploymentId,
    });
  }

  /** The application and group that are to be used, and the children that have been made for it. */
  private codeDeployOf(name: string, args: LambdaRolloutArgs, strategy: Knobs["strategy"]) {
    if (args.codeDeploy !== undefined) {
      return { codeDeploy: args.codeDeploy };
    }
    const { functionName, aliasName = "live", alarmNames = [], tags } = args;
    const partition = callerPartition(this);
    const hooks = [args.preTrafficHook, args.postTrafficHook].filter((hook) => hook !== undefined);
    const made = deploymentGroup(
      name,
      {
        applicationName: pulumi.interpolate`${functionName}-${aliasName}`,
        functionArn: functionArn(partition, functionName),
        hookArns: hooks.map((hook) => functionArn(partition, hook)),
        alarmNames,
        strategy,
        tags,
        transform: args.transform,
      },
      this,
    );
    const { appName, deploymentGroupName } = made.group;
    return { codeDeploy: { applicationName: appName, deploymentGroupName }, ...made };
  }
}

/** The knobs that are checked before any resource is created. The others may be outputs and are checked when they are known. */
const plainKnobs = z.object(functionKnobs).omit({ alarmNames: true, notificationTopicArn: true });
type Knobs = z.output<typeof plainKnobs>;

/** @throws {pulumi.ResourceError} naming everything that is wrong. */
function checkArguments(args: LambdaRolloutArgs, on: pulumi.Resource): Knobs {
  const given: z.input<typeof plainKnobs> = args;
  const { perSecond = USUAL_PROBES } = args.probe ?? {};
  const { alarmNames = [] } = args;
  refuse(
    [
      ...unknownKeys(args, [...Object.keys(OWN_ARGUMENTS), ...Object.keys(functionKnobs)]),
      ...unknownKeys(args.probe ?? {}, Object.keys(PROBE_ARGUMENTS), "probe"),
      ...problemLines(plainKnobs, args),
      ...(alarmNames.length > MOST_ALARMS
        ? [`alarmNames must name at most ${MOST_ALARMS} alarms, got ${alarmNames.length}`]
        : []),
      ...(perSecond > 0 && perSecond <= MOST_PROBES_PER_SECOND
        ? []
        : [`probe.perSecond must be above 0 and up to ${MOST_PROBES_PER_SECOND}, got ${perSecond}`]),
      ...(args.codeDeploy === undefined
        ? []
        : (["strategy", "transform"] as const)
            .filter((key) => args[key] !== undefined)
            .map((key) => `${key} has no effect with codeDeploy: leave one of them out`)),
    ],
    on,
  );
  return plainKnobs.parse(given);
}

/** Every argument beside the knobs. */
const OWN_ARGUMENTS: Record<Exclude<keyof LambdaRolloutArgs, keyof typeof functionKnobs>, true> = {
  functionName: true,
  functionVersion: true,
  aliasName: true,
  release: true,
  description: true,
  preTrafficHook: true,
  postTrafficHook: true,
  hooksGiveVerdicts: true,
  probe: true,
  codeDeploy: true,
  tags: true,
  transform: true,
};

const PROBE_ARGUMENTS: Record<keyof ProbeArgs, true> = { event: true, expect: true, perSecond: true };

const USUAL_PROBES = 2;

function probeInput({ event, expect, perSecond = USUAL_PROBES }: ProbeArgs) {
  return {
    event: pulumi.jsonStringify(event),
    expect: expect === undefined ? undefined : pulumi.jsonStringify(expect),
    perSecond,
  };
}

/** ARN of a function by its name, in any account and region of a partition. */
function functionArn(partition: pulumi.Input<string>, functionName: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.interpolate`arn:${partition}:lambda:*:*:function:${functionName}`;
}
