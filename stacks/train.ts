import { join } from "node:path";
import { BaselineJob } from "../components/baseline-job";
import { TrainingJob } from "../components/training-job";
import type { StackConfig } from "../lib/config";
import { packageRoot } from "../lib/package-root";
import { releaseNames } from "../lib/release";
import { model, type HyperparameterList } from "../model";
import { bucketOf, prebuiltImage, releaseTags, trainingJobOf } from "./common";
import { requirePlaces } from "./places";

/** Trains a release's model and, at the same time, describes its training data. The model must pass the quality gate. */
export async function train(config: StackConfig<"train">) {
  const bucket = await bucketOf(config);
  const names = releaseNames({ ...config, bucket });
  const dataUri = (folder: keyof typeof model.dataFiles) => `s3://${bucket}/${model.dataPrefix}/${folder}`;
  const { trainingDataUri, validationDataUri, baselineDataUri } = config;
  const named = { trainingDataUri, validationDataUri, baselineDataUri };
  const data = {
    trainingDataUri: trainingDataUri ?? dataUri("training"),
    validationDataUri: validationDataUri ?? dataUri("validation"),
    baselineDataUri: baselineDataUri ?? dataUri("baseline"),
  };
  // A release that has been trained does not need its data any more. The pipeline names those of its releases, and a pull request has none.
  const isTrained = async () => (await trainingJobOf({ ...config, bucket })) !== undefined;
  const needed = config.permissionsBoundaryArn === undefined ? data : named;
  await requirePlaces(bucket, async () => ((await isTrained()) ? {} : needed));
  const common = {
    kmsKeyArn: config.kmsKeyArn,
    enableNetworkIsolation: config.networkIsolation,
    experiment: { experimentName: names.experiment, trialName: names.trial },
    tags: releaseTags(config),
    pollSeconds: config.pollSeconds,
  };
  const training = new TrainingJob(`training-${config.release}`, {
    ...common,
    jobName: names.trainingJob,
    trainingImage: prebuiltImage(model.image),
    channels: [
      { name: "train", s3Uri: data.trainingDataUri },
      { name: "validation", s3Uri: data.validationDataUri },
    ],
    hyperparameters: { ...model.hyperparameters, ...asText(config.hyperparameters) },
    outputUri: names.trainingOutputUri,
    instanceType: config.trainingInstanceType,
    maxRuntimeSeconds: config.trainingMaxRuntimeSeconds,
    qualityGate: { metricName: model.qualityGate.metric, maximum: config.maximumRmse },
  });
  const baseline = new BaselineJob(`baseline-${config.release}`, {
    ...common,
    jobName: names.baselineJob,
    image: prebuiltImage(model.baseline.image),
    datasetUri: data.baselineDataUri,
    scriptFile: join(packageRoot(), model.baseline.script),
    outputUri: names.baselineUri,
    instanceType: config.baselineInstanceType,
    maxRuntimeSeconds: config.baselineMaxRuntimeSeconds,
  });
  return {
    release: config.release,
    trainingJobArn: training.jobArn,
    modelDataUrl: training.modelDataUrl,
    metrics: training.metrics,
    billableSeconds: training.billableSeconds,
    statisticsUri: baseline.statisticsUri,
    constraintsUri: baseline.constraintsUri,
  };
}

function asText(hyperparameters: StackConfig<"train">["hyperparameters"]): Record<string, string> {
  const text = (value: string | HyperparameterList) =>
    typeof value === "string" ? value : model.hyperparameterList(value);
  return Object.fromEntries(Object.entries(hyperparameters).map(([name, value]) => [name, text(value)]));
}
