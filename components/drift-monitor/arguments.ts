import type * as cloudwatch from "@pulumi/aws/cloudwatch";
import type * as sagemaker from "@pulumi/aws/sagemaker";
import type * as pulumi from "@pulumi/pulumi";
import type { MonitorArgs, MonitorNodes, MonitorTransforms } from "../monitoring/arguments";
import type { Transform } from "../support/transform";

/** An endpoint, and the release that it serves. */
export interface WatchedEndpoint {
  /** Such as `endpointName` of `SafeModel`. */
  readonly endpointName: pulumi.Input<string>;
  /** Id of its release, by which its baseline is found. */
  readonly release: string;
}

/** Arguments of {@link DriftMonitor}. */
export interface DriftMonitorArgs extends MonitorArgs {
  /**
   * What looks at the captures: `own` is this package's program, `modelMonitor` is SageMaker Model Monitor, for accounts that AWS has it for.
   * Another engine replaces what starts the jobs; the alarm and its name stay. docs/monitoring/model-monitor.md says what Model Monitor cannot do.
   * @default "own"
   */
  readonly engine?: "own" | "modelMonitor";
  /**
   * The endpoint that Model Monitor watches, which should be that of the release whose rollout the monitor comes after. Given with `engine:
   * "modelMonitor"`, and only then.
   * @default - none: the own engine follows the function's alias
   */
  readonly endpoint?: WatchedEndpoint;
  /**
   * S3 URI of the folder of a release's baseline, with `{release}` in the place of the release's id, such as
   * `s3://bucket/baselines/{release}` where `outputUri` of `BaselineJob` was `s3://bucket/baselines/r1`. It must have `statistics.json` and
   * `constraints.json`. Whoever can write there can hide drift: `ModelBaseline` copies them to where no training may write.
   */
  readonly baselineUri: pulumi.Input<string>;
  /**
   * S3 URI of the folder of what the monitor writes: its program below `code`, and reports below `reports/<endpoint>/<yyyy>/<mm>/<dd>/<hh>`,
   * by the begin of the window in UTC.
   */
  readonly outputUri: pulumi.Input<string>;
  /** Column of the baseline that the predictions are compared with. @default - its first column */
  readonly target?: string;
  /**
   * Columns whose drift counts for the alarm: inputs, and the target for the predictions. With `engine: "modelMonitor"` it must be given, and
   * may name 10.
   * @default - all
   */
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
  /**
   * A canary that asks the same API, such as `ApiCanary`: as many of its requests are left out of a window as it sends. `row` is what it sends,
   * one line of CSV in the order of the baseline's inputs. Requests in JSON are not known by it. Not with `engine: "modelMonitor"`.
   * @default - none: all requests but a rollout's own probes are callers'
   */
  readonly canary?: {
    readonly row: string;
    readonly intervalMinutes: number;
  };
  /** Name of the alarm for drift; that for failed jobs is called `<alarmName>-jobs`. @default - `<monitorName>-drift` */
  readonly alarmName?: string;
  /** What this program changes of the children. @default - nothing */
  readonly transform?: DriftMonitorTransforms;
}

/** What a program changes of the children of `DriftMonitor`. */
export interface DriftMonitorTransforms extends MonitorTransforms {
  readonly driftAlarm?: Transform<cloudwatch.MetricAlarmArgs>;
  /** Model Monitor's job definition, and its schedule. */
  readonly jobDefinition?: Transform<sagemaker.DataQualityJobDefinitionArgs>;
  readonly schedule?: Transform<sagemaker.MonitoringScheduleArgs>;
  /** The rule that tells of jobs of Model Monitor's that have failed. */
  readonly failedRule?: Transform<cloudwatch.EventRuleArgs>;
  readonly failedTarget?: Transform<cloudwatch.EventTargetArgs>;
}

/** The children of `DriftMonitor`, by the keys of `transform`. What starts the jobs is of the own engine alone. */
export interface DriftMonitorNodes
  extends Pick<MonitorNodes, "job" | "code">, Partial<Omit<MonitorNodes, "job" | "code">> {
  readonly driftAlarm: cloudwatch.MetricAlarm;
  /** What Model Monitor is told, which alone has it, and the four below. */
  readonly jobDefinition?: sagemaker.DataQualityJobDefinition;
  readonly schedule?: sagemaker.MonitoringSchedule;
  /** Stops the schedule before it is deleted. */
  readonly scheduleStop?: pulumi.CustomResource;
  /** @default - absent also without `notificationTopicArn` */
  readonly failedRule?: cloudwatch.EventRule;
  readonly failedTarget?: cloudwatch.EventTarget;
}
