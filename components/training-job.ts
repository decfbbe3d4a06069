import * as pulumi from "@pulumi/pulumi";
import { findBucket, readFolders, writeFolder } from "./container-permissions";
import { jobInputs, jobRole } from "./jobs/job-parts";
import { digestOf, sourceFiles, uploadSource, type UploadedSource } from "./jobs/source";
import { TrainingJobRun } from "./resources/training-job-run";
import { refuse } from "./support/problems";
import type { TrainingJobArgs, TrainingJobNodes } from "./training-job/arguments";
import { CODE_CHANNEL, PROGRAM, SUBMIT_DIRECTORY, trainingProblems } from "./training-job/checks";

/**
 * A SageMaker training job, waited for. Unless a role is given, it has one of its own that reads its channels and writes its output and
 * nothing else.
 *
 * A job cannot be changed: another definition needs another `jobName`. Interrupted, the next update finds the job by its name and goes
 * on watching it. A job that failed because SageMaker had no capacity or an internal error is tried again by the next update, under a name of
 * its own: `<jobName>-attempt-2`. Deleting stops the job if it still runs; its archive stays.
 */
export class TrainingJob extends pulumi.ComponentResource {
  /** ARN of the job that completed: that of a later attempt, where the first had no capacity. */
  readonly jobArn: pulumi.Output<string>;
  /** S3 URI of the model archive. */
  readonly modelDataUrl: pulumi.Output<string>;
  /** Final metrics by name, such as `validation:rmse`. */
  readonly metrics: pulumi.Output<Record<string, number>>;
  /** Seconds that AWS charges for; on spot capacity fewer than the job ran. */
  readonly billableSeconds: pulumi.Output<number>;
  /** The children. */
  readonly nodes: TrainingJobNodes;

  constructor(name: string, args: TrainingJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:TrainingJob", name, {}, opts);
    refuse(trainingProblems(args), this);
    const source = upload(name, args, this);
    const { arn, ...role } = jobRole(name, args, permissions(args, source), this);
    const job = new TrainingJobRun(
      name,
      {
        ...jobInputs(args, arn, this),
        trainingImage: args.trainingImage,
        hyperparameters: { ...args.hyperparameters, ...toolkit(args) },
        channels: [
          ...args.channels.map((channel) => ({ contentType: "text/csv", ...channel })),
          ...(source === undefined ? [] : [{ name: CODE_CHANNEL, s3Uri: source.uploadedUri }]),
        ],
        s3OutputPath: args.outputUri,
        maxRuntimeSeconds: args.maxRuntimeSeconds,
        metricDefinitions: args.metricDefinitions,
        maxWaitSeconds: args.spot?.maxWaitSeconds,
        checkpointUri: args.checkpointUri,
        experiment: args.experiment && { ...args.experiment, displayName: "Training" },
        gate: args.qualityGate,
      },
      { parent: this },
    );
    this.nodes = { ...role, job, source: source?.objects ?? [] };
    this.jobArn = job.jobArn;
    this.modelDataUrl = job.modelDataUrl;
    this.metrics = job.metrics;
    this.billableSeconds = job.billableSeconds;
    this.registerOutputs({
      jobArn: this.jobArn,
      modelDataUrl: this.modelDataUrl,
      metrics: this.metrics,
      billableSeconds: this.billableSeconds,
    });
  }
}

function upload(name: string, args: TrainingJobArgs, parent: pulumi.Resource): UploadedSource | undefined {
  if (args.sourceDirectory === undefined) {
    return undefined;
  }
  const files = sourceFiles(args.sourceDirectory);
  return uploadSource(
    files,
    { name: ({ key }) => `${name}-source-${key}`, digest: digestOf(files) },
    args.outputUri,
    parent,
  );
}

function permissions({ jobName, ...args }: TrainingJobArgs, source: UploadedSource | undefined) {
  const { channels, outputUri, checkpointUri } = args;
  const inputs = [...channels.map(({ s3Uri }) => s3Uri), ...(source === undefined ? [] : [source.folderUri])];
  return {
    description: `Training job ${jobName}: reads its channels, writes its archive`,
    image: args.trainingImage,
    logGroups: "/aws/sagemaker/TrainingJobs",
    statements: (partition: pulumi.Output<string>) => [
      ...readFolders(partition, inputs),
      writeFolder(partition, outputUri, jobName),
      findBucket(partition, outputUri),
      ...(checkpointUri === undefined
        ? []
        : [...readFolders(partition, [checkpointUri]), writeFolder(partition, checkpointUri)]),
    ],
  };
}

/** Tells SageMaker's toolkit, which reads hyperparameters as JSON, where the script is. It takes a folder as well as an archive. */
function toolkit({ entryPoint }: TrainingJobArgs): Record<string, string> {
  return entryPoint === undefined
    ? {}
    : {
        [PROGRAM]: JSON.stringify(entryPoint),
        [SUBMIT_DIRECTORY]: JSON.stringify(`/opt/ml/input/data/${CODE_CHANNEL}`),
      };
}
