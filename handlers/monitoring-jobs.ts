import {
  CreateProcessingJobCommand,
  DescribeProcessingJobCommand,
  SageMakerClient,
  type CreateProcessingJobRequest,
} from "@aws-sdk/client-sagemaker";
import { explained } from "../lib/errors";
import { log } from "./log";
import type { MonitorSettings } from "./monitor-settings";
import type { TimeWindow } from "./time-window";
import { releasesWithTraffic, type Watched } from "./watched-releases";

/** What starts a monitor's function: EventBridge with the time of the schedule, or a person with any window. */
export interface MonitorEvent {
  /** When the schedule was due. @default - now */
  readonly time?: string;
  /** Begin and end of a window, such as `2026-03-01T00:00:00Z`. @default - the schedule's own before `time` */
  readonly from?: string;
  readonly to?: string;
}

/** What became of one endpoint's window. */
export interface StartedJob {
  readonly jobName: string;
  readonly endpointName: string;
  readonly release: string;
  /** `exists` if a job for this window had been started before. */
  readonly status: "started" | "exists";
}

/** What a job of one endpoint does. */
interface JobProgram {
  /** File of the program in the folder of code. */
  readonly file: string;
  readonly arguments: readonly string[];
  /** Where its inputs are, by their names. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Where what it writes goes. */
  readonly outputUri: string;
}

/** The jobs of a window. */
export interface JobsOfWindow {
  readonly settings: MonitorSettings;
  /** What the jobs are called in messages, such as `drift job`. */
  readonly kind: string;
  readonly window: TimeWindow;
  readonly nameOf: (endpointName: string) => string;
  /** Further releases that are looked at. @param current those that have traffic @default - none */
  readonly further?: (current: readonly Watched[]) => Promise<readonly Watched[]>;
  /** Name of an endpoint's job before, which is looked at. @default - none is */
  readonly nameBefore?: (endpointName: string) => string;
  readonly program: (job: Omit<StartedJob, "status">) => JobProgram | Promise<JobProgram>;
}

const sageMaker = new SageMakerClient({ maxAttempts: 5 });

/**
 * Starts a processing job for each release that traffic goes to, and for further ones. Every release is taken care of, and the jobs before are looked at, before it
 * fails by what was wrong with any of them: so a job that failed is told by the function's errors.
 */
export async function startJobs(jobs: JobsOfWindow): Promise<{ window: TimeWindow; jobs: StartedJob[] }> {
  const { kind, window, nameBefore, further } = jobs;
  const current = await releasesWithTraffic(jobs.settings);
  const live = current.reduce((most, one) => (one.share > most.share ? one : most));
  const [others] = await Promise.allSettled([further?.(current) ?? []]);
  const watched = [...current, ...(others.status === "fulfilled" ? others.value : [])];
  const results = await Promise.allSettled(watched.map((one) => start(jobs, one, one === live)));
  const before =
    nameBefore === undefined
      ? []
      : await Promise.allSettled(watched.map(({ endpointName }) => lookAt(nameBefore(endpointName), kind)));
  const started = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  log("INFO", `${kind}s of a window`, { from: window.from, to: window.to, jobs: started });
  const problems = [others, ...results, ...before].flatMap((result) =>
    result.status === "rejected" ? [explained(result.reason).message] : [],
  );
  if (problems.length > 0) {
    throw new Error(problems.join("; "));
  }
  return { window, jobs: started };
}

async function start(jobs: JobsOfWindow, { endpointName, release }: Watched, isLive: boolean): Promise<StartedJob> {
  const job = { jobName: jobs.nameOf(endpointName), endpointName, release };
  try {
    const request = jobRequest(jobs, job, await jobs.program(job), isLive);
    await sageMaker.send(new CreateProcessingJobCommand(request));
    return { ...job, status: "started" };
  } catch (error) {
    if (error instanceof Error && error.name === "ResourceInUse") {
      return { ...job, status: "exists" };
    }
    throw new Error(`${jobs.kind} ${job.jobName} of endpoint ${endpointName}: ${explained(error).message}`, {
      cause: error,
    });
  }
}

/** Throws if a job has failed. */
async function lookAt(ProcessingJobName: string, kind: string): Promise<void> {
  try {
    const job = await sageMaker.send(new DescribeProcessingJobCommand({ ProcessingJobName }));
    if (job.ProcessingJobStatus === "Failed" || job.ProcessingJobStatus === "Stopped") {
      const why = [job.FailureReason, job.ExitMessage].filter((part) => part !== undefined).join(": ");
      throw new Error(
        `${kind} ${ProcessingJobName} has ended as ${job.ProcessingJobStatus}: ${why || "no reason given"}`,
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
  { settings, window }: JobsOfWindow,
  { jobName, endpointName, release }: Omit<StartedJob, "status">,
  program: JobProgram,
  isLive: boolean,
): CreateProcessingJobRequest {
  const input = (InputName: string, S3Uri: string) => ({
    InputName,
    S3Input: {
      ...{ S3Uri, LocalPath: `${PROCESSING}/input/${InputName}` },
      ...({ S3DataType: "S3Prefix", S3InputMode: "File", S3DataDistributionType: "FullyReplicated" } as const),
    },
  });
  const output = { S3Uri: program.outputUri, LocalPath: `${PROCESSING}/output`, S3UploadMode: "EndOfJob" } as const;
  return {
    ProcessingJobName: jobName,
    RoleArn: settings.jobRoleArn,
    AppSpecification: {
      ImageUri: settings.image,
      ContainerEntrypoint: ["python3", `${PROCESSING}/input/code/${program.file}`],
      ContainerArguments: [
        ...["--settings", `${PROCESSING}/input/code/settings.json`, "--captures", settings.capturesUri],
        ...["--endpoint", endpointName, "--release", release, "--from", window.from, "--to", window.to],
        ...["--schedule", settings.schedule, ...(isLive ? ["--live"] : []), ...program.arguments],
      ],
    },
    // What boto3 needs to find its services.
    Environment: { AWS_DEFAULT_REGION: settings.region },
    ProcessingInputs: [
      input("code", settings.codeUri),
      ...Object.entries(program.inputs).map(([name, uri]) => input(name, uri)),
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
