import type * as pulumi from "@pulumi/pulumi";
import type { ApiKnobs } from "../../lib/knobs";
import type { AutoscaledEndpointArgs, DataCapture } from "../autoscaled-endpoint/arguments";
import type { BlueGreenApiArgs } from "../blue-green-api/arguments";
import type { Transform } from "../support/transform";
import type { VpcPlacement } from "../support/vpc";

/** What a model runs on: instances or serverless, and all else of an `AutoscaledEndpoint` that `SafeModel` does not say itself. */
export type Serving = Omit<
  AutoscaledEndpointArgs,
  | "endpointName"
  | "variantName"
  | "image"
  | "modelDataUrl"
  | "environment"
  | "vpc"
  | "dataCapture"
  | "kmsKeyArn"
  | "standby"
  | "adopt"
  | "tags"
>;

/** The function in front of the endpoints, where it is not to be as the project makes it. */
export type ModelFunction = Pick<BlueGreenApiArgs, (typeof FUNCTION_KEYS)[number]>;

/** The REST API in front of the function. */
export type ModelFront = Pick<BlueGreenApiArgs, (typeof FRONT_KEYS)[number]>;

/** What an earlier release consists of, where it is something else than the live one; `tags` are those of its endpoint. */
export type ReleaseContent = Partial<Pick<SafeModelArgs, (typeof CONTENT_KEYS)[number]>>;

/** What a program changes of the children of a `SafeModel`. */
export interface SafeModelTransforms {
  /** Called for the endpoint of each release, with its name. */
  readonly endpoint?: Transform<AutoscaledEndpointArgs>;
  readonly api?: Transform<BlueGreenApiArgs>;
}

/** Arguments of {@link SafeModel}. */
export interface SafeModelArgs {
  /**
   * Id of the release that is to be live: lower-case letters, digits and inner hyphens. Another one gets an endpoint of its own and, if it is
   * good, takes over. That of the release before is deleted then.
   */
  readonly release: string;
  /**
   * S3 URI of the release's model archive, such as `training.modelDataUrl`. What a release consists of (`model`, `image`, `environment`, `serve`)
   * should stay as it is: a change within a release replaces what is behind its endpoint without downtime, and without a check. Take another
   * `release` instead.
   * @default - the image needs none
   */
  readonly model?: pulumi.Input<string>;
  /** URI of the serving image. @default - see `serve.containers` and `serve.modelPackageArn` */
  readonly image?: pulumi.Input<string>;
  /** Environment variables of the container. Not for secrets: whoever may describe the model reads them. @default - none */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the model runs on, such as `{ instanceType: "ml.m5.large", minInstances: 1, maxInstances: 4 }` or `{ serverless: … }`. */
  readonly serve: Serving;
  /** What callers send, and what of it the model gets. @default - rows of numbers */
  readonly request?: BlueGreenApiArgs["request"];
  /** What a release must answer, before it has traffic and after. */
  readonly check: BlueGreenApiArgs["check"];
  /** Who reaches the model, and how; `"none"` makes no API: call the function by `aliasArn`. @default - requests signed with IAM credentials */
  readonly front?: ModelFront | "none";
  /** The function in front of the endpoints: its size, its network, a handler of your own. @default - the built one */
  readonly function?: ModelFunction;
  /** Which requests and answers are kept. A rollout then also checks that those of the new release arrive. @default - none */
  readonly capture?: DataCapture;
  /** How the traffic moves to a new release, and what stops it: `strategy`, `alarms`, `bakeSeconds` and more. @default - see each */
  readonly rollout?: ApiKnobs<pulumi.Input<string>, pulumi.Input<string>>;
  /** Network of the model's containers. The function has its own, `function.vpc`. @default - SageMaker's own */
  readonly vpc?: VpcPlacement;
  /** See `BlueGreenApi`. @default - the built check alone */
  readonly preTrafficHook?: BlueGreenApiArgs["preTrafficHook"];
  /** See `BlueGreenApi`. @default - the built check alone */
  readonly postTrafficHook?: BlueGreenApiArgs["postTrafficHook"];
  /** Name of function, API and CodeDeploy's application, at most 36 characters. Another name replaces them. @default - the component's name */
  readonly apiName?: string;
  /** What the names of the endpoints begin with, before the release. @default - `apiName` and a hyphen */
  readonly endpointPrefix?: string;
  /** Name of the only variant of each endpoint. @default "all" */
  readonly variantName?: string;
  /**
   * Earlier releases whose endpoints stay beside the live one, each on one instance, and what they consist of. `releasesBefore` tells which
   * were live.
   * @default - none
   */
  readonly keptReleases?: Readonly<Record<string, ReleaseContent>>;
  /**
   * Releases that the last update kept, by its output `keptReleases`. The API goes back to one of them at once, without a shift.
   * @default - none: going back is a rollout like any other
   */
  readonly warmReleases?: readonly string[];
  /** Whether the release's endpoint is in AWS already, although the stack does not know it: see `AutoscaledEndpoint`. @default false */
  readonly adopt?: boolean;
  /** Key that encrypts volumes, captures and the functions' environment. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days that the logs of functions and API are kept. @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: SafeModelTransforms;
}

export const CONTENT_KEYS = ["model", "image", "environment", "serve", "tags"] as const;

export const FUNCTION_KEYS = [
  "handler",
  "memorySize",
  "timeout",
  "environment",
  "vpc",
  "reservedConcurrency",
  "provisionedConcurrency",
  "layers",
] as const satisfies (keyof BlueGreenApiArgs)[];

export const FRONT_KEYS = [
  "auth",
  "throttling",
  "cors",
  "customDomain",
  "wafAclArn",
  "createAccountLogRole",
] as const satisfies (keyof BlueGreenApiArgs)[];

/** Every argument; the compiler sees that none is missing. */
export const ARGUMENTS: Readonly<Record<keyof Required<SafeModelArgs>, true>> = {
  release: true,
  model: true,
  image: true,
  environment: true,
  serve: true,
  request: true,
  check: true,
  front: true,
  function: true,
  capture: true,
  rollout: true,
  vpc: true,
  preTrafficHook: true,
  postTrafficHook: true,
  apiName: true,
  endpointPrefix: true,
  variantName: true,
  keptReleases: true,
  warmReleases: true,
  adopt: true,
  kmsKeyArn: true,
  logRetentionDays: true,
  tags: true,
  transform: true,
};
