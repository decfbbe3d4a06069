import * as pulumi from "@pulumi/pulumi";
import {
  canaryEngines,
  MONITORING_FOLDER,
  MONITORING_SUBFOLDERS,
  monitoringNames,
} from "../../../lib/monitoring-names";
import { modelPrefix } from "../../../lib/release";
import type { Statement } from "../../service-role";
import { allow } from "./allow";
import { deployAlarms, deployLogGroups } from "./api";
import type { Watched } from "./monitors";

const namesOf = (model: string) => {
  const { canary } = monitoringNames(modelPrefix(model));
  return { canary, engines: canaryEngines(canary) };
};

const folder = ({ model, bucket, arns }: Watched, path: string) =>
  arns.s3(
    pulumi.interpolate`${bucket}/${modelPrefix(model)}/${MONITORING_FOLDER}/${MONITORING_SUBFOLDERS.canary}/${path}/*`,
  );

/**
 * What `pulumi up`, `refresh` and `destroy` do for `ApiCanary` in production. Synthetics makes and deletes the canary's function and its layer
 * in the name of whoever makes the canary.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_UserPermissions.html
 */
export function deployCanary(watched: Watched): Statement[] {
  const { model, arns } = watched;
  const { canary, engines } = namesOf(model);
  return [
    // AWS's authorization data lists no resource for these.
    allow("synthetics", "*", ["CreateCanary", "DescribeRuntimeVersions"]),
    allow(
      "synthetics",
      [arns.of("synthetics", `canary:${canary}`)],
      [
        "GetCanary",
        "UpdateCanary",
        "DeleteCanary",
        "StartCanary",
        "StopCanary",
        "TagResource",
        "UntagResource",
        "ListTagsForResource",
      ],
    ),
    allow(
      "lambda",
      [arns.of("lambda", `function:${engines}`)],
      [
        "CreateFunction",
        "AddPermission",
        "PublishVersion",
        "GetFunction",
        "GetFunctionConfiguration",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "DeleteFunction",
      ],
    ),
    allow(
      "lambda",
      [arns.of("lambda", `layer:${engines}`)],
      ["PublishLayerVersion", "GetLayerVersion", "DeleteLayerVersion"],
    ),
    deployLogGroups([arns.of("logs", `log-group:/aws/lambda/${engines}`)]),
    deployAlarms([arns.of("cloudwatch", `alarm:${canary}`)]),
    allow(
      "s3",
      [folder(watched, "script")],
      ["PutObject", "GetObject", "DeleteObject", "DeleteObjectVersion", "PutObjectTagging", "GetObjectTagging"],
    ),
  ];
}

/** The most that the role of `ApiCanary` can do: ask the API, leave artifacts, and put the metrics that its alarm reads. */
export function ofCanary(watched: Watched): Statement[] {
  const { model, arns } = watched;
  return [
    allow("s3", [folder(watched, "runs")], ["PutObject"]),
    allow("s3", "*", ["ListAllMyBuckets"]),
    // AWS chooses the ids of APIs and keys.
    allow("execute-api", [arns.of("execute-api", "*/*/POST/api")], ["Invoke"]),
    allow("apigateway", [arns.apiGateway("/apikeys/*")], ["GET"]),
    allow("cloudwatch", "*", ["PutMetricData"], { StringEquals: { "cloudwatch:namespace": "CloudWatchSynthetics" } }),
    allow(
      "logs",
      [arns.of("logs", `log-group:/aws/lambda/${namesOf(model).engines}`)],
      ["CreateLogStream", "PutLogEvents"],
    ),
  ];
}
