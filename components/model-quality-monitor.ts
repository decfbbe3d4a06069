import * as pulumi from "@pulumi/pulumi";
import { MONITORING_SUBFOLDERS, QUALITY_ERRORS, QUALITY_MEASURES, QUALITY_SETTINGS } from "../lib/monitoring-names";
import { listFolder } from "./container-permissions";
import { qualityAlarm } from "./model-quality-monitor/alarm";
import type { ModelQualityMonitorArgs, ModelQualityMonitorNodes } from "./model-quality-monitor/arguments";
import { modelQualityMonitorProblems } from "./model-quality-monitor/checks";
import type { MonitorKind, Place } from "./monitoring/kind";
import { monitorParts } from "./monitoring/parts";
import { withoutSlash } from "./monitoring/starter";
import type { Statement } from "./service-role";
import { refuse } from "./support/problems";

/**
 * Measures how well a model predicts, once the true values are known. Every night, a SageMaker processing job joins the captured predictions
 * of the last days with labels, which you put into a folder in S3, and writes RMSE and bias, or accuracy, F1, AUC and Brier score, with their
 * confidence intervals, for each day. An alarm fires if the model predicts worse than its limit by more than chance: what drift of its inputs
 * cannot show.
 *
 * Each night costs a job for each release that has answered in these days: a few minutes of an instance. Any days can be measured by hand: invoke the
 * function with `{ "from": "2026-03-01T00:00:00Z", "to": "2026-03-08T00:00:00Z" }`. How labels are written: docs/monitoring/quality.md.
 *
 * @example
 * new ModelQualityMonitor("quality", {
 *   monitorName: "churn-quality",
 *   functionName: model.nodes.api.nodes.predict.function.name,
 *   captureUri, // `capture.destinationUri` of the `SafeModel`
 *   outputUri: "s3://bucket/churn/monitoring", // labels in its folder `labels`
 *   problemType: "BinaryClassification",
 *   training: { jobName: "churn-{release}", metricName: "validation:auc" },
 *   notificationTopicArn: topic.arn,
 * });
 */
export class ModelQualityMonitor extends pulumi.ComponentResource {
  /** Name of the alarm for quality. */
  readonly alarmName: pulumi.Output<string>;
  /** ARN of the alarm for quality. */
  readonly alarmArn: pulumi.Output<string>;
  /** Name of the function that starts the jobs. */
  readonly starterName: pulumi.Output<string>;
  /** S3 URI of the folder that labels must be put into. */
  readonly labelsUri: pulumi.Output<string>;
  /** S3 URI that the reports of all endpoints are below. */
  readonly reportsUri: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: ModelQualityMonitorNodes;

  constructor(name: string, args: ModelQualityMonitorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:ModelQualityMonitor", name, {}, opts);
    refuse(modelQualityMonitorProblems(args), this);
    this.labelsUri = withoutSlash(args.labelsUri ?? folder(args, MONITORING_SUBFOLDERS.labels));
    const kind = qualityKind(args, this.labelsUri);
    const quality = qualityAlarm(name, args, kind.alarmName, this);
    this.nodes = { ...monitorParts(name, args, kind, this), qualityAlarm: quality };
    this.alarmName = quality.name;
    this.alarmArn = quality.arn;
    this.starterName = this.nodes.starter.function.name;
    this.reportsUri = kind.reportsUri;
    this.registerOutputs({
      alarmName: this.alarmName,
      alarmArn: this.alarmArn,
      starterName: this.starterName,
      labelsUri: this.labelsUri,
      reportsUri: this.reportsUri,
    });
  }
}

/** What of a monitor for quality is its own. */
function qualityKind(args: ModelQualityMonitorArgs, labelsUri: pulumi.Output<string>): MonitorKind {
  const { problemType = "Regression", answer, probabilityThreshold, leastPairs, limit, training } = args;
  const measure = args.measure ?? QUALITY_MEASURES[problemType][0];
  const reportsUri = folder(args, MONITORING_SUBFOLDERS.quality);
  const ofTraining =
    training === undefined
      ? undefined
      : { ...training, factor: training.factor ?? DEFAULT_FACTOR, isError: QUALITY_ERRORS.includes(measure) };
  return {
    about: "quality",
    handler: "start-quality",
    variable: QUALITY_SETTINGS,
    settings: { days: args.days ?? 7, labelsUri, training: ofTraining },
    starterStatements: (place) => [
      ...findOldReleases(args, place),
      ...(training === undefined ? [] : [lookAtTrainings(training.jobName, place)]),
    ],
    programSettings: { problemType, answer, probabilityThreshold, leastPairs, measure, limit },
    // What was written before, too: only a day that has changed is written again.
    reads: [labelsUri, reportsUri],
    outputUri: args.outputUri,
    reportsUri,
    schedule: args.schedule ?? "cron(30 2 * * ? *)",
    alarmName: args.alarmName ?? `${args.monitorName}-alarm`,
  };
}

const DEFAULT_FACTOR = 1.25;

function folder({ outputUri }: ModelQualityMonitorArgs, name: string): pulumi.Output<string> {
  return pulumi.interpolate`${withoutSlash(outputUri)}/${name}`;
}

/** Labels that arrive after a takeover are about a release that the function's alias names no more. */
function findOldReleases({ functionName, captureUri }: ModelQualityMonitorArgs, place: Place) {
  const { partition, region, accountId } = place;
  const versions = pulumi.interpolate`arn:${partition}:lambda:${region}:${accountId}:function:${functionName}`;
  return [{ Action: "lambda:ListVersionsByFunction", Resource: versions }, listFolder(partition, captureUri)];
}

/** All attempts at the trainings of all releases: the old release is watched too while the new one takes over. */
function lookAtTrainings(jobName: pulumi.Input<string>, { partition, region, accountId }: Place): Statement {
  const jobs = pulumi.output(jobName).apply((name) => `training-job/${name.replaceAll("{release}", "*")}*`);
  return {
    Action: "sagemaker:DescribeTrainingJob",
    Resource: pulumi.interpolate`arn:${partition}:sagemaker:${region}:${accountId}:${jobs}`,
  };
}
