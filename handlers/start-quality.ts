import { DescribeTrainingJobCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { isNoSuchJob, newestAttempt } from "../lib/attempts";
import { releasesThatAnswered } from "./answered-releases";
import { startJobs, type MonitorEvent } from "./monitoring-jobs";
import { qualitySettings, type QualitySettings } from "./quality-settings";
import { daysLater, isScheduled, isWholeDays, jobName, windowOf } from "./time-window";

const DAY_SECONDS = 86_400;

const sageMaker = new SageMakerClient({ maxAttempts: 5 });

/**
 * Starts a processing job for each release that has answered, which measures how well it has predicted: on each of the last days, since
 * labels arrive late, or on those of any window. A release that has been replaced since is one of them. The schedule has one job a day; a call by hand always starts one, for labels may have arrived.
 */
export async function handler(event: MonitorEvent): ReturnType<typeof startJobs> {
  const settings = qualitySettings();
  const { schedule, days, labelsUri, reportsUri } = settings;
  const now = new Date();
  const byHand = isScheduled(event) ? undefined : now.toISOString();
  const asked = windowOf(event, DAY_SECONDS, now);
  const window = byHand === undefined ? daysLater(asked, { begin: 1 - days, end: 0 }) : asked;
  const before = daysLater(window, { begin: -1, end: -1 });
  return startJobs({
    settings,
    kind: "quality job",
    window,
    further: (current) => releasesThatAnswered(settings, window, current),
    nameOf: (endpointName) => jobName(schedule, endpointName, window, byHand),
    ...(byHand === undefined ? { nameBefore: (endpointName) => jobName(schedule, endpointName, before) } : {}),
    program: async ({ jobName: ofJob, endpointName, release }) => {
      // A part of a day must not take the whole day's place.
      const outputUri = [reportsUri, endpointName, ...(isWholeDays(window) ? [] : [ofJob])].join("/");
      const limit = await limitOf(settings.training, release);
      return {
        file: "quality.py",
        arguments: ["--labels", labelsUri, "--reports", outputUri, ...limit],
        inputs: {},
        outputUri,
      };
    },
  });
}

/** The limit as the program takes it: so many times what was wrong in the release's training. */
async function limitOf(training: QualitySettings["training"], release: string): Promise<string[]> {
  if (training === undefined) {
    return [];
  }
  const { metricName, factor, isError } = training;
  const name = training.jobName.replaceAll("{release}", release);
  const found = await newestAttempt(name, findTraining, ({ TrainingJobStatus }) => TrainingJobStatus === "Failed");
  const value = found?.found.FinalMetricDataList?.find(({ MetricName }) => MetricName === metricName)?.Value;
  if (value === undefined) {
    const why = found === undefined ? "is not there" : `has no metric ${metricName}`;
    throw new Error(`training job ${name}, whose metric is the limit, ${why}`);
  }
  return ["--limit", String(isError ? value * factor : 1 - (1 - value) * factor)];
}

async function findTraining(TrainingJobName: string) {
  try {
    return await sageMaker.send(new DescribeTrainingJobCommand({ TrainingJobName }));
  } catch (error) {
    if (isNoSuchJob(error)) {
      return undefined;
    }
    throw error;
  }
}
