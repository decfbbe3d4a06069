import * as pulumi from "@pulumi/pulumi";
import type * as lambda from "@pulumi/aws/lambda";
import { deploymentGroup } from "./blue-green-api/deployment-group";
import { nodeFunction } from "./blue-green-api/node-function";
import { releaseAlarms } from "./blue-green-api/release-alarms";
import { RestFront, type Authorization } from "./blue-green-api/rest-front";
import { callerRegion } from "./caller";
import { LambdaRollout } from "./providers/lambda-rollout";
import { s3Arn, type Statement } from "./service-role";

/** What the new release must answer before it gets traffic. */
export interface PreTrafficCheck {
  /** Input rows as CSV, sent in one request. */
  readonly knownRows: readonly string[];
  /** Least and greatest prediction that is believed. */
  readonly minimumPrediction: number;
  readonly maximumPrediction: number;
}

/** An endpoint with one variant. Outputs of what makes it, so that nothing shifts before it is in service. */
export interface EndpointReference {
  readonly endpointName: pulumi.Input<string>;
  readonly endpointArn: pulumi.Input<string>;
  readonly endpointConfigArn: pulumi.Input<string>;
  readonly variantName: pulumi.Input<string>;
}

/** Arguments of {@link BlueGreenApi}. */
export interface BlueGreenApiArgs {
  /** Name of the function, the API and the CodeDeploy application, such as `mlops-nyctaxi-api`. At most 40 characters. */
  readonly apiName: string;
  /** The release that is to be live. */
  readonly release: string;
  /** Its endpoint: an {@link AutoscaledEndpoint}, or the same four facts of another one. */
  readonly endpoint: EndpointReference;
  readonly preTraffic: PreTrafficCheck;
  /** S3 prefix of captured traffic; captures of the new endpoint must arrive there before the rollout counts as done. */
  readonly dataCaptureUri: string;
  /** How traffic moves. @default "CodeDeployDefault.LambdaCanary10Percent5Minutes" */
  readonly deploymentConfigName?: string;
  /** Who may call the API: callers that sign with IAM credentials, callers with an API key, or everybody. @default "iam" */
  readonly auth?: Authorization;
  /** Requests per second, in the long run and at once. @default 50 and 100 */
  readonly throttling?: { readonly rateLimit: number; readonly burstLimit: number };
  /** Whether this API sets the account-wide role that API Gateway writes access logs under. @default true */
  readonly createAccountLogRole?: boolean;
  /** Key that encrypts the functions' environment. @default - a key that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Seconds the post-traffic hook waits for captures, up to 840. @default 300 */
  readonly captureWaitSeconds?: number;
  /** Seconds the old endpoint stays after the shift; longer than the function's timeout of 10. @default 30 */
  readonly drainSeconds?: number;
  /** Seconds between two looks at a deployment. @default 15 */
  readonly pollSeconds?: number;
  /** @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, string>>;
}

/**
 * An HTTPS API in front of the live release's endpoint. Another `release` is shifted to by CodeDeploy: a check before the traffic, a
 * share of the requests, all of them, a check of the captures; an alarm or a failed check at any time brings the old release back and
 * fails the update. The API's address never changes.
 */
export class BlueGreenApi extends pulumi.ComponentResource {
  /** Where to POST rows. */
  readonly url: pulumi.Output<string>;
  /** The release that the alias really serves; keeps its last value where a rollout fails. */
  readonly liveRelease: pulumi.Output<string>;
  /** The function version that the alias really points to. */
  readonly liveVersion: pulumi.Output<string>;
  /** CodeDeploy's id of the last deployment; empty where none was needed. */
  readonly deploymentId: pulumi.Output<string>;
  /** Value for the header `x-api-key`; a secret, and there only with `auth: "apiKey"`. */
  readonly apiKey: pulumi.Output<string> | undefined;

  constructor(name: string, args: BlueGreenApiArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:BlueGreenApi", name, {}, opts);
    const api = this.createFunction(name, args);
    const preTraffic = this.createPreTrafficHook(name, args);
    const postTraffic = this.createPostTrafficHook(name, args);
    const alarms = releaseAlarms(
      name,
      { function: api, functionName: args.apiName, aliasName: ALIAS, release: args.release },
      this,
    );
    const group = deploymentGroup(
      name,
      {
        applicationName: args.apiName,
        function: api,
        hooks: [preTraffic, postTraffic],
        alarms,
        deploymentConfigName: args.deploymentConfigName ?? "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        tags: args.tags,
      },
      this,
    );
    const rollout = new LambdaRollout(
      `${name}-rollout`,
      {
        region: callerRegion(this),
        functionName: api.name,
        functionVersion: api.version,
        aliasName: ALIAS,
        release: args.release,
        applicationName: group.appName,
        deploymentGroupName: group.deploymentGroupName,
        preTrafficHook: preTraffic.name,
        postTrafficHook: postTraffic.name,
        drainSeconds: args.drainSeconds ?? 30,
        pollSeconds: args.pollSeconds,
      },
      { parent: this },
    );
    const front = new RestFront(
      `${name}-rest`,
      {
        apiName: args.apiName,
        function: api,
        // The alias exists once the rollout has an answer.
        aliasName: rollout.aliasArn.apply(() => ALIAS),
        auth: args.auth ?? "iam",
        rateLimit: args.throttling?.rateLimit ?? 50,
        burstLimit: args.throttling?.burstLimit ?? 100,
        createAccountLogRole: args.createAccountLogRole ?? true,
        logRetentionDays: args.logRetentionDays ?? LOG_RETENTION_DAYS,
        tags: args.tags,
      },
      { parent: this },
    );
    this.url = front.url;
    this.apiKey = front.apiKey;
    this.liveRelease = rollout.liveRelease;
    this.liveVersion = rollout.liveVersion;
    this.deploymentId = rollout.deploymentId;
    this.registerOutputs({
      url: this.url,
      liveRelease: this.liveRelease,
      liveVersion: this.liveVersion,
      deploymentId: this.deploymentId,
    });
  }

  private createFunction(name: string, args: BlueGreenApiArgs): lambda.Function {
    return nodeFunction(
      name,
      {
        ...common(args),
        functionName: args.apiName,
        description: "Asks the live release's endpoint for predictions",
        handler: "predict",
        environment: { ENDPOINT_NAME: args.endpoint.endpointName, RELEASE: args.release },
        statements: [{ Action: "sagemaker:InvokeEndpoint", Resource: args.endpoint.endpointArn }],
        timeoutSeconds: 10,
        memorySizeMB: 256,
        publish: true,
      },
      this,
    );
  }

  private createPreTrafficHook(name: string, args: BlueGreenApiArgs): lambda.Function {
    const { knownRows, minimumPrediction, maximumPrediction } = args.preTraffic;
    return nodeFunction(
      `${name}-pre-traffic`,
      {
        ...common(args),
        functionName: `CodeDeployHook_${args.apiName}-pre-traffic`,
        description: "Before traffic shifts: asks the new endpoint for predictions whose range is known",
        handler: "pre-traffic",
        environment: {
          ENDPOINT_NAME: args.endpoint.endpointName,
          KNOWN_ROWS: JSON.stringify(knownRows),
          PREDICTION_MINIMUM: String(minimumPrediction),
          PREDICTION_MAXIMUM: String(maximumPrediction),
          REQUIRE_CAPTURE: "true",
        },
        statements: [
          { Action: ["sagemaker:DescribeEndpoint", "sagemaker:InvokeEndpoint"], Resource: args.endpoint.endpointArn },
          { Action: "sagemaker:DescribeEndpointConfig", Resource: args.endpoint.endpointConfigArn },
          ...reportVerdict(args.apiName),
        ],
        timeoutSeconds: 60,
        memorySizeMB: 256,
        publish: false,
      },
      this,
    );
  }

  private createPostTrafficHook(name: string, args: BlueGreenApiArgs): lambda.Function {
    const waitSeconds = args.captureWaitSeconds ?? 300;
    return nodeFunction(
      `${name}-post-traffic`,
      {
        ...common(args),
        functionName: `CodeDeployHook_${args.apiName}-post-traffic`,
        description: "After traffic has shifted: looks for captured requests of the new endpoint",
        handler: "post-traffic",
        environment: {
          ENDPOINT_NAME: args.endpoint.endpointName,
          VARIANT_NAME: args.endpoint.variantName,
          DATA_CAPTURE_URI: args.dataCaptureUri,
          CAPTURE_WAIT_SECONDS: String(waitSeconds),
          CAPTURE_POLL_SECONDS: String(Math.min(10, waitSeconds / 10)),
        },
        statements: [
          {
            Action: "s3:ListBucket",
            Resource: s3Arn(args.dataCaptureUri).apply((arn) => arn.replace(/\/.*$/, "")),
            Condition: { StringLike: { "s3:prefix": `${args.dataCaptureUri.replace(/^s3:\/\/[^/]+\//, "")}/*` } },
          },
          ...reportVerdict(args.apiName),
        ],
        timeoutSeconds: Math.ceil(waitSeconds) + 30,
        memorySizeMB: 256,
        publish: false,
      },
      this,
    );
  }
}

const ALIAS = "live";
const LOG_RETENTION_DAYS = 365;

function common(args: BlueGreenApiArgs) {
  return { kmsKeyArn: args.kmsKeyArn, logRetentionDays: args.logRetentionDays ?? LOG_RETENTION_DAYS, tags: args.tags };
}

/** What a hook needs to tell CodeDeploy its verdict on a deployment of this application. */
function reportVerdict(applicationName: string): Statement[] {
  return [
    {
      Action: "codedeploy:PutLifecycleEventHookExecutionStatus",
      Resource: `arn:aws:codedeploy:*:*:deploymentgroup:${applicationName}/${applicationName}`,
    },
  ];
}
