import type * as pulumi from "@pulumi/pulumi";
import type { LambdaRolloutGiven, LambdaRolloutResults } from "../providers/rollout/inputs";
import type { Arguments } from "./arguments";
import { OwnResource } from "./own-resource";
import { shim } from "./shim";

/** Arguments for {@link AliasRollout}: see `rolloutSchema` for each. */
export type AliasRolloutArgs = Arguments<LambdaRolloutGiven>;

/**
 * A Lambda alias that always serves one release. A CodeDeploy deployment moves it to the next one, and the update follows that to its end.
 * Then the new release bakes, with the old one still in service, before it counts as live. If the new release fails any of this, the update
 * fails and the old one goes on serving.
 *
 * Releases are compared, not versions. Going back to the release that the alias serves deploys nothing. Going to one of `standbyReleases`
 * is one flip of the alias.
 *
 * It knows CodeDeploy's application and group by name; `BlueGreenApi` and `LambdaRollout` create them. Its type keeps the name that states
 * of earlier versions have.
 */
export class AliasRollout extends OwnResource {
  /** Release that the alias serves. After a failed rollout: still the one before. */
  declare public readonly liveRelease: pulumi.Output<LambdaRolloutResults["liveRelease"]>;
  /** Version that the alias points to. */
  declare public readonly liveVersion: pulumi.Output<LambdaRolloutResults["liveVersion"]>;
  /** ARN of the alias. Known once it serves. */
  declare public readonly aliasArn: pulumi.Output<LambdaRolloutResults["aliasArn"]>;
  /** CodeDeploy's id of the last rollout's deployment; "" if none was needed. */
  declare public readonly deploymentId: pulumi.Output<LambdaRolloutResults["deploymentId"]>;
  /** The result of the last rollout. */
  declare public readonly outcome: pulumi.Output<LambdaRolloutResults["outcome"]>;
  /** Since when the live release serves; "" if that is not known. States of earlier versions lack it. */
  declare public readonly liveSince: pulumi.Output<LambdaRolloutResults["liveSince"] | undefined>;
  /** Releases that were live, newest first, the live one included. States of earlier versions lack them. */
  declare public readonly history: pulumi.Output<LambdaRolloutResults["history"] | undefined>;
  /** Alarms that the last rollout did not watch because it was an emergency. States of earlier versions lack them. */
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
