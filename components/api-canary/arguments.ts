import type * as pulumi from "@pulumi/pulumi";
import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as s3 from "@pulumi/aws/s3";
import type * as synthetics from "@pulumi/aws/synthetics";
import type { ModelCheck, ModelRequest } from "../../lib/model-format";
import type { RoleTransforms, ServiceRole } from "../service-role";
import type { Transform } from "../support/transform";

/** Arguments of `ApiCanary`. */
export interface ApiCanaryArgs {
  /**
   * Name of the canary and of its alarm, such as `mlops-nyctaxi-canary`: lower-case letters, digits, hyphens and underscores, at most 255.
   * Another name replaces both.
   */
  readonly canaryName: string;
  /** Where to POST requests, such as `url` of a `BlueGreenApi`. */
  readonly url: pulumi.Input<string>;
  /** How the API lets the canary in. */
  readonly auth: CanaryAuthorization;
  /** What callers send, as for the API. @default - rows of numbers */
  readonly request?: ModelRequest;
  /** As for the API. The first of its requests is sent, and its answer must be what `acceptKnown`, or else `accept`, says. */
  readonly check: ModelCheck;
  /** Minutes from one run to the next, 1 to 60. Each run costs; the alarm looks at two of them. @default 10 */
  readonly intervalMinutes?: number;
  /** Milliseconds that an answer may take, 1 to 30,000, connection and cold start of the function included. @default 10000 */
  readonly mostLatencyMs?: number;
  /**
   * Runtime of the canary, whose scripts must lie in `nodejs/node_modules`.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Library.html
   * @default - the newest of `syn-nodejs-puppeteer` that the region has
   */
  readonly runtimeVersion?: pulumi.Input<string>;
  /**
   * S3 URI of a folder in a private bucket of your own, for the script (`script/`) and the artifacts of runs (`runs/`), which are removed by a
   * lifecycle rule of your own or stay. A change is an update.
   * @default - a private bucket that is emptied and deleted with the canary, where artifacts are kept for 31 days
   */
  readonly folderUri?: pulumi.Input<string>;
  /** KMS key of the bucket. It encrypts the component's own bucket; that of `folderUri` must have it already. @default - a key that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** SNS topic that is told when the alarm goes off and when all is well again. @default - nobody is told */
  readonly notificationTopicArn?: pulumi.Input<string>;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Changes to the arguments and options of the children, by the keys of `nodes`. @default - none */
  readonly transform?: ApiCanaryTransforms;
}

/** How an API lets a canary in. */
export type CanaryAuthorization =
  /** Requests are signed. `executionArn` is that of the REST API, whose `POST /api` is called, such as `arn:aws:execute-api:us-east-1:123456789012:abc`. */
  | { readonly type: "iam"; readonly executionArn: pulumi.Input<string> }
  /** `apiKeyId` is the key's id in API Gateway. Each run reads the key there, so that it is in no state and no environment. */
  | { readonly type: "apiKey"; readonly apiKeyId: pulumi.Input<string> }
  | { readonly type: "none" };

/** The children of `ApiCanary`. */
export interface ApiCanaryNodes extends Pick<ServiceRole, "role" | "policy"> {
  readonly canary: synthetics.Canary;
  readonly script: s3.BucketObjectv2;
  readonly logGroup: cloudwatch.LogGroup;
  readonly alarm: cloudwatch.MetricAlarm;
  /** @default - absent with `folderUri`, like the three below */
  readonly bucket?: s3.Bucket;
  readonly publicAccessBlock?: s3.BucketPublicAccessBlock;
  readonly lifecycle?: s3.BucketLifecycleConfiguration;
  /** @default - also absent without `kmsKeyArn` */
  readonly encryption?: s3.BucketServerSideEncryptionConfiguration;
}

/** What a program changes of the children of `ApiCanary`. */
export interface ApiCanaryTransforms extends RoleTransforms {
  readonly canary?: Transform<synthetics.CanaryArgs>;
  readonly script?: Transform<s3.BucketObjectv2Args>;
  readonly logGroup?: Transform<cloudwatch.LogGroupArgs>;
  readonly alarm?: Transform<cloudwatch.MetricAlarmArgs>;
  readonly bucket?: Transform<s3.BucketArgs>;
  readonly publicAccessBlock?: Transform<s3.BucketPublicAccessBlockArgs>;
  readonly lifecycle?: Transform<s3.BucketLifecycleConfigurationArgs>;
  readonly encryption?: Transform<s3.BucketServerSideEncryptionConfigurationArgs>;
}
