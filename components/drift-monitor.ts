import * as pulumi from "@pulumi/pulumi";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker/getPrebuiltEcrImage";
import { callerPartition, callerRegion } from "./caller";
import { driftAlarm, jobsAlarm } from "./drift-monitor/alarms";
import type { DriftMonitorArgs, DriftMonitorNodes } from "./drift-monitor/arguments";
import { driftMonitorProblems } from "./drift-monitor/checks";
import { uploadCode } from "./drift-monitor/code";
import { jobRole, reportsUri, starterFunction } from "./drift-monitor/starter";
import { refuse } from "./support/problems";
import { transform } from "./support/transform";

/**
 * Watches the traffic of a model for drift. Every hour, a SageMaker processing job compares the inputs and the predictions of the last hour
 * with the baseline of the release that answered, and writes a report and metrics. An alarm fires if a column is too far from its baseline.
 * Which releases are watched follows the traffic: the old one too while a new one takes over, the old one again after a rollback, and none
 * that is only kept.
 *
 * Each window costs one job: a few minutes of an instance. Any other window can be looked at by hand: invoke the function with
 * `{ "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z" }`. What the reports and metrics say: docs/monitoring.md.
 *
 * @example
 * new DriftMonitor("drift", {
 *   monitorName: "churn-drift",
 *   functionName: model.nodes.api.nodes.predict.function.name,
 *   captureUri, // `capture.destinationUri` of the `SafeModel`
 *   baselineUri: "s3://bucket/churn/baselines/{release}", // `outputUri` of the `BaselineJob`
 *   outputUri: "s3://bucket/churn/monitoring",
 *   notificationTopicArn: topic.arn,
 * });
 */
export class DriftMonitor extends pulumi.ComponentResource {
  /** Name of the alarm for drift. */
  readonly alarmName: pulumi.Output<string>;
  /** ARN of the alarm for drift. */
  readonly alarmArn: pulumi.Output<string>;
  /** Name of the function that starts the jobs. */
  readonly starterName: pulumi.Output<string>;
  /** S3 URI that the reports of all endpoints are below. */
  readonly reportsUri: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: DriftMonitorNodes;

  constructor(name: string, args: DriftMonitorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:DriftMonitor", name, {}, opts);
    refuse(driftMonitorProblems(args), this);
    const code = uploadCode(name, args, this);
    const image = args.image ?? getPrebuiltEcrImageOutput(SCIKIT_LEARN, { parent: this }).registryPath;
    const place = {
      partition: callerPartition(this),
      region: callerRegion(this),
      accountId: getCallerIdentityOutput({}, { parent: this }).accountId,
    };
    const role = jobRole(name, args, { image, code, place }, this);
    const starter = starterFunction(`${name}-start`, args, { image, code, role }, place, this);
    const drift = driftAlarm(name, args, this);
    this.nodes = {
      job: { role: role.role, policy: role.policy },
      starter,
      ...this.startBySchedule(name, args, starter.function),
      driftAlarm: drift,
      jobsAlarm: jobsAlarm(name, args, starter.function.name, this),
      code: code.objects,
    };
    this.alarmName = drift.name;
    this.alarmArn = drift.arn;
    this.starterName = starter.function.name;
    this.reportsUri = reportsUri(args);
    this.registerOutputs({
      alarmName: this.alarmName,
      alarmArn: this.alarmArn,
      starterName: this.starterName,
      reportsUri: this.reportsUri,
    });
  }

  /** EventBridge, which may call the function by this rule alone. */
  private startBySchedule(name: string, args: DriftMonitorArgs, starter: lambda.Function) {
    const parent = { parent: this };
    const rule = new cloudwatch.EventRule(
      ...transform(
        args.transform?.rule,
        `${name}-schedule`,
        {
          name: args.monitorName,
          description: `Starts the drift jobs of ${args.monitorName}`,
          scheduleExpression: args.schedule ?? "cron(10 * * * ? *)",
          tags: args.tags,
        },
        parent,
      ),
    );
    const permission = new lambda.Permission(
      ...transform(
        args.transform?.permission,
        `${name}-schedule`,
        {
          function: starter.name,
          action: "lambda:InvokeFunction",
          principal: "events.amazonaws.com",
          sourceArn: rule.arn,
        },
        parent,
      ),
    );
    const target = new cloudwatch.EventTarget(
      ...transform(
        args.transform?.target,
        `${name}-schedule`,
        { rule: rule.name, arn: starter.arn },
        {
          ...parent,
          dependsOn: permission,
        },
      ),
    );
    return { rule, permission, target };
  }
}

/** SageMaker's image with scikit-learn, whose NumPy and pandas the program uses. */
const SCIKIT_LEARN = { repositoryName: "sagemaker-scikit-learn", imageTag: "1.2-1-cpu-py3" };
