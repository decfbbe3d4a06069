import * as pulumi from "@pulumi/pulumi";
import {
  DRIFT_METRICS,
  MONITORING_FOLDER,
  MONITORING_SUBFOLDERS,
  monitoringNames,
} from "../../../lib/monitoring-names";
import { modelPrefix, roleFolder } from "../../../lib/release";
import type { Statement } from "../../service-role";
import type { Arns } from "../names";
import { allow } from "./allow";
import { deployAlarms, deployFunctions, deployLogGroups, functionArns } from "./api";

/** What is watched, and where. */
export interface Watched {
  readonly model: string;
  readonly bucket: pulumi.Input<string>;
  readonly arns: Arns;
}

/**
 * What `pulumi up`, `refresh` and `destroy` do for `DriftMonitor` and `ModelQualityMonitor` in production. No role of another stack may write
 * their programs.
 */
export function deployMonitors({ model, bucket, arns }: Watched): Statement[] {
  const prefix = modelPrefix(model);
  const { schedule, driftAlarm, qualitySchedule, qualityAlarm } = monitoringNames(prefix);
  const schedules = [schedule, qualitySchedule];
  const code = `${prefix}/${MONITORING_FOLDER}/${MONITORING_SUBFOLDERS.code}/*`;
  return [
    deployFunctions(schedules.map((name) => arns.of("lambda", `function:${name}`))),
    deployLogGroups(schedules.map((name) => arns.of("logs", `log-group:/aws/lambda/${name}*`))),
    deployAlarms([driftAlarm, qualityAlarm].map((name) => arns.of("cloudwatch", `alarm:${name}*`))),
    allow(
      "events",
      schedules.map((name) => arns.of("events", `rule/${name}*`)),
      [
        "PutRule",
        "DescribeRule",
        "DeleteRule",
        "PutTargets",
        "RemoveTargets",
        "ListTargetsByRule",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
      ],
    ),
    allow(
      "s3",
      [arns.s3(pulumi.interpolate`${bucket}/${code}`)],
      ["PutObject", "GetObject", "DeleteObject", "DeleteObjectVersion", "PutObjectTagging", "GetObjectTagging"],
    ),
    allow("s3", [arns.s3(bucket)], ["ListBucketVersions"]),
    // What is copied to where only this build writes.
    allow("s3", [arns.s3(pulumi.interpolate`${bucket}/${prefix}/${MONITORING_FOLDER}/baseline/*`)], ["GetObject"]),
    ...deployModelMonitor(arns, schedule),
  ];
}

/** Job definitions and schedules of Model Monitor. A schedule is stopped before it is deleted, and so are its jobs, which AWS names. */
function deployModelMonitor(arns: Arns, schedule: string): Statement[] {
  return [
    allow(
      "sagemaker",
      ["data-quality-job-definition", "monitoring-schedule"].map((kind) =>
        arns.of("sagemaker", `${kind}/${schedule}-*`),
      ),
      [
        "CreateDataQualityJobDefinition",
        "DescribeDataQualityJobDefinition",
        "DeleteDataQualityJobDefinition",
        "CreateMonitoringSchedule",
        "UpdateMonitoringSchedule",
        "StartMonitoringSchedule",
        "StopMonitoringSchedule",
        "DescribeMonitoringSchedule",
        "DeleteMonitoringSchedule",
        "AddTags",
        "ListTags",
        "DeleteTags",
      ],
    ),
    allow("sagemaker", "*", ["ListMonitoringExecutions"]),
    allow("sagemaker", [arns.of("sagemaker", "processing-job/model-monitoring-*")], ["StopProcessingJob"]),
  ];
}

/** The most that the roles of monitors can do: their functions start jobs, and these put the metrics that their alarms read. */
export function ofMonitors({ model, arns }: Watched): Statement[] {
  const prefix = modelPrefix(model);
  const { schedule, qualitySchedule } = monitoringNames(prefix);
  const schedules = [schedule, qualitySchedule];
  return [
    allow("lambda", functionArns(`${prefix}-api`, arns), ["GetFunctionConfiguration", "ListVersionsByFunction"]),
    allow(
      "sagemaker",
      schedules.map((name) => arns.of("sagemaker", `processing-job/${name}-*`)),
      ["CreateProcessingJob", "DescribeProcessingJob", "AddTags"],
    ),
    // What was measured in a release's training, by which its quality is judged.
    allow("sagemaker", [arns.of("sagemaker", `training-job/${prefix}-*`)], ["DescribeTrainingJob"]),
    allow("iam", [arns.iam(`role${roleFolder(model, "prod")}*`)], ["PassRole"], {
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    }),
    allow("cloudwatch", "*", ["PutMetricData"], { StringEquals: { "cloudwatch:namespace": DRIFT_METRICS.namespace } }),
    allow(
      "logs",
      schedules.map((name) => arns.of("logs", `log-group:/aws/lambda/${name}:*`)),
      ["CreateLogStream", "PutLogEvents"],
    ),
  ];
}
