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

/** Arguments of every monitor of a model. */
export interface MonitorArgs {
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
  /** What the model answers, as `check.accept`. Vectors, and JSON without a path, are not looked at. @default - numbers */
  readonly answer?: SaneAnswer;
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
  /** Key that has encrypted what the jobs read, and that encrypts volumes, reports and the function's environment. @default - keys that AWS manages */
  readonly kmsKeyArn?: pulumi.Input<string>;
  /** Days for which the function's log is kept. @default 365 */
  readonly logRetentionDays?: number;
  /** @default - none */
  readonly tags?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** What a program changes of the children of every monitor. */
export interface MonitorTransforms {
  /** The role of the jobs, and its policy. */
  readonly job?: RoleTransforms;
  /** The function that starts them. */
  readonly starter?: FunctionTransforms;
  readonly rule?: Transform<cloudwatch.EventRuleArgs>;
  readonly target?: Transform<cloudwatch.EventTargetArgs>;
  readonly permission?: Transform<lambda.PermissionArgs>;
  readonly jobsAlarm?: Transform<cloudwatch.MetricAlarmArgs>;
}

/** The children of every monitor, by the keys of `transform`. */
export interface MonitorNodes {
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
  /** Fires if jobs cannot be started or have failed. */
  readonly jobsAlarm: cloudwatch.MetricAlarm;
  /** The program and its settings, as they were uploaded. */
  readonly code: readonly s3.BucketObjectv2[];
}
