import * as pulumi from "@pulumi/pulumi";
import { DRIFT_METRICS } from "../../lib/monitoring-names";
import { hasLocalStorage } from "../../lib/local-storage";
import { withinLimit } from "../blue-green-api/environment";
import { bundle, nodeFunction } from "../blue-green-api/node-function";
import type { FunctionNodes } from "../blue-green-api/transforms";
import { findBucket, readFolders, runContainer, useKey, useVpc, writeFolder } from "../container-permissions";
import type { UploadedSource } from "../jobs/source";
import { serviceRole, type ServiceRole } from "../service-role";
import type { MonitorArgs } from "./arguments";
import type { AnyMonitorArgs, MonitorKind, Place } from "./kind";

export const INSTANCE_TYPE = "ml.m5.large";

/** What a job runs. */
interface JobImage {
  readonly image: pulumi.Input<string>;
  readonly code: UploadedSource;
}

/** The role of the jobs: reads captures and what the kind of monitor reads, writes reports and metrics, and can do nothing else. */
export function jobRole(
  name: string,
  args: AnyMonitorArgs,
  kind: MonitorKind,
  { image, code, place }: JobImage & { readonly place: Place },
  parent: pulumi.Resource,
): ServiceRole {
  const { partition } = place;
  return serviceRole(
    `${name}-job-role`,
    {
      description: `Jobs of ${args.monitorName}: read captures, find ${kind.about}, write reports and metrics`,
      service: "sagemaker.amazonaws.com",
      statements: [
        ...readFolders(partition, [args.captureUri, ...kind.reads, code.folderUri]),
        writeFolder(partition, kind.reportsUri),
        findBucket(partition, kind.outputUri),
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
  args: AnyMonitorArgs,
  kind: MonitorKind,
  { place, ...job }: JobImage & { readonly role: ServiceRole; readonly place: Place },
  parent: pulumi.Resource,
): FunctionNodes {
  const { partition, region, accountId } = place;
  const watched = pulumi.interpolate`arn:${partition}:lambda:${region}:${accountId}:function:${args.functionName}`;
  const jobs = pulumi.interpolate`arn:${partition}:sagemaker:${region}:${accountId}:processing-job/${args.monitorName}-*`;
  const settings = pulumi.jsonStringify({
    ...settingsOf(args, job, place),
    reportsUri: kind.reportsUri,
    ...kind.settings,
  });
  return nodeFunction(
    name,
    {
      functionName: args.monitorName,
      description: `Starts the ${kind.about} jobs of the releases that ${args.monitorName} watches`,
      code: bundle(kind.handler),
      environment: withinLimit(args.monitorName, { [kind.variable]: settings }, parent),
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
        ...kind.starterStatements(place),
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

/** What the function of every monitor is told: `monitorRules` in `handlers/monitor-settings.ts`. */
function settingsOf(
  args: MonitorArgs,
  { image, code, role }: JobImage & { readonly role: ServiceRole },
  { region }: Place,
) {
  return {
    functionName: args.functionName,
    aliasName: args.aliasName ?? "live",
    schedule: args.monitorName,
    region,
    codeUri: code.uploadedUri,
    capturesUri: withoutSlash(args.captureUri),
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

/** An S3 URI that another part can follow. */
export function withoutSlash(uri: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(uri).apply((text) => text.replace(/\/+$/, ""));
}

/** The key of a job's volume; none where the instance encrypts it. */
export function volumeKey({ kmsKeyArn, instanceType = INSTANCE_TYPE }: MonitorArgs) {
  return hasLocalStorage(instanceType) ? undefined : kmsKeyArn;
}
