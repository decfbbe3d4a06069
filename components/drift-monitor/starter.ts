import * as pulumi from "@pulumi/pulumi";
import { DRIFT_METRICS, DRIFT_SETTINGS, MONITORING_SUBFOLDERS } from "../../lib/monitoring-names";
import { hasLocalStorage } from "../../lib/local-storage";
import { withinLimit } from "../blue-green-api/environment";
import { bundle, nodeFunction } from "../blue-green-api/node-function";
import type { FunctionNodes } from "../blue-green-api/transforms";
import { findBucket, readFolders, runContainer, useKey, useVpc, writeFolder } from "../container-permissions";
import type { UploadedSource } from "../jobs/source";
import { serviceRole, type ServiceRole } from "../service-role";
import type { DriftMonitorArgs } from "./arguments";

/** Where a monitor runs, as its provider says. */
export interface Place {
  readonly partition: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
}

const INSTANCE_TYPE = "ml.m5.large";

/** The role of the jobs: reads captures and baselines, writes reports and the metrics of drift, and can do nothing else. */
export function jobRole(
  name: string,
  args: DriftMonitorArgs,
  {
    image,
    code,
    place,
  }: { readonly image: pulumi.Input<string>; readonly code: UploadedSource; readonly place: Place },
  parent: pulumi.Resource,
): ServiceRole {
  const { partition } = place;
  // All releases' baselines: the old release is watched too while the new one takes over.
  const baselines = pulumi.output(args.baselineUri).apply((uri) => uri.replaceAll("{release}", "*"));
  return serviceRole(
    `${name}-job-role`,
    {
      description: `Drift jobs of ${args.monitorName}: read captures and baselines, write reports and metrics`,
      service: "sagemaker.amazonaws.com",
      statements: [
        ...readFolders(partition, [args.captureUri, baselines, code.folderUri]),
        writeFolder(partition, reportsUri(args)),
        findBucket(partition, args.outputUri),
        {
          Action: "cloudwatch:PutMetricData",
          Resource: "*",
          Condition: { StringEquals: { "cloudwatch:namespace": DRIFT_METRICS.namespace } },
        },
        ...runContainer(partition, image, "/aws/sagemaker/ProcessingJobs"),
        ...useKey(args.kmsKeyArn, { writes: true, volumes: volumeKey(args) !== undefined }),
        ...useVpc(partition, args.vpc),
      ],
      tags: args.tags,
      transform: args.transform?.job,
    },
    parent,
  );
}

/** The function that starts the jobs, and may start no others. */
export function starterFunction(
  name: string,
  args: DriftMonitorArgs,
  job: { readonly image: pulumi.Input<string>; readonly code: UploadedSource; readonly role: ServiceRole },
  place: Place,
  parent: pulumi.Resource,
): FunctionNodes {
  const { partition, region, accountId } = place;
  const watched = pulumi.interpolate`arn:${partition}:lambda:${region}:${accountId}:function:${args.functionName}`;
  const jobs = pulumi.interpolate`arn:${partition}:sagemaker:${region}:${accountId}:processing-job/${args.monitorName}-*`;
  const settings = pulumi.jsonStringify(settingsOf(args, job, place));
  return nodeFunction(
    name,
    {
      functionName: args.monitorName,
      description: `Starts the drift jobs of the releases that ${args.monitorName} watches`,
      code: bundle("start-drift"),
      environment: withinLimit(args.monitorName, { [DRIFT_SETTINGS]: settings }, parent),
      statements: [
        {
          Action: ["lambda:GetAlias", "lambda:GetFunctionConfiguration"],
          Resource: [watched, pulumi.interpolate`${watched}:*`],
        },
        {
          Action: ["sagemaker:CreateProcessingJob", "sagemaker:DescribeProcessingJob", "sagemaker:AddTags"],
          Resource: jobs,
        },
        {
          Action: "iam:PassRole",
          Resource: job.role.arn,
          Condition: { StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } },
        },
        // SageMaker makes the grant for a volume in the name of whoever starts the job.
        ...useKey(volumeKey(args), { writes: false, volumes: true }),
      ],
      timeoutSeconds: 60,
      memorySizeMB: 256,
      publish: false,
      kmsKeyArn: args.kmsKeyArn,
      logRetentionDays: args.logRetentionDays ?? 365,
      tags: args.tags,
      transform: args.transform?.starter,
    },
    parent,
  );
}

/** What the function is told: `DriftSettings` in `handlers/drift-settings.ts`. */
function settingsOf(
  args: DriftMonitorArgs,
  {
    image,
    code,
    role,
  }: { readonly image: pulumi.Input<string>; readonly code: UploadedSource; readonly role: ServiceRole },
  { region }: Place,
) {
  return {
    functionName: args.functionName,
    aliasName: args.aliasName ?? "live",
    schedule: args.monitorName,
    region,
    windowSeconds: args.windowSeconds ?? 3600,
    codeUri: code.uploadedUri,
    baselineUri: withoutSlash(args.baselineUri),
    capturesUri: withoutSlash(args.captureUri),
    reportsUri: reportsUri(args),
    image,
    jobRoleArn: role.arn,
    instanceType: args.instanceType ?? INSTANCE_TYPE,
    volumeSizeInGB: args.volumeSizeInGB ?? 30,
    maxRuntimeSeconds: args.maxRuntimeSeconds ?? 1800,
    kmsKeyArn: args.kmsKeyArn,
    volumeKmsKeyArn: volumeKey(args),
    vpc: args.vpc,
    tags: args.tags,
  };
}

/** Where the reports of all endpoints are. */
export function reportsUri({ outputUri }: DriftMonitorArgs): pulumi.Output<string> {
  return pulumi.interpolate`${withoutSlash(outputUri)}/${MONITORING_SUBFOLDERS.reports}`;
}

function withoutSlash(uri: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(uri).apply((text) => text.replace(/\/+$/, ""));
}

/** The key of a job's volume; none where the instance encrypts it. */
function volumeKey({ kmsKeyArn, instanceType = INSTANCE_TYPE }: DriftMonitorArgs) {
  return hasLocalStorage(instanceType) ? undefined : kmsKeyArn;
}
