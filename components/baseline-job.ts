import * as pulumi from "@pulumi/pulumi";
import type * as s3 from "@pulumi/aws/s3";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { findBucket, readFolders, writeFolder } from "./container-permissions";
import { JOB_ARGUMENTS, type JobArgs } from "./jobs/arguments";
import { jobInputs, jobProblems, jobRole } from "./jobs/job-parts";
import { uploadSource, type UploadedSource } from "./jobs/source";
import { ProcessingJobRun } from "./resources/processing-job-run";
import type { ServiceRole } from "./service-role";
import { refuse, unknownKeys } from "./support/problems";
import { s3UriProblems } from "./support/s3-uris";

/** Arguments of {@link BaselineJob}. */
export interface BaselineJobArgs extends JobArgs {
  /** URI of the image that runs the script. It must have Python, NumPy and pandas, as SageMaker's scikit-learn image has. */
  readonly image: pulumi.Input<string>;
  /** S3 URI of the folder, or of the object, of the training data with a header line. */
  readonly datasetUri: pulumi.Input<string>;
  /** File of the Python program that computes the baseline; uploaded beside its output. Another program is another job. */
  readonly scriptFile: string;
  /** Arguments of the program. @default - none */
  readonly scriptArguments?: readonly pulumi.Input<string>[];
  /** S3 prefix that `statistics.json` and `constraints.json` are written to. */
  readonly outputUri: pulumi.Input<string>;
  /** Seconds after which SageMaker stops the job, at most 9 days. The update waits an hour longer, for instances and data. @default 1800 */
  readonly maxRuntimeSeconds?: number;
}

/** The children of a {@link BaselineJob}; role and policy are absent where `executionRoleArn` is given. */
export interface BaselineJobNodes extends Partial<Omit<ServiceRole, "arn">> {
  /** The job, which the update waits for. */
  readonly job: pulumi.CustomResource;
  /** The program, as it was uploaded. */
  readonly script: readonly s3.BucketObjectv2[];
}

/**
 * A SageMaker processing job that describes the training data, so that drift can be measured later. The update waits for it. It writes the
 * files of Model Monitor (statistics.json, constraints.json) without using that service.
 */
export class BaselineJob extends pulumi.ComponentResource {
  /** ARN of the job that completed: that of a later attempt, where the first had no capacity. */
  readonly jobArn: pulumi.Output<string>;
  /** S3 URI of the distribution of every column. */
  readonly statisticsUri: pulumi.Output<string>;
  /** S3 URI of the rules for new data. */
  readonly constraintsUri: pulumi.Output<string>;
  /** The children. */
  readonly nodes: BaselineJobNodes;

  constructor(name: string, args: BaselineJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:BaselineJob", name, {}, opts);
    refuse(baselineProblems(args), this);
    const script = upload(name, args, this);
    const { arn, ...role } = jobRole(name, args, permissions(args, script), this);
    const job = new ProcessingJobRun(
      name,
      {
        ...jobInputs(args, arn, this),
        image: args.image,
        entrypoint: ["python3", `${PROCESSING}/input/code/${SCRIPT}`],
        arguments: args.scriptArguments,
        inputs: [
          { name: "dataset", s3Uri: args.datasetUri, localPath: `${PROCESSING}/input/baseline` },
          { name: "code", s3Uri: script.uploadedUri, localPath: `${PROCESSING}/input/code` },
        ],
        outputs: [{ name: "baseline", s3Uri: args.outputUri, localPath: `${PROCESSING}/output` }],
        maxRuntimeSeconds: args.maxRuntimeSeconds ?? 1800,
        experiment: args.experiment && { ...args.experiment, displayName: "Baseline" },
      },
      { parent: this },
    );
    const written = (file: string) =>
      pulumi.all([args.outputUri, job.outputUris]).apply(([uri]) => `${uri.replace(/\/+$/, "")}/${file}`);
    this.nodes = { ...role, job, script: script.objects };
    this.jobArn = job.jobArn;
    this.statisticsUri = written("statistics.json");
    this.constraintsUri = written("constraints.json");
    this.registerOutputs({
      jobArn: this.jobArn,
      statisticsUri: this.statisticsUri,
      constraintsUri: this.constraintsUri,
    });
  }
}

/** 9 days: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProcessingStoppingCondition.html */
const MOST_SECONDS = 777_600;

function baselineProblems(args: BaselineJobArgs): string[] {
  return [
    ...unknownKeys(args, Object.keys(ARGUMENTS)),
    ...jobProblems(args, MOST_SECONDS),
    ...s3UriProblems({ datasetUri: args.datasetUri, outputUri: args.outputUri }),
    ...(existsSync(args.scriptFile) ? [] : [`scriptFile must be a file, got "${args.scriptFile}"`]),
  ];
}

/** Uploads the program. Its folder has the digest of its content, so another program makes another definition of the job. */
function upload(name: string, { scriptFile, outputUri }: BaselineJobArgs, parent: pulumi.Resource): UploadedSource {
  const digest = createHash("sha256").update(readFileSync(scriptFile)).digest("hex").slice(0, 16);
  return uploadSource([{ key: SCRIPT, path: scriptFile }], { name: () => `${name}-script`, digest }, outputUri, parent);
}

function permissions({ jobName, image, datasetUri, outputUri }: BaselineJobArgs, script: UploadedSource) {
  return {
    description: `Baseline job ${jobName}: reads the training data, writes the baseline`,
    image,
    logGroups: "/aws/sagemaker/ProcessingJobs",
    statements: (partition: pulumi.Output<string>) => [
      ...readFolders(partition, [datasetUri, script.folderUri]),
      writeFolder(partition, outputUri),
      findBucket(partition, outputUri),
    ],
  };
}

/** Where SageMaker puts a processing job's files: https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html */
const PROCESSING = "/opt/ml/processing";
const SCRIPT = "baseline.py";

/** Every argument; the compiler sees that none is missing. */
const ARGUMENTS: Readonly<Record<keyof Required<BaselineJobArgs>, true>> = {
  ...JOB_ARGUMENTS,
  image: true,
  datasetUri: true,
  scriptFile: true,
  scriptArguments: true,
  outputUri: true,
};
