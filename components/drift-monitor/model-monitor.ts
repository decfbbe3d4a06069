import * as pulumi from "@pulumi/pulumi";
import * as sagemaker from "@pulumi/aws/sagemaker";
import { getPrebuiltEcrImageOutput } from "@pulumi/aws/sagemaker/getPrebuiltEcrImage";
import { join } from "node:path";
import { monitoringScheduleName } from "../../lib/monitoring-names";
import { packageRoot } from "../../lib/package-root";
import { named } from "../autoscaled-endpoint/named";
import { callerAccount, callerRegion } from "../caller";
import { digestOf, uploadSource } from "../jobs/source";
import { PREPROCESSOR } from "../monitoring/code";
import type { MonitorKind } from "../monitoring/kind";
import { placeOf } from "../monitoring/parts";
import { INSTANCE_TYPE, jobRole, volumeKey, withoutSlash } from "../monitoring/starter";
import { MonitoringScheduleStop } from "../resources/monitoring-schedule-stop";
import { transform } from "../support/transform";
import type { DriftMonitorArgs, DriftMonitorNodes, WatchedEndpoint } from "./arguments";
import { tellFailedJobs } from "./failed-jobs";

/** The image of Model Monitor. */
const ANALYZER = { repositoryName: "sagemaker-model-monitor-analyzer", imageTag: "latest" };
const PROCESSING = "/opt/ml/processing";
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/**
 * Has Model Monitor watch an endpoint. Each release has a schedule of its own, named after it: that of the release before is deleted with
 * its endpoint, and until then goes on watching it.
 */
export function modelMonitor(
  name: string,
  args: DriftMonitorArgs,
  endpoint: WatchedEndpoint,
  kind: MonitorKind,
  parent: pulumi.Resource,
): Omit<DriftMonitorNodes, "driftAlarm"> {
  const { release } = endpoint;
  const files = [{ key: PREPROCESSOR, path: join(packageRoot(), "monitoring", PREPROCESSOR) }];
  // Another content is in another folder, and so another job definition.
  const code = uploadSource(
    files,
    { name: () => `${name}-preprocessor`, digest: digestOf(files) },
    kind.outputUri,
    parent,
  );
  const image = args.image ?? getPrebuiltEcrImageOutput(ANALYZER, { parent }).registryPath;
  const role = jobRole(name, args, kind, { image, code, place: placeOf(parent) }, parent);
  const preprocessorUri = pulumi.interpolate`${code.uploadedUri}/${PREPROCESSOR}`;
  const made = transform<sagemaker.DataQualityJobDefinitionArgs>(
    args.transform?.jobDefinition,
    `${name}-${release}-quality`,
    definition(args, endpoint, { image, roleArn: role.arn, preprocessorUri, reportsUri: kind.reportsUri }),
    // The AWS provider would leave the old role in place.
    { parent, replaceOnChanges: ["roleArn"] },
  );
  const jobDefinition = new sagemaker.DataQualityJobDefinition(...named(args.monitorName, made));
  return {
    job: { role: role.role, policy: role.policy },
    code: code.objects,
    jobDefinition,
    ...tellFailedJobs(name, args, role.role.arn, parent),
    ...scheduled(name, args, release, jobDefinition, parent),
  };
}

/** The schedule, and what stops it before it is deleted. */
function scheduled(
  name: string,
  args: DriftMonitorArgs,
  release: string,
  jobDefinition: sagemaker.DataQualityJobDefinition,
  parent: pulumi.Resource,
) {
  const schedule = new sagemaker.MonitoringSchedule(
    ...transform<sagemaker.MonitoringScheduleArgs>(
      args.transform?.schedule,
      `${name}-${release}-schedule`,
      {
        name: monitoringScheduleName(args.monitorName, release),
        monitoringScheduleConfig: {
          monitoringJobDefinitionName: jobDefinition.name,
          monitoringType: "DataQuality",
          scheduleConfig: { scheduleExpression: scheduleExpression(args.windowSeconds) },
        },
        tags: args.tags,
      },
      { parent },
    ),
  );
  const scheduleStop = new MonitoringScheduleStop(
    `${name}-${release}-stop`,
    { region: callerRegion(parent), account: callerAccount(parent), scheduleName: schedule.name },
    { parent },
  );
  return { schedule, scheduleStop };
}

/** What a job runs and writes, and as which role. */
interface Job {
  readonly image: pulumi.Input<string>;
  readonly roleArn: pulumi.Input<string>;
  readonly preprocessorUri: pulumi.Input<string>;
  readonly reportsUri: pulumi.Input<string>;
}

function definition(
  args: DriftMonitorArgs,
  { endpointName, release }: WatchedEndpoint,
  { image, roleArn, preprocessorUri, reportsUri }: Job,
): sagemaker.DataQualityJobDefinitionArgs {
  const baseline = (file: string) => ({
    s3Uri: pulumi.interpolate`${withoutSlash(args.baselineUri)}/${file}.json`.apply((uri) =>
      uri.replaceAll("{release}", release),
    ),
  });
  return {
    roleArn,
    dataQualityAppSpecification: {
      imageUri: image,
      environment: { publish_cloudwatch_metrics: "Enabled" },
      recordPreprocessorSourceUri: preprocessorUri,
    },
    dataQualityBaselineConfig: {
      statisticsResource: baseline("statistics"),
      constraintsResource: baseline("constraints"),
    },
    dataQualityJobInput: {
      endpointInput: {
        endpointName,
        localPath: `${PROCESSING}/input/endpoint`,
        s3InputMode: "File",
        s3DataDistributionType: "FullyReplicated",
      },
    },
    dataQualityJobOutputConfig: {
      kmsKeyId: args.kmsKeyArn,
      monitoringOutputs: {
        s3Output: { s3Uri: reportsUri, localPath: `${PROCESSING}/output`, s3UploadMode: "EndOfJob" },
      },
    },
    jobResources: {
      clusterConfig: {
        instanceCount: 1,
        instanceType: args.instanceType ?? INSTANCE_TYPE,
        volumeSizeInGb: args.volumeSizeInGB ?? 30,
        volumeKmsKeyId: volumeKey(args),
      },
    },
    networkConfig: args.vpc && {
      vpcConfig: { subnets: list(args.vpc.subnetIds), securityGroupIds: list(args.vpc.securityGroupIds) },
    },
    stoppingCondition: { maxRuntimeInSeconds: args.maxRuntimeSeconds ?? 1800 },
    tags: args.tags,
  };
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html */
function scheduleExpression(windowSeconds = HOUR_SECONDS): string {
  switch (windowSeconds) {
    case HOUR_SECONDS:
      return "cron(0 * ? * * *)";
    case DAY_SECONDS:
      return "cron(0 0 ? * * *)";
    default:
      return `cron(0 0/${windowSeconds / HOUR_SECONDS} ? * * *)`;
  }
}

/** Pulumi's own types want lists that can be changed. */
function list(ids: pulumi.Input<readonly pulumi.Input<string>[]>): pulumi.Output<string[]> {
  return pulumi.output(ids).apply((known) => [...known]);
}
