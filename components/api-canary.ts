import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as s3 from "@pulumi/aws/s3";
import * as synthetics from "@pulumi/aws/synthetics";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CANARY_FOLDERS } from "../lib/monitoring-names";
import { packageRoot } from "../lib/package-root";
import type { ApiCanaryArgs, ApiCanaryNodes } from "./api-canary/arguments";
import { artifactBucket, RETENTION_DAYS, type ArtifactBucketNodes } from "./api-canary/artifact-bucket";
import { checkCanary } from "./api-canary/checks";
import { folderIn, permissions, settings } from "./api-canary/script";
import { serviceRole } from "./service-role";
import { transform } from "./support/transform";

/**
 * A canary of CloudWatch Synthetics in front of an API: it sends one known request every few minutes as a caller would, and looks at status,
 * time and prediction. So an outage is found that no caller has met yet. Its alarm tells of it.
 *
 * Removal leaves nothing: the canary's function and layer go with it, its log group and its bucket are children of this component, and its
 * role cannot make another log group. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/synthetics_canaries_deletion.html
 */
export class ApiCanary extends pulumi.ComponentResource {
  /** Name of the canary. */
  readonly canaryName: pulumi.Output<string>;
  /** Name of the alarm. */
  readonly alarmName: pulumi.Output<string>;
  /** Where the artifacts of its runs are. */
  readonly artifactsUri: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: ApiCanaryNodes;

  constructor(name: string, args: ApiCanaryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ApiCanary", name, {}, opts);
    checkCanary(args, this);
    const place = this.createBucket(name, args);
    this.artifactsUri = pulumi.interpolate`s3://${place.bucketName}/${place.folder}${CANARY_FOLDERS.runs}`;
    const { arn, role, policy } = serviceRole(
      `${name}-role`,
      {
        description: `Canary ${args.canaryName}: asks the API for a known prediction`,
        service: "lambda.amazonaws.com",
        statements: permissions(args, this.artifactsUri, this),
        tags: args.tags,
        transform: args.transform,
      },
      this,
    );
    const script = this.createScript(name, args, place);
    const canary = this.createCanary(name, args, arn, script);
    const logGroup = new cloudwatch.LogGroup(
      ...transform(
        args.transform?.logGroup,
        `${name}-log`,
        { name: canary.engineArn.apply(logGroupOf), retentionInDays: RETENTION_DAYS, tags: args.tags },
        { parent: this },
      ),
    );
    const alarm = this.createAlarm(name, args, canary);
    this.canaryName = canary.name;
    this.alarmName = alarm.name;
    this.nodes = { canary, script, role, policy, logGroup, alarm, ...place.nodes };
    this.registerOutputs({
      canaryName: this.canaryName,
      alarmName: this.alarmName,
      artifactsUri: this.artifactsUri,
    });
  }

  /** A private bucket for the artifacts, unless there is a place for them. */
  private createBucket(name: string, { folderUri, kmsKeyArn, tags, transform: changes }: ApiCanaryArgs): Place {
    if (folderUri !== undefined) {
      const given = pulumi.output(folderUri).apply(folderIn);
      return { bucketName: given.bucket, folder: given.folder, dependsOn: [], nodes: {} };
    }
    const nodes = artifactBucket(
      `${name}-artifacts`,
      { runs: CANARY_FOLDERS.runs, kmsKeyArn, tags, transform: changes },
      this,
    );
    const { bucket, ...settings } = nodes;
    return { bucketName: bucket.bucket, folder: pulumi.output(""), dependsOn: Object.values(settings), nodes };
  }

  /**
   * The script as Synthetics takes it. Its key tells its content: Synthetics reads it when the canary is made or changed, and a change of the
   * object alone is none of the canary.
   */
  private createScript(name: string, args: ApiCanaryArgs, { bucketName, folder, dependsOn }: Place): s3.BucketObjectv2 {
    const file = join(packageRoot(), "dist", "handlers", "canary", "index.js");
    const digest = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 16);
    const source = new pulumi.asset.AssetArchive({
      "nodejs/node_modules/canary.js": new pulumi.asset.FileAsset(file),
    });
    return new s3.BucketObjectv2(
      ...transform(
        args.transform?.script,
        `${name}-script`,
        { bucket: bucketName, key: pulumi.interpolate`${folder}${CANARY_FOLDERS.script}/${digest}.zip`, source },
        { parent: this, dependsOn: [...dependsOn] },
      ),
    );
  }

  private createCanary(
    name: string,
    args: ApiCanaryArgs,
    executionRoleArn: pulumi.Output<string>,
    script: s3.BucketObjectv2,
  ): synthetics.Canary {
    const { runtimeVersion = this.newestRuntime(), intervalMinutes = INTERVAL_MINUTES } = args;
    return new synthetics.Canary(
      ...transform(
        args.transform?.canary,
        name,
        {
          name: args.canaryName,
          artifactS3Location: pulumi.interpolate`${this.artifactsUri}/`,
          executionRoleArn,
          handler: "canary.handler",
          runtimeVersion,
          s3Bucket: script.bucket,
          s3Key: script.key,
          schedule: { expression: `rate(${intervalMinutes} minute${intervalMinutes === 1 ? "" : "s"})` },
          runConfig: { timeoutInSeconds: 60, memoryInMb: 960, environmentVariables: settings(args) },
          successRetentionPeriod: RETENTION_DAYS,
          failureRetentionPeriod: RETENTION_DAYS,
          startCanary: true,
          deleteLambda: true,
          tags: args.tags,
        },
        { parent: this },
      ),
    );
  }

  /** The newest runtime of its family that the region has. A newer one is an update of the canary. */
  private newestRuntime(): pulumi.Output<string> {
    return synthetics.getRuntimeVersionOutput({ prefix: RUNTIMES, latest: true }, { parent: this }).versionName;
  }

  /**
   * Looks at two runs together: one failed run of two is below 90 %, and where neither has left a result, the canary itself does not run, which
   * is as bad.
   */
  private createAlarm(name: string, args: ApiCanaryArgs, canary: synthetics.Canary): cloudwatch.MetricAlarm {
    const actions = args.notificationTopicArn === undefined ? undefined : [args.notificationTopicArn];
    const { intervalMinutes = INTERVAL_MINUTES } = args;
    return new cloudwatch.MetricAlarm(
      ...transform<cloudwatch.MetricAlarmArgs>(
        args.transform?.alarm,
        `${name}-alarm`,
        {
          name: args.canaryName,
          alarmDescription: `Canary ${args.canaryName}: fewer than ${LEAST_SUCCESS_PERCENT} % of two runs succeed, or it does not run`,
          namespace: "CloudWatchSynthetics",
          metricName: "SuccessPercent",
          dimensions: { CanaryName: canary.name },
          statistic: "Average",
          period: 2 * 60 * intervalMinutes,
          evaluationPeriods: 1,
          comparisonOperator: "LessThanThreshold",
          threshold: LEAST_SUCCESS_PERCENT,
          treatMissingData: "breaching",
          alarmActions: actions,
          okActions: actions,
          tags: args.tags,
        },
        { parent: this },
      ),
    );
  }
}

/** Where script and artifacts are: the bucket, and in it the folder, which is empty or ends in a slash. */
interface Place {
  readonly bucketName: pulumi.Output<string>;
  readonly folder: pulumi.Output<string>;
  readonly dependsOn: readonly pulumi.Resource[];
  readonly nodes: Partial<ArtifactBucketNodes>;
}

/** Minutes between two runs, where nothing else is said. */
export const INTERVAL_MINUTES = 10;
const LEAST_SUCCESS_PERCENT = 90;
/** Runtimes whose scripts lie in `nodejs/node_modules` of the zip. */
const RUNTIMES = "syn-nodejs-puppeteer";

/** The log group of a canary's function, by the function's ARN with its version. */
function logGroupOf(engineArn: string): string {
  const [, functionName = ""] = /:function:([^:]+)/.exec(engineArn) ?? [];
  return `/aws/lambda/${functionName}`;
}
