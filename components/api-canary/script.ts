import * as pulumi from "@pulumi/pulumi";
import { VARIABLES } from "../../lib/contract";
import { canaryEngines } from "../../lib/monitoring-names";
import { folderOf } from "../../lib/s3-uri";
import { modelFormat } from "../blue-green-api/functions";
import { knownBodies } from "../blue-green-api/known-requests";
import { callerAccount, callerPartition, callerRegion } from "../caller";
import { findBucket, s3Place, useKey, writeFolder } from "../container-permissions";
import type { Statement } from "../service-role";
import type { ApiCanaryArgs } from "./arguments";

const MOST_LATENCY_MS = 10_000;

/** What the script knows of API and model. None of it is a secret. */
export function settings(args: ApiCanaryArgs): Record<string, pulumi.Input<string>> {
  const { auth, request, check } = args;
  const [first] = check.requests;
  return {
    [VARIABLES.apiUrl]: args.url,
    [VARIABLES.apiAuth]: auth.type,
    ...(auth.type === "apiKey" ? { [VARIABLES.apiKeyId]: auth.apiKeyId } : {}),
    [VARIABLES.mostLatencyMs]: String(args.mostLatencyMs ?? MOST_LATENCY_MS),
    [VARIABLES.knownRequests]: JSON.stringify(knownBodies(request, first === undefined ? [] : [first])),
    ...modelFormat(request, check.acceptKnown ?? check.accept),
  };
}

/**
 * What a canary's role needs: AWS's list, without making log groups, and only for its own artifacts.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Synthetics_Canaries_Roles.html
 */
export function permissions(
  args: ApiCanaryArgs,
  artifactsUri: pulumi.Output<string>,
  on: pulumi.Resource,
): pulumi.Input<Statement>[] {
  const partition = callerPartition(on);
  const logs = pulumi.interpolate`arn:${partition}:logs:${callerRegion(on)}:${callerAccount(on).id}:log-group`;
  return [
    writeFolder(partition, artifactsUri),
    findBucket(partition, artifactsUri),
    { Action: "s3:ListAllMyBuckets", Resource: "*" },
    {
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: pulumi.interpolate`${logs}:/aws/lambda/${canaryEngines(args.canaryName)}`,
    },
    {
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": "CloudWatchSynthetics" } },
    },
    ...useKey(args.kmsKeyArn, { writes: true, volumes: false }),
    ...mayCall(args, on),
  ];
}

function mayCall({ auth }: ApiCanaryArgs, on: pulumi.Resource): Statement[] {
  switch (auth.type) {
    case "none":
      return [];
    case "iam":
      return [{ Action: "execute-api:Invoke", Resource: pulumi.interpolate`${auth.executionArn}/*/POST/api` }];
    case "apiKey": {
      const keys = pulumi.interpolate`arn:${callerPartition(on)}:apigateway:${callerRegion(on)}::/apikeys`;
      return [{ Action: "apigateway:GET", Resource: pulumi.interpolate`${keys}/${auth.apiKeyId}` }];
    }
  }
}

/** The bucket of an S3 URI, and its folder, which is empty or ends in a slash. */
export function folderIn(uri: string) {
  const place = s3Place(uri);
  const folder = folderOf(place);
  return { bucket: place.bucket, folder: folder === "" ? "" : `${folder}/` };
}
