import * as pulumi from "@pulumi/pulumi";
import { CANARY_FOLDERS, canaryEngines, monitoringNames } from "../../../lib/monitoring-names";
import { modelPrefix } from "../../../lib/release";
import type { Statement } from "../../service-role";
import { allow } from "./allow";
import { deployAlarms, deployLogGroups } from "./api";
import type { Arns } from "../names";

/** The model whose API the canary asks, and the bucket that the pipeline has made for the canary. */
export interface WithCanary {
  readonly model: string;
  readonly canaryBucket: pulumi.Input<string>;
  readonly arns: Arns;
}

const namesOf = (model: string) => {
  const { canary } = monitoringNames(modelPrefix(model));
  return { canary, engines: canaryEngines(canary) };
};

const folder = ({ canaryBucket, arns }: WithCanary, path: string) =>
  arns.s3(pulumi.interpolate`${canaryBucket}/${CANARY_FOLDERS.own}/${path}/*`);

/**
 * What `pulumi up`, `refresh` and `destroy` do for `ApiCanary` in production. Synthetics makes and deletes the canary's function and its layer
 * in the name of whoever makes the canary.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_UserPermissions.html
 */
export function deployCanary(watched: WithCanary): Statement[] {
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
      [folder(watched, CANARY_FOLDERS.script)],
      ["PutObject", "GetObject", "DeleteObject", "PutObjectTagging", "GetObjectTagging"],
    ),
    // Without the right to list, S3 reports a missing object as one that may not be read.
    allow("s3", [arns.s3(watched.canaryBucket)], ["ListBucket"]),
  ];
}

/** The most that the role of `ApiCanary` can do: ask the API, leave artifacts, and put the metrics that its alarm reads. */
export function ofCanary(watched: WithCanary): Statement[] {
  const { model, arns } = watched;
  return [
    allow("s3", [folder(watched, CANARY_FOLDERS.runs)], ["PutObject"]),
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
