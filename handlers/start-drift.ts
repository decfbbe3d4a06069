import { GetAliasCommand, GetFunctionConfigurationCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  SageMakerClient,
  type CreateProcessingJobRequest,
} from "@aws-sdk/client-sagemaker";
import { VARIABLES } from "../lib/contract";
import { explained } from "../lib/errors";
import { hourFolder, jobName, windowOf, type TimeWindow } from "./drift-window";
import { driftSettings, type DriftSettings } from "./drift-settings";
import { log } from "./log";

/** What starts the function: EventBridge with the time of the schedule, or a person with any window. */
export interface DriftEvent {
  /** When the schedule was due. @default - now */
  readonly time?: string;
  /** Begin and end of a window, such as `2026-03-01T00:00:00Z`. @default - the last whole window before `time` */
  readonly from?: string;
  readonly to?: string;
}

/** One release that traffic goes to. */
interface Watched {
  readonly endpointName: string;
  readonly release: string;
  /** Share of the traffic, 0 to 1. */
  readonly share: number;
}

/** What became of one endpoint's window. */
export interface StartedJob {
  readonly jobName: string;
  readonly endpointName: string;
  readonly release: string;
  /** `exists` if a job for this window had been started before. */
  readonly status: "started" | "exists";
}

const retries = { maxAttempts: 5 };
const lambda = new LambdaClient(retries);
const sageMaker = new SageMakerClient(retries);

/**
 * Starts a processing job for each release that traffic goes to, which compares a window of its traffic with its baseline. A window has one
 * job at most, whatever calls the function and however often. Every release is taken care of, and the jobs of the window before are looked
 * at, before it fails by what was wrong with any of them: so a job that failed is told by the function's errors.
 */
export async function handler(event: DriftEvent): Promise<{ window: TimeWindow; jobs: StartedJob[] }> {
  const settings = driftSettings();
  const window = windowOf(event, settings.windowSeconds, new Date());
  const watched = await releasesWithTraffic(settings);
  const live = watched.reduce((most, one) => (one.share > most.share ? one : most));
  const results = await Promise.allSettled(watched.map((one) => start(settings, window, one, one === live)));
  const before = isScheduled(event)
    ? await Promise.allSettled(watched.map((one) => lookAtJobBefore(settings, window, one)))
    : [];
  const jobs = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  log("INFO", "drift jobs of a window", { from: window.from, to: window.to, jobs });
  const problems = [...results, ...before].flatMap((result) =>
    result.status === "rejected" ? [explained(result.reason).message] : [],
  );
  if (problems.length > 0) {
    throw new Error(problems.join("; "));
  }
  return { window, jobs };
}

function isScheduled({ from, to }: DriftEvent): boolean {
  return from === undefined && to === undefined;
}

/** By the alias' routing: the old release during a shift and after a rollback, and no release that is only kept. */
async function releasesWithTraffic({ functionName, aliasName }: DriftSettings): Promise<[Watched, ...Watched[]]> {
  const alias = await lambda.send(new GetAliasCommand({ FunctionName: functionName, Name: aliasName }));
  const others = Object.entries(alias.RoutingConfig?.AdditionalVersionWeights ?? {});
  const rest = 1 - others.reduce((sum, [, weight]) => sum + weight, 0);
  const versions = [...others, [alias.FunctionVersion ?? "", rest] as const].filter(([, share]) => share > 0);
  const [first, ...more] = await Promise.all(
    versions.map(async ([version, share]) => ({ ...(await releaseOf(functionName, version)), share })),
  );
  if (first === undefined) {
    throw new Error(`alias ${aliasName} of ${functionName} sends traffic to no version`);
  }
  return [first, ...more];
}

async function releaseOf(functionName: string, version: string): Promise<Omit<Watched, "share">> {
  const { Environment: environment } = await lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: functionName, Qualifier: version }),
  );
  const { [VARIABLES.endpointName]: endpointName, [VARIABLES.release]: release } = environment?.Variables ?? {};
  if (endpointName === undefined || release === undefined) {
    const why = environment?.Error?.Message ?? "it names none";
    const names = `${VARIABLES.endpointName} and ${VARIABLES.release}`;
    throw new Error(`version ${version} of ${functionName} must name ${names} in its environment: ${why}`);
  }
  return { endpointName, release };
}

async function start(
  settings: DriftSettings,
  window: TimeWindow,
  watched: Watched,
  isLive: boolean,
): Promise<StartedJob> {
  const { endpointName, release } = watched;
  const name = jobName(settings.schedule, endpointName, window);
  const job = { jobName: name, endpointName, release };
  try {
    await sageMaker.send(new CreateProcessingJobCommand(jobRequest(settings, window, job, isLive)));
    return { ...job, status: "started" };
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceInUse") {
      return { ...job, status: "exists" };
    }
    throw new Error(`drift job ${name} of endpoint ${endpointName}: ${explained(error).message}`, { cause: error });
  }
}

/** Throws if the job of the window before has failed. */
async function lookAtJobBefore(settings: DriftSettings, window: TimeWindow, { endpointName }: Watched): Promise<void> {
  const lengthMs = Date.parse(window.to) - Date.parse(window.from);
  const before = { from: new Date(Date.parse(window.from) - lengthMs).toISOString(), to: window.from };
  const ProcessingJobName = jobName(settings.schedule, endpointName, before);
  try {
    const job = await sageMaker.send(new DescribeProcessingJobCommand({ ProcessingJobName }));
    if (job.ProcessingJobStatus === "Failed" || job.ProcessingJobStatus === "Stopped") {
      const why = [job.FailureReason, job.ExitMessage].filter((part) => part !== undefined).join(": ");
      throw new Error(
        `drift job ${ProcessingJobName} has ended as ${job.ProcessingJobStatus}: ${why || "no reason given"}`,
      );
    }
  } catch (error) {
    // The endpoint had no traffic then, or nobody watched it yet.
    if (error instanceof Error && error.name === "ValidationException" && /could not find/i.test(error.message)) {
      return;
    }
    throw error;
  }
}

const PROCESSING = "/opt/ml/processing";

function jobRequest(
  settings: DriftSettings,
  window: TimeWindow,
  job: Omit<StartedJob, "status">,
  isLive: boolean,
): CreateProcessingJobRequest {
  const { endpointName, release } = job;
  const input = (InputName: string, S3Uri: string) => ({
    InputName,
    S3Input: {
      ...{ S3Uri, LocalPath: `${PROCESSING}/input/${InputName}` },
      ...({ S3DataType: "S3Prefix", S3InputMode: "File", S3DataDistributionType: "FullyReplicated" } as const),
    },
  });
  const reports = `${settings.reportsUri}/${endpointName}/${hourFolder(window, settings.windowSeconds, job.jobName)}`;
  const output = { S3Uri: reports, LocalPath: `${PROCESSING}/output`, S3UploadMode: "EndOfJob" } as const;
  return {
    ProcessingJobName: job.jobName,
    RoleArn: settings.jobRoleArn,
    AppSpecification: {
      ImageUri: settings.image,
      ContainerEntrypoint: ["python3", `${PROCESSING}/input/code/drift.py`],
      ContainerArguments: [
        ...["--settings", `${PROCESSING}/input/code/settings.json`, "--captures", settings.capturesUri],
        ...["--endpoint", endpointName, "--release", release, "--from", window.from, "--to", window.to],
        ...["--schedule", settings.schedule, ...(isLive ? ["--live"] : [])],
      ],
    },
    // What boto3 needs to find its services.
    Environment: { AWS_DEFAULT_REGION: settings.region },
    ProcessingInputs: [
      input("code", settings.codeUri),
      input("baseline", settings.baselineUri.replaceAll("{release}", release)),
    ],
    ProcessingOutputConfig: {
      Outputs: [{ OutputName: "reports", S3Output: output }],
      KmsKeyId: settings.kmsKeyArn,
    },
    ProcessingResources: {
      ClusterConfig: {
        InstanceType: settings.instanceType,
        InstanceCount: 1,
        VolumeSizeInGB: settings.volumeSizeInGB,
        VolumeKmsKeyId: settings.volumeKmsKeyArn,
      },
    },
    StoppingCondition: { MaxRuntimeInSeconds: settings.maxRuntimeSeconds },
    NetworkConfig:
      settings.vpc === undefined
        ? undefined
        : { VpcConfig: { Subnets: [...settings.vpc.subnetIds], SecurityGroupIds: [...settings.vpc.securityGroupIds] } },
    Tags: Object.entries(settings.tags ?? {}).map(([Key, Value]) => ({ Key, Value })),
  };
}
