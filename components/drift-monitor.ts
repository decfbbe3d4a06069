import * as pulumi from "@pulumi/pulumi";
import { DRIFT_SETTINGS, MONITORING_SUBFOLDERS } from "../lib/monitoring-names";
import { driftAlarm } from "./drift-monitor/alarm";
import type { DriftMonitorArgs, DriftMonitorNodes } from "./drift-monitor/arguments";
import { driftMonitorProblems } from "./drift-monitor/checks";
import { modelMonitor } from "./drift-monitor/model-monitor";
import type { MonitorKind } from "./monitoring/kind";
import { monitorParts } from "./monitoring/parts";
import { withoutSlash } from "./monitoring/starter";
import { refuse } from "./support/problems";

/**
 * Watches the traffic of a model for drift. Every hour, a SageMaker processing job compares the inputs and the predictions of the last hour
 * with the baseline of the release that answered, and writes a report and metrics. An alarm fires if a column is too far from its baseline.
 * Which releases are watched follows the traffic: the old one too while a new one takes over, the old one again after a rollback, and none
 * that is only kept.
 *
 * Each window costs one job: a few minutes of an instance. Any other window can be looked at by hand: invoke the function with
 * `{ "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z" }`. What the reports and metrics say: docs/monitoring/drift.md.
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
  /** Name of the function that starts the jobs; none with `engine: "modelMonitor"`. */
  readonly starterName: pulumi.Output<string> | undefined;
  /** S3 URI that the reports of all endpoints are below. */
  readonly reportsUri: pulumi.Output<string>;
  /** The resources that it is made of. */
  readonly nodes: DriftMonitorNodes;

  constructor(name: string, args: DriftMonitorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:DriftMonitor", name, {}, opts);
    refuse(driftMonitorProblems(args), this);
    const kind = driftKind(args);
    const drift = driftAlarm(name, args, kind.alarmName, this);
    const { endpoint } = args;
    const parts =
      endpoint === undefined ? monitorParts(name, args, kind, this) : modelMonitor(name, args, endpoint, kind, this);
    this.nodes = { ...parts, driftAlarm: drift };
    this.alarmName = drift.name;
    this.alarmArn = drift.arn;
    this.starterName = this.nodes.starter?.function.name;
    this.reportsUri = kind.reportsUri;
    this.registerOutputs({
      alarmName: this.alarmName,
      alarmArn: this.alarmArn,
      starterName: this.starterName,
      reportsUri: this.reportsUri,
    });
  }
}

/** What of a monitor for drift is its own. */
function driftKind(args: DriftMonitorArgs): MonitorKind {
  const { target, answer, watched, threshold, thresholds, leastRows, canary, monitorName, outputUri } = args;
  return {
    about: "drift",
    handler: "start-drift",
    variable: DRIFT_SETTINGS,
    settings: { windowSeconds: args.windowSeconds ?? 3600, baselineUri: withoutSlash(args.baselineUri) },
    starterStatements: () => [],
    programSettings: {
      ...{ target, answer, watched, threshold, thresholds, leastRows },
      canary: canary && { row: canary.row, intervalSeconds: 60 * canary.intervalMinutes },
    },
    // All releases' baselines: the old release is watched too while the new one takes over.
    reads: [pulumi.output(args.baselineUri).apply((uri) => uri.replaceAll("{release}", "*"))],
    outputUri,
    reportsUri: pulumi.interpolate`${withoutSlash(outputUri)}/${MONITORING_SUBFOLDERS.reports}`,
    schedule: args.schedule ?? "cron(10 * * * ? *)",
    alarmName: args.alarmName ?? `${monitorName}-drift`,
  };
}
