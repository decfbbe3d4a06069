import * as pulumi from "@pulumi/pulumi";
import type { LambdaRolloutGiven, LambdaRolloutResults } from "../providers/rollout/inputs";
import type { Arguments } from "./arguments";
import { shim } from "./shim";

/** Arguments for {@link AliasRollout}: see `rolloutSchema` for each. */
export type AliasRolloutArgs = Arguments<LambdaRolloutGiven>;

/**
 * A Lambda alias that always serves one release, and changes it by a CodeDeploy deployment which is followed to its end and beyond:
 * the new release bakes, with the old one in service, before it counts as live. The update fails where it does not stand that, and
 * what served before goes on serving.
 *
 * Releases are compared, not versions: going back to the release that the alias serves deploys nothing, and going to one of
 * `standbyReleases` is one flip of the alias.
 *
 * It knows CodeDeploy's application and group by name: `BlueGreenApi` and `LambdaRollout` make them. Its type keeps the name that it has
 * in the states of earlier versions.
 */
export class AliasRollout extends pulumi.dynamic.Resource {
  /** Release that the alias serves. After a failed rollout: still the one before. */
  declare public readonly liveRelease: pulumi.Output<LambdaRolloutResults["liveRelease"]>;
  /** Version that the alias points to. */
  declare public readonly liveVersion: pulumi.Output<LambdaRolloutResults["liveVersion"]>;
  /** ARN of the alias; known once it serves. */
  declare public readonly aliasArn: pulumi.Output<LambdaRolloutResults["aliasArn"]>;
  /** CodeDeploy's id of the last rollout's deployment; "" where none was needed. */
  declare public readonly deploymentId: pulumi.Output<LambdaRolloutResults["deploymentId"]>;
  /** How the last rollout came out. */
  declare public readonly outcome: pulumi.Output<LambdaRolloutResults["outcome"]>;
  /** Since when the live release serves; "" where that is not known. A state that an earlier version has written lacks it. */
  declare public readonly liveSince: pulumi.Output<LambdaRolloutResults["liveSince"] | undefined>;
  /** Releases that were live, newest first, the live one included. A state that an earlier version has written lacks them. */
  declare public readonly history: pulumi.Output<LambdaRolloutResults["history"] | undefined>;
  /** Alarms that the last rollout, an emergency, did not watch. A state that an earlier version has written lacks them. */
  declare public readonly ignoredAlarms: pulumi.Output<LambdaRolloutResults["ignoredAlarms"] | undefined>;

  constructor(name: string, args: AliasRolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      liveRelease: undefined,
      liveVersion: undefined,
      aliasArn: undefined,
      deploymentId: undefined,
      outcome: undefined,
      liveSince: undefined,
      history: undefined,
      ignoredAlarms: undefined,
    };
    super(provider, name, { ...args, ...outputs }, opts, "sagemaker-safe-deploy", "LambdaRollout");
  }
}

const provider = shim("lambdaRollout");
