import * as pulumi from "@pulumi/pulumi";
import * as s3 from "@pulumi/aws/s3";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { callerAccount, callerPartition, callerRegion } from "./caller";
import { findBucket, readFolders, runContainer, useKey, writeFolder } from "./container-permissions";
import { parseS3Uri } from "../lib/s3-uri";
import { ProcessingJobRun } from "./resources/processing-job-run";
import { serviceRole } from "./service-role";
import { volumeKey, type JobArgs } from "./training-job";

/** Arguments of {@link BaselineJob}. */
export interface BaselineJobArgs extends JobArgs {
  /** URI of the image that runs the script. It must have Python, NumPy and pandas, as SageMaker's scikit-learn image has. */
  readonly image: pulumi.Input<string>;
  /** S3 URI of the folder, or of the object, of the training data with a header line. */
  readonly datasetUri: string;
  /** File of the Python program that computes the baseline; uploaded beside its output. Another program is another job. */
  readonly scriptFile: string;
  /** S3 prefix that `statistics.json` and `constraints.json` are written to. */
  readonly outputUri: string;
}

/**
 * A SageMaker processing job that describes the training data, so that drift can be measured later. The update waits for it. It writes the
 * files of Model Monitor (statistics.json, constraints.json) without using that service.
 */
export class BaselineJob extends pulumi.ComponentResource {
  readonly jobArn: pulumi.Output<string>;
  /** S3 URI of the distribution of every column. */
  readonly statisticsUri: pulumi.Output<string>;
  /** S3 URI of the rules for new data. */
  readonly constraintsUri: pulumi.Output<string>;

  constructor(name: string, args: BaselineJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-safe-deploy:index:BaselineJob", name, {}, opts);
    const script = uploadScript(name, args, this);
    const partition = callerPartition(this);
    const volumeKmsKeyId = volumeKey(args);
    const { arn: roleArn } = serviceRole(
      `${name}-role`,
      {
        description: `Baseline job ${args.jobName}: reads the training data, writes the baseline`,
        service: "sagemaker.amazonaws.com",
        statements: [
          ...readFolders(partition, [args.datasetUri, script.folderUri]),
          writeFolder(partition, args.outputUri),
          findBucket(partition, args.outputUri),
          ...runContainer(partition, args.image, "/aws/sagemaker/ProcessingJobs"),
          ...useKey(args.kmsKeyArn, { writes: true, volumes: volumeKmsKeyId !== undefined }),
        ],
        tags: args.tags,
      },
      this,
    );
    const job = new ProcessingJobRun(
      name,
      {
        region: callerRegion(this),
        account: callerAccount(this),
        jobName: args.jobName,
        roleArn,
        image: args.image,
        entrypoint: ["python3", `${PROCESSING}/input/code/${SCRIPT}`],
        inputs: [
          { name: "dataset", s3Uri: args.datasetUri, localPath: `${PROCESSING}/input/baseline` },
          { name: "code", s3Uri: script.uploadedUri, localPath: `${PROCESSING}/input/code` },
        ],
        outputs: [{ name: "baseline", s3Uri: args.outputUri, localPath: `${PROCESSING}/output` }],
        outputKmsKeyId: args.kmsKeyArn,
        volumeKmsKeyId,
        instanceType: args.instanceType,
        volumeSizeInGB: args.volumeSizeInGB,
        maxRuntimeSeconds: args.maxRuntimeSeconds ?? 1800,
        enableNetworkIsolation: args.networkIsolation,
        experiment: args.experiment && { ...args.experiment, displayName: "Baseline" },
        tags: args.tags,
        pollSeconds: args.pollSeconds,
      },
      { parent: this },
    );
    this.jobArn = job.jobArn;
    this.statisticsUri = job.outputUris.apply(() => `${args.outputUri}/statistics.json`);
    this.constraintsUri = job.outputUris.apply(() => `${args.outputUri}/constraints.json`);
    this.registerOutputs({
      jobArn: this.jobArn,
      statisticsUri: this.statisticsUri,
      constraintsUri: this.constraintsUri,
    });
  }
}

/** Uploads the program for the job. The key contains its digest, so another program makes another definition of the job. */
function uploadScript(name: string, args: BaselineJobArgs, parent: pulumi.Resource) {
  const digest = createHash("sha256").update(readFileSync(args.scriptFile)).digest("hex").slice(0, 16);
  const folderUri = `${args.outputUri}/code/${digest}`;
  const { bucket = "", key: folder = "" } = parseS3Uri(folderUri) ?? {};
  const object = new s3.BucketObjectv2(
    `${name}-script`,
    { bucket, key: `${folder}/${SCRIPT}`, source: new pulumi.asset.FileAsset(args.scriptFile) },
    { parent },
  );
  return { folderUri, uploadedUri: object.id.apply(() => folderUri) };
}

/** Where SageMaker puts a processing job's files: https://docs.aws.amazon.com/sagemaker/latest/dg/build-your-own-processing-container.html */
const PROCESSING = "/opt/ml/processing";
const SCRIPT = "baseline.py";
