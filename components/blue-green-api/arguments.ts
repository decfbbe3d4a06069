import type * as pulumi from "@pulumi/pulumi";
import type { ApiKnobs } from "../../lib/knobs";
import type { ModelCheck, ModelRequest } from "../../lib/model-format";
import type { Authorization, Cors, CustomDomain } from "./front-options";
import type { OwnHandler, VpcPlace } from "./function-options";
import type { BlueGreenApiTransforms } from "./transforms";

/** An endpoint with one variant. Pass outputs of the resource that creates it, so that no traffic shifts before it is in service. */
export interface EndpointReference {
  /** Name of the endpoint. */
  readonly endpointName: pulumi.Input<string>;
  /** ARN of the endpoint. */
  readonly endpointArn: pulumi.Input<string>;
  /** Name of its variant. */
  readonly variantName: pulumi.Input<string>;
}

/** Arguments of `BlueGreenApi`. */
export interface BlueGreenApiArgs extends ApiKnobs<pulumi.Input<string>, pulumi.Input<string>> {
  /**
   * Name of the function, the API and the CodeDeploy application, such as `mlops-nyctaxi-api`: letters, digits, hyphens and underscores, at
   * most 36, since the hooks are called `CodeDeployHook_<apiName>-post-traffic` and Lambda allows 64. Another name replaces them all: the API
   * is down meanwhile, and gets another address.
   */
  readonly apiName: string;
  /** The release that is to be live: lower-case letters, digits and inner hyphens, as SageMaker writes names in ARNs. */
  readonly release: string;
  /** The release's endpoint, whose name must contain the release's id: an `AutoscaledEndpoint`, or these three values of another one. */
  readonly endpoint: EndpointReference;
  /** What callers send, and what the model gets. @default - rows of numbers */
  readonly request?: ModelRequest;
  /** What a new release must answer, before it has traffic and after. */
  readonly check: ModelCheck;
  /**
   * S3 prefix of captured traffic. Captures of the new endpoint must arrive there before the rollout counts as done.
   * @default - captures are not looked for, and the endpoint may be one that captures nothing
   */
  readonly dataCaptureUri?: pulumi.Input<string>;
  /**
   * Name of a function that is asked before any traffic moves, after the built check. It is invoked with `{ "release", "endpointName" }` and must
   * answer its verdict, `{ "status": "Succeeded" or "Failed", "reason": "…" }`, within 14 minutes. The built hook reports it to CodeDeploy.
   * @default - the built check alone
   */
  readonly preTrafficHook?: pulumi.Input<string>;
  /** The same, once all traffic has moved. @default - the built check alone, if there is a `dataCaptureUri` */
  readonly postTrafficHook?: pulumi.Input<string>;
  /** A handler of your own in the built one's place. @default - the built one */
  readonly handler?: OwnHandler;
  /**
   * Memory of the function in MB, 128 to 10,240. Its processor grows with it; docs/performance.md has times and costs. A change is
   * rolled out with the next release.
   * @default 1024
   */
  readonly memorySize?: number;
  /**
   * Seconds that the function has for a request, 1 to 900, and at most 29 behind an API, which waits no longer. `drainSeconds` must be longer.
   * A change is rolled out with the next release.
   * @default 10
   */
  readonly timeout?: number;
  /**
   * More environment variables of the function, which has room for 4 KB in all. Values are in the stack's state, so they must be no secrets. A
   * change is rolled out with the next release.
   * @default - none
   */
  readonly environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Where the function runs in a VPC. It must reach SageMaker's runtime there. The hooks, which see no request, stay outside. @default - in none */
  readonly vpc?: VpcPlace;
  /**
   * How many requests the function answers at a time, at most; they are taken from the account's limit. Probes take two of them. It counts at
   * once, for all releases.
   * @default - as many as the account allows
   */
  readonly reservedConcurrency?: number;
  /**
   * Environments of the live release's function that are kept warm, and paid for by the hour. They belong to the alias. During a shift AWS
   * shares them out by the weights; when the alias has moved, it makes those of the new version, which takes it some minutes.
   * https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
   * @default - none
   */
  readonly provisionedConcurrency?: number;
  /** ARNs of layer versions that the function has, at most 5. A change is rolled out with the next release. @default - none */
  readonly layers?: readonly pulumi.Input<string>[];
  /**
   * What callers reach the function by: a REST API of API Gateway, or nothing but the alias itself (`aliasArn`), which takes the events that
   * such an API would send. A change from `rest` deletes the API and its address.
   * @default "rest"
   */
  readonly front?: "rest" | "none";
  /** Who may call the API: callers that sign with IAM credentials, callers with an API key, or everybody. @default "iam" */
  readonly auth?: Authorization;
  /** Requests per second, in the long run and at once. @default 50 and 100 */
  readonly throttling?: { readonly rateLimit: number; readonly burstLimit: number };
  /** Lets pages of another origin call the API from a browser. @default - browsers refuse them the answers */
  readonly cors?: Cors;
  /** A name of your own for the API. @default - AWS's own address alone */
  readonly customDomain?: CustomDomain;
  /** ARN of a regional WAF web ACL (v2) that looks at each request first. @default - none */
  readonly wafAclArn?: pulumi.Input<string>;
  /** Whether to give API Gateway the account-wide role with which it writes access logs, if it has none. @default true */
  readonly createAccountLogRole?: boolean;
  /** Releases whose endpoints are kept warm. The API goes back to one of them at once, without a shift. @default - none */
  readonly standbyReleases?: readonly string[];
  /** Key that encrypts the functions' environment. @default - a key that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days that the logs of functions and API are kept. @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Changes to the arguments and options of the children, by the keys of `nodes`. @default - none */
  readonly transform?: BlueGreenApiTransforms;
}
