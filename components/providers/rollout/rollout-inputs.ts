import { z } from "zod";
import { positive, region, text } from "../run/inputs";
import type { Timing } from "../run/patience";

/** What is to be live, and how it gets there. */
export interface LambdaRolloutInputs extends Timing {
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
  /** How the last rollout came out: the first release went live, another was deployed, it was live already, or it failed. */
  outcome: "created" | "deployed" | "unchanged" | "failed";
}

export type LambdaRolloutOutputs = LambdaRolloutInputs & LambdaRolloutResults;

/** Inputs where the program gives none. */
export const ROLLOUT_DEFAULTS = {
  pollSeconds: 15,
  // The slowest predefined shift takes 100 minutes, and each hook may take an hour.
  timeoutSeconds: 4 * 3600,
};

const FUNCTION_NAME = text(/^[a-zA-Z0-9-_]{1,64}$/, "the name of a Lambda function");
const CODE_DEPLOY_NAME = z.string().min(1).max(100);

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
  drainSeconds: z.number().min(0).optional(),
  pollSeconds: positive(),
  timeoutSeconds: positive(),
});
