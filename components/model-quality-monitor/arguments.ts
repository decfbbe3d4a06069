import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as pulumi from "@pulumi/pulumi";
import type { ProblemType, QualityMeasure } from "../../lib/monitoring-names";
import type { MonitorArgs, MonitorNodes, MonitorTransforms } from "../monitoring/arguments";
import type { Transform } from "../support/transform";

/** Arguments of {@link ModelQualityMonitor}. */
export interface ModelQualityMonitorArgs extends MonitorArgs {
  /**
   * S3 URI of the folder of what the monitor writes: its program below `code`, and reports as `quality/<endpoint>/<yyyy-mm-dd>.json`, by the
   * day in UTC.
   */
  readonly outputUri: pulumi.Input<string>;
  /**
   * S3 URI of the folder of the files of labels, which docs/monitoring/quality.md describes. Whoever may write there decides what the alarm says.
   * @default - `<outputUri>/labels`
   */
  readonly labelsUri?: pulumi.Input<string>;
  /** What the model answers: numbers, or probabilities of class 1, whose labels are 0 and 1. @default "Regression" */
  readonly problemType?: ProblemType;
  /** The least probability that is taken for class 1. @default 0.5 */
  readonly probabilityThreshold?: number;
  /** What the alarm watches: `rmse` of numbers; `auc`, `f1`, `accuracy` or `brier` of classes. @default - the first of these */
  readonly measure?: QualityMeasure;
  /** The greatest `rmse` or `brier`, or the least score, that is well. Either it or `training` must be given. @default - by `training` */
  readonly limit?: number;
  /** What was measured in the training of the release, by which the limit is set. @default - by `limit` */
  readonly training?: TrainingLimit;
  /** Fewest predictions with labels of a day that are measured. Of fewer, nothing is said. @default 100 */
  readonly leastPairs?: number;
  /** How many whole days each run looks at, 1 to 30: labels of an older day come too late. @default 7 */
  readonly days?: number;
  /**
   * When the last days are looked at, in EventBridge's words and UTC. It should be once a day, and some time after midnight, since captures
   * arrive late.
   * @default - "cron(30 2 * * ? *)", half past two every night
   */
  readonly schedule?: string;
  /** Name of the alarm for quality; that for failed jobs is called `<alarmName>-jobs`. @default - `<monitorName>-alarm` */
  readonly alarmName?: string;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: ModelQualityMonitorTransforms;
}

/** A limit by a metric of the release's training job, the newest attempt at it. */
export interface TrainingLimit {
  /** Name of a release's training job, with `{release}` in the place of the release's id, such as `churn-{release}`. */
  readonly jobName: pulumi.Input<string>;
  /** Name of the metric, such as `validation:rmse`. It must be about the same measure. */
  readonly metricName: string;
  /**
   * How many times as great an `rmse` or `brier` may be; of a score, how many times as far from 1 it may be. @default 1.25
   */
  readonly factor?: number;
}

/** What a program changes of the children of `ModelQualityMonitor`. */
export interface ModelQualityMonitorTransforms extends MonitorTransforms {
  readonly qualityAlarm?: Transform<cloudwatch.MetricAlarmArgs>;
}

/** The children of `ModelQualityMonitor`, by the keys of `transform`. */
export interface ModelQualityMonitorNodes extends MonitorNodes {
  readonly qualityAlarm: cloudwatch.MetricAlarm;
}
