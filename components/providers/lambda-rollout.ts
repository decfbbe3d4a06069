import * as pulumi from "@pulumi/pulumi";
import type { LambdaRolloutInputs, LambdaRolloutResults } from "./rollout/rollout-inputs";
import type { Arguments } from "./run/arguments";
import { shim } from "./shim";

/** Arguments for {@link LambdaRollout}: see {@link LambdaRolloutInputs} for each. */
export type LambdaRolloutArgs = Arguments<LambdaRolloutInputs>;

/**
 * A Lambda alias that always serves one release, and changes it by a CodeDeploy deployment which is followed to its end. The update
 * fails where CodeDeploy rolls back, and what served before goes on serving.
 *
 * Releases are compared, not versions: going back to the release that the alias serves deploys nothing.
 */
export class LambdaRollout extends pulumi.dynamic.Resource {
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

  constructor(name: string, args: LambdaRolloutArgs, opts?: pulumi.CustomResourceOptions) {
    const outputs = {
      liveRelease: undefined,
      liveVersion: undefined,
      aliasArn: undefined,
      deploymentId: undefined,
      outcome: undefined,
    };
    super(provider, name, { ...args, ...outputs }, opts, "sagemaker-safe-deploy", "LambdaRollout");
  }
}

const provider = shim("lambdaRollout");
