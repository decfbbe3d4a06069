import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as iam from "@pulumi/aws/iam";
import type * as lambda from "@pulumi/aws/lambda";
import type * as s3 from "@pulumi/aws/s3";
import type * as pulumi from "@pulumi/pulumi";
import type { SaneAnswer } from "../../lib/model-format";
import type { FunctionNodes, FunctionTransforms } from "../blue-green-api/transforms";
import type { RoleTransforms } from "../service-role";
import type { Transform } from "../support/transform";
import type { VpcPlacement } from "../support/vpc";

/** Arguments of {@link DriftMonitor}. */
export interface DriftMonitorArgs {
  /**
   * Name of the monitor: its function, its rule, the dimension `MonitoringSchedule` of its metrics, and the beginning of its jobs' names. At
   * most 41 characters. Another name is another monitor.
   */
  readonly monitorName: string;
  /**
   * Name of the function that answers for the model, such as `safeModel.nodes.api.nodes.predict.function.name`. Each version must name its
   * endpoint and its release in its environment, as those of `SafeModel` and `BlueGreenApi` do.
   */
  readonly functionName: pulumi.Input<string>;
  /** The function's alias, whose routing says which releases have traffic. @default "live" */
  readonly aliasName?: pulumi.Input<string>;
  /** S3 URI that the traffic is captured to, such as `capture.destinationUri` of `SafeModel`. */
  readonly captureUri: pulumi.Input<string>;
  /**
   * S3 URI of the folder of a release's baseline, with `{release}` in the place of the release's id, such as
   * `s3://bucket/baselines/{release}` where `outputUri` of `BaselineJob` was `s3://bucket/baselines/r1`. It must have `statistics.json` and
   * `constraints.json`.
   */
  readonly baselineUri: pulumi.Input<string>;
  /**
   * S3 URI of the folder of what the monitor writes: its program below `code`, and reports below `reports/<endpoint>/<yyyy>/<mm>/<dd>/<hh>`,
   * by the begin of the window in UTC.
   */
  readonly outputUri: pulumi.Input<string>;
  /** Column of the baseline that the predictions are compared with. @default - its first column */
  readonly target?: string;
  /** What the model answers, as `check.accept`. Vectors, and JSON without a path, are not compared. @default - numbers */
  readonly answer?: SaneAnswer;
  /** Columns whose drift counts for the alarm: inputs, and the target for the predictions. @default - all */
  readonly watched?: readonly string[];
  /** Greatest distance from the baseline that is no drift, above 0 and below 1. @default 0.2 */
  readonly threshold?: number;
  /** The same of single columns. @default - `threshold` */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** Fewest rows of a window that are compared. Of fewer, neither drift nor its absence is said. @default 100 */
  readonly leastRows?: number;
  /** Seconds of a window: whole minutes, up to a day. Windows lie end to end. @default 3600 */
  readonly windowSeconds?: number;
  /**
   * When the last whole window is looked at, in EventBridge's words and UTC. It should be as often as there are windows, and some minutes
   * after each, since captures arrive late.
   * @default - "cron(10 * * * ? *)", ten minutes past every hour
   */
  readonly schedule?: string;
  /** How many of the last windows must have drifted. @default - `{ windows: 1, of: 1 }` */
  readonly alarmAfter?: {
    readonly windows: number;
    readonly of: number;
  };
  /** Name of the alarm for drift; that for failed jobs is called `<alarmName>-jobs`. @default - `<monitorName>-drift` */
  readonly alarmName?: string;
  /** ARN of the SNS topic that is told when one of the alarms changes. @default - nobody is told */
  readonly notificationTopicArn?: pulumi.Input<string>;
  /** Instance type of the jobs. @default "ml.m5.large" */
  readonly instanceType?: string;
  /** Size of the jobs' volumes in GB. @default 30 */
  readonly volumeSizeInGB?: number;
  /** Seconds after which SageMaker stops a job, at most 5 days. @default 1800 */
  readonly maxRuntimeSeconds?: number;
  /** URI of the jobs' image: Python 3.9 or newer with NumPy, pandas and boto3. @default - SageMaker's scikit-learn 1.2-1 */
  readonly image?: pulumi.Input<string>;
  /** Network of the jobs. It must lead to S3 and CloudWatch. @default - SageMaker's own */
  readonly vpc?: VpcPlacement;
  /** Key that has encrypted the captures, and that encrypts volumes, reports and the function's environment. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days for which the function's log is kept. @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: DriftMonitorTransforms;
}

/** What a program changes of the children of `DriftMonitor`. */
export interface DriftMonitorTransforms {
  /** The role of the jobs, and its policy. */
  readonly job?: RoleTransforms;
  /** The function that starts them. */
  readonly starter?: FunctionTransforms;
  readonly rule?: Transform<cloudwatch.EventRuleArgs>;
  readonly target?: Transform<cloudwatch.EventTargetArgs>;
  readonly permission?: Transform<lambda.PermissionArgs>;
  readonly driftAlarm?: Transform<cloudwatch.MetricAlarmArgs>;
  readonly jobsAlarm?: Transform<cloudwatch.MetricAlarmArgs>;
}

/** The children of `DriftMonitor`, by the keys of `transform`. */
export interface DriftMonitorNodes {
  readonly job: {
    /** The role that the jobs run as. */
    readonly role: iam.Role;
    /** All that it may do. */
    readonly policy: iam.RolePolicy;
  };
  readonly starter: FunctionNodes;
  readonly rule: cloudwatch.EventRule;
  readonly target: cloudwatch.EventTarget;
  readonly permission: lambda.Permission;
  readonly driftAlarm: cloudwatch.MetricAlarm;
  /** Fires if jobs cannot be started or have failed. */
  readonly jobsAlarm: cloudwatch.MetricAlarm;
  /** The program and its settings, as they were uploaded. */
  readonly code: readonly s3.BucketObjectv2[];
}
