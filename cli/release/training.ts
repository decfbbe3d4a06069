import {
  DescribeProcessingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  type DescribeTrainingJobCommandOutput,
} from "@aws-sdk/client-sagemaker";
import { isNoSuchJob, newestAttempt } from "../../lib/attempts";
import { releaseNames, trainingJobName } from "../../lib/release";
import { tagsOf } from "../serving/endpoints";
import type { AwsSettings } from "../support/context";

/** The job that has trained a release, or trains it. */
export interface Training {
  readonly jobName: string;
  /** SageMaker's word, such as `Completed`, and what goes on in it, such as `Downloading`. */
  readonly status: string;
  readonly secondaryStatus: string;
  readonly why: string | undefined;
  readonly startedAt: string | undefined;
  /** So far, if it has not ended. */
  readonly seconds: number | undefined;
  readonly hyperparameters: Readonly<Record<string, string>>;
  /** Their newest values. */
  readonly metrics: Readonly<Record<string, number>>;
  /** S3 URIs of its data by channel. */
  readonly data: Readonly<Record<string, string>>;
  readonly archiveUri: string | undefined;
  /** Commit and version of the data, if it was told them. */
  readonly tags: Readonly<Record<string, string>>;
}

/** The newest attempt at the training job of a release; `undefined` if there is none. */
export async function trainingOf(aws: AwsSettings, model: string, release: string): Promise<Training | undefined> {
  const client = new SageMakerClient(aws);
  const newest = await newestAttempt(
    trainingJobName(model, release),
    (TrainingJobName) => client.send(new DescribeTrainingJobCommand({ TrainingJobName })).catch(unlessMissing),
    ({ TrainingJobStatus }) => TrainingJobStatus === "Failed",
  );
  return newest && { ...factsOf(newest.found), tags: await tagsOf(client, newest.found.TrainingJobArn) };
}

/** SageMaker's word for how it stands with the job that describes the data of a release; `undefined` if there is none. */
export async function baselineStatusOf(aws: AwsSettings, model: string, release: string): Promise<string | undefined> {
  const client = new SageMakerClient(aws);
  const newest = await newestAttempt(
    releaseNames({ model, release, bucket: "" }).baselineJob,
    (ProcessingJobName) => client.send(new DescribeProcessingJobCommand({ ProcessingJobName })).catch(unlessMissing),
    ({ ProcessingJobStatus }) => ProcessingJobStatus === "Failed",
  );
  return newest?.found.ProcessingJobStatus;
}

function factsOf(job: DescribeTrainingJobCommandOutput): Omit<Training, "tags"> {
  const { TrainingStartTime: started, TrainingEndTime: ended = new Date() } = job;
  const metrics = (job.FinalMetricDataList ?? []).flatMap(({ MetricName, Value }) =>
    MetricName === undefined || Value === undefined ? [] : [[MetricName, Value] as const],
  );
  const channels = (job.InputDataConfig ?? []).flatMap(({ ChannelName, DataSource }) => {
    const uri = DataSource?.S3DataSource?.S3Uri;
    return ChannelName === undefined || uri === undefined ? [] : [[ChannelName, uri] as const];
  });
  return {
    jobName: job.TrainingJobName ?? "",
    status: job.TrainingJobStatus ?? "",
    secondaryStatus: job.SecondaryStatus ?? "",
    why: job.FailureReason,
    startedAt: started?.toISOString(),
    seconds: started && Math.round((ended.getTime() - started.getTime()) / 1000),
    hyperparameters: job.HyperParameters ?? {},
    metrics: Object.fromEntries(metrics),
    data: Object.fromEntries(channels),
    archiveUri: job.ModelArtifacts?.S3ModelArtifacts,
  };
}

function unlessMissing(error: unknown): undefined {
  if (isNoSuchJob(error)) {
    return undefined;
  }
  throw error;
}
