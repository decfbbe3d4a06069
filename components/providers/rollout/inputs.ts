import { z } from "zod";
import { functionKnobs, MOST_PROBES_PER_SECOND, rolloutSeconds } from "../../../lib/rollout-knobs";
import { positive, region, text } from "../support/inputs";

const FUNCTION_NAME = text(/^[a-zA-Z0-9-_]{1,64}$/, "the name of a Lambda function");
const CODE_DEPLOY_NAME = z.string().min(1).max(100);

/** The knobs, without the strategy: CodeDeploy's group has it, and only its description is needed here. */
const knobs = z.object(functionKnobs).omit({ strategy: true }).shape;

/** Used for the state of a rollout that lacks it. */
const USUAL_SECONDS = rolloutSeconds(z.object(knobs).parse({}));

/** The optional inputs. */
const safeguards = {
  ...knobs,
  /** How the deployment group shifts traffic, in words. */
  trafficShift: z.string().min(1).default("as the deployment group says"),
  /** Where a version's release is found: in its environment variable `RELEASE`, or the version's number is the release itself. */
  releaseFrom: z.enum(["environment", "version"]).default("environment"),
  /**
   * What is rolled out. `api` is the API of a model, whose function writes metrics for each release and whose stack has config. `function`
   * is any function in anybody's program, which has only Lambda's own metrics.
   */
  kind: z.enum(["api", "function"]).default("api"),
  /**
   * What hooks do. All report to CodeDeploy. Hooks with a verdict also answer and log it, with the reason, and can be called without a
   * deployment.
   */
  hookAnswer: z.enum(["verdict", "none"]).default("verdict"),
  /** Percentage points by which the new release may refuse more of the callers' rows than the old one. @default - any */
  refusalsPercentAboveBlue: z.number().min(0).optional(),
  /** Allowed errors of the function in a minute of callers' requests, once the new release has all traffic. @default - any */
  functionErrorsPerMinute: z.number().min(0).optional(),
  /** Releases whose endpoints are in service. The alias is flipped to one of them at once, without CodeDeploy. */
  standbyReleases: z.array(z.string().min(1)).default([]),
  /** Seconds after which the rollout stops waiting. */
  timeoutSeconds: positive().default(USUAL_SECONDS),
};

const probe = z
  .strictObject({
    /** CSV rows for `predict`, all in each request. Give either these, `requests` or `event`. */
    rows: z.array(z.string().min(1)).min(1).optional(),
    /** Bodies for `predict` that it passes through, one in each request, in turn. */
    requests: z
      .array(
        z.strictObject({
          body: z.string().min(1),
          isBase64Encoded: z.boolean().optional(),
          contentType: z.string().min(1),
        }),
      )
      .min(1)
      .optional(),
    /** Any event, as JSON. */
    event: z.string().min(1).optional(),
    /** What the answer to `event` must contain, as JSON. @default - any answer that is no error */
    expect: z.string().min(1).optional(),
    /** Requests per second. */
    perSecond: positive().max(MOST_PROBES_PER_SECOND),
  })
  .refine(
    ({ rows, requests, event }) => [rows, requests, event].filter((one) => one !== undefined).length === 1,
    "must have either rows, requests or an event",
  );

export const rolloutSchema = z.strictObject({
  region: region(),
  functionName: FUNCTION_NAME,
  /** Published version to send the traffic to. */
  functionVersion: text(/^[1-9]\d*$/, "a published version (a number, not $LATEST)"),
  /** Alias that this resource owns. It is created with the first release, moved by CodeDeploy, and deleted with the resource. */
  aliasName: text(/^(?!\d+$)[a-zA-Z0-9-_]{1,128}$/, "the name of a Lambda alias"),
  /** Id of the release that is to be live. If it is live already, nothing is deployed, whatever `functionVersion` says. */
  release: z.string().min(1),
  /** CodeDeploy application (compute platform Lambda) and deployment group that say how the traffic is shifted. */
  applicationName: CODE_DEPLOY_NAME,
  deploymentGroupName: CODE_DEPLOY_NAME,
  /** Function that must approve before any traffic is shifted. If it gives verdicts, it must also approve before the first release goes live. */
  preTrafficHook: FUNCTION_NAME.optional(),
  /** Function that must approve once all traffic is shifted. */
  postTrafficHook: FUNCTION_NAME.optional(),
  /** Description of the alias. */
  description: z.string().max(256).optional(),
  /** Requests of our own for the new version, from its first traffic until the end of the bake. */
  probe: probe.optional(),
  ...safeguards,
});

/** What a program says. */
export type LambdaRolloutGiven = z.input<typeof rolloutSchema>;
/** What is to be live, and how it gets there. */
export type LambdaRolloutInputs = z.output<typeof rolloutSchema>;

/** Defaults of inputs that the program does not give. */
export const ROLLOUT_DEFAULTS = z.object(safeguards).parse({});

/** What is true after each call of the provider, even if the rollout failed. */
export interface LambdaRolloutResults {
  /** Release that the alias serves. */
  liveRelease: string;
  /** Version that the alias points to. */
  liveVersion: string;
  aliasArn: string;
  /** CodeDeploy's id of the last rollout's deployment; "" if none was needed. */
  deploymentId: string;
  /**
   * The result of the last rollout: the first release went live, another release was deployed, the alias was flipped to a warm release, the
   * release was live already, or the rollout failed.
   */
  outcome: "created" | "deployed" | "flipped" | "unchanged" | "failed";
  /** Since when the live release serves, such as `2026-03-01T12:00:00Z`; "" if that is not known. */
  liveSince: string;
  /** Releases whose rollout came to its end, newest first, the live one included; each once, at most 10. */
  history: string[];
  /** Alarms that the last rollout did not watch because it was an emergency. */
  ignoredAlarms: string[];
}

export type LambdaRolloutOutputs = LambdaRolloutInputs & LambdaRolloutResults;
