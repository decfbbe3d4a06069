import * as pulumi from "@pulumi/pulumi";
import * as sagemaker from "@pulumi/aws/sagemaker";
import { monitoringScheduleName } from "../../lib/monitoring-names";
import { named } from "../autoscaled-endpoint/named";
import { callerAccount, callerRegion } from "../caller";
import { MonitoringScheduleStop } from "../resources/monitoring-schedule-stop";
import type { ServiceRole } from "../service-role";
import { transform } from "../support/transform";
import type { DriftMonitorArgs, DriftMonitorNodes, WatchedEndpoint } from "./arguments";
import { INSTANCE_TYPE, reportsUri, volumeKey, withoutSlash } from "./starter";

const PROCESSING = "/opt/ml/processing";
const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;

/** What the jobs of the schedule run as, and with what. */
interface Runs {
  readonly image: pulumi.Input<string>;
  readonly role: ServiceRole;
  /** S3 URI of the record preprocessor. */
  readonly preprocessorUri: pulumi.Input<string>;
}

/**
 * Has Model Monitor watch an endpoint. Each release has a schedule of its own, named after it: that of the release before is deleted with
 * its endpoint, and until then goes on watching it.
 */
export function modelMonitor(
  name: string,
  args: DriftMonitorArgs,
  endpoint: WatchedEndpoint,
  runs: Runs,
  parent: pulumi.Resource,
): Pick<DriftMonitorNodes, "jobDefinition" | "schedule" | "scheduleStop"> {
  const { release } = endpoint;
  const made = transform<sagemaker.DataQualityJobDefinitionArgs>(
    args.transform?.jobDefinition,
    `${name}-${release}-quality`,
    definition(args, endpoint, runs),
    // The AWS provider would leave the old role in place.
    { parent, replaceOnChanges: ["roleArn"] },
  );
  const jobDefinition = new sagemaker.DataQualityJobDefinition(...named(args.monitorName, made));
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
  return { jobDefinition, schedule, scheduleStop };
}

function definition(
  args: DriftMonitorArgs,
  { endpointName, release }: WatchedEndpoint,
  { image, role, preprocessorUri }: Runs,
): sagemaker.DataQualityJobDefinitionArgs {
  const baseline = (file: string) => ({
    s3Uri: pulumi.interpolate`${withoutSlash(args.baselineUri)}/${file}.json`.apply((uri) =>
      uri.replaceAll("{release}", release),
    ),
  });
  return {
    roleArn: role.arn,
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
        s3Output: { s3Uri: reportsUri(args), localPath: `${PROCESSING}/output`, s3UploadMode: "EndOfJob" },
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
