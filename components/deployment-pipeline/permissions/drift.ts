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
interface Watched {
  readonly model: string;
  readonly bucket: pulumi.Input<string>;
  readonly arns: Arns;
}

/** What `pulumi up`, `refresh` and `destroy` do for `DriftMonitor` in production. No role of another stack may write its program. */
export function deployDriftMonitor({ model, bucket, arns }: Watched): Statement[] {
  const prefix = modelPrefix(model);
  const { schedule, driftAlarm } = monitoringNames(prefix);
  const code = `${prefix}/${MONITORING_FOLDER}/${MONITORING_SUBFOLDERS.code}/*`;
  return [
    deployFunctions([arns.of("lambda", `function:${schedule}`)]),
    deployLogGroups([arns.of("logs", `log-group:/aws/lambda/${schedule}*`)]),
    deployAlarms([arns.of("cloudwatch", `alarm:${driftAlarm}*`)]),
    allow(
      "events",
      [arns.of("events", `rule/${schedule}`)],
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
  ];
}

/** The most that the roles of `DriftMonitor` can do: the function starts jobs, and these put the metrics that its alarm reads. */
export function ofDriftMonitor({ model, arns }: Watched): Statement[] {
  const prefix = modelPrefix(model);
  const { schedule } = monitoringNames(prefix);
  return [
    allow("lambda", functionArns(`${prefix}-api`, arns), ["GetFunctionConfiguration"]),
    allow(
      "sagemaker",
      [arns.of("sagemaker", `processing-job/${schedule}-*`)],
      ["CreateProcessingJob", "DescribeProcessingJob", "AddTags"],
    ),
    allow("iam", [arns.iam(`role${roleFolder(model, "prod")}*`)], ["PassRole"], {
      StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" },
    }),
    allow("cloudwatch", "*", ["PutMetricData"], { StringEquals: { "cloudwatch:namespace": DRIFT_METRICS.namespace } }),
    allow("logs", [arns.of("logs", `log-group:/aws/lambda/${schedule}:*`)], ["CreateLogStream", "PutLogEvents"]),
  ];
}
